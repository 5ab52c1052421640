"""Training jobs that go on until they are stopped."""

from pedigree.aws.naming import SEPARATOR
from tests.lab.live_account import LiveAccount


def start_job(live: LiveAccount, name: str, tags: list[dict[str, str]]) -> str:
    """Its whole name, which begins with the project's."""
    name = f"{live.account.project}{SEPARATOR}{name}"
    live.client("sagemaker").create_training_job(
        TrainingJobName=name,
        RoleArn=live.account.training_role,
        AlgorithmSpecification={
            "TrainingImage": "local/pytorch-training:1",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["bash", "-c", "exec sleep 600"],
        },
        OutputDataConfig={"S3OutputPath": f"s3://{live.account.bucket}/training"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
        Tags=tags,
    )
    return name


def stop_jobs(live: LiveAccount) -> None:
    sagemaker = live.client("sagemaker")
    for job in sagemaker.list_training_jobs(NameContains=live.account.project, StatusEquals="InProgress")["TrainingJobSummaries"]:
        sagemaker.stop_training_job(TrainingJobName=job["TrainingJobName"])
