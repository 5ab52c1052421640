"""Training jobs for tests, with scripts of a few lines."""

import io
import json
import tarfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.lab.processes import wait_until
from tests.lab.running_aws import CONTAINER, RunningAws, allow
from tests.lab.sagemaker_hosting import archive

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.10.0-cpu-py313"
SAGEMAKER = {"Service": "sagemaker.amazonaws.com"}
ENTRYPOINT = ["bash", "-c", "cd $SAGEMAKER_BASE_DIR/input/data/code && exec python train.py"]
ENDED = {"Completed", "Failed", "Stopped"}


@dataclass
class Jobs:
    """Starts jobs in one bucket under one role and waits for them."""

    aws: RunningAws
    bucket: str
    role: str
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.aws.client("sagemaker")

    def put(self, key: str, body: str) -> None:
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body.encode())

    def channel(self, name: str, prefix: str, **source: str) -> dict[str, Any]:
        location = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.bucket}/{prefix}", **source}
        return {"ChannelName": name, "DataSource": {"S3DataSource": location}}

    def request(self, script: str, **changes: Any) -> dict[str, Any]:
        """A CreateTrainingJob request whose code channel holds `script` as train.py."""
        name = f"job-{uuid.uuid4().hex[:10]}"
        self.put(f"code/{name}/train.py", script)
        return {
            "TrainingJobName": name,
            "RoleArn": self.role,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File", "ContainerEntrypoint": ENTRYPOINT},
            "InputDataConfig": [self.channel("code", f"code/{name}/")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/jobs/"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        } | changes

    def script_mode(self, **files: str) -> dict[str, str]:
        """Hyperparameters as the SageMaker SDK sends them, for a script `train.py`; the keys of `files` stand for names with a dot."""
        key = f"source/{uuid.uuid4().hex}/sourcedir.tar.gz"
        content = archive({name.replace("_", "."): text for name, text in files.items()})
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)
        own = {"sagemaker_program": "train.py", "sagemaker_submit_directory": f"s3://{self.bucket}/{key}"}
        return {name: json.dumps(value) for name, value in own.items()}

    def start(self, script: str, **changes: Any) -> str:
        request = self.request(script, **changes)
        self.client.create_training_job(**request)
        return str(request["TrainingJobName"])

    def describe(self, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.describe_training_job(TrainingJobName=name)
        return answer

    def wait(self, name: str, until: Callable[[dict[str, Any]], bool] = lambda job: job["TrainingJobStatus"] in ENDED) -> dict[str, Any]:
        wait_until(lambda: until(self.describe(name)), f"{name} never got there")
        return self.describe(name)

    def run(self, script: str, **changes: Any) -> dict[str, Any]:
        return self.wait(self.start(script, **changes))

    def log(self, name: str, host: str = "algo-1") -> list[str]:
        """Lines of the host so far; the log group is made with the first line of all."""
        logs, group = self.aws.client("logs"), "/aws/sagemaker/TrainingJobs"
        try:
            streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/{host}-")["logStreams"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        found = [logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True) for stream in streams]
        return [event["message"] for events in found for event in events["events"]]

    def wait_for_line(self, name: str, line: str) -> None:
        self.wait(name, lambda job: job["SecondaryStatus"] == "Training")
        wait_until(lambda: line in self.log(name), f"{line!r} never came")

    def artifact(self, name: str, file: str = "model.tar.gz") -> dict[str, str]:
        """Contents of an archive by name of the file inside."""
        body = self.aws.client("s3").get_object(Bucket=self.bucket, Key=f"jobs/{name}/output/{file}")["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            members = [(member.name, archive.extractfile(member)) for member in archive if member.isfile()]
            return {name: content.read().decode() for name, content in members if content}

    def keys(self, name: str) -> set[str]:
        found = self.aws.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=f"jobs/{name}/").get("Contents", [])
        return {entry["Key"].rpartition("/")[2] for entry in found}


def make_jobs(aws: RunningAws) -> Jobs:
    bucket = aws.make_bucket()
    objects = f"arn:aws:s3:::{bucket}"
    read_and_write = allow(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], f"{objects}/*")
    return Jobs(aws, bucket, aws.make_role(CONTAINER, allow("s3:ListBucket", objects), read_and_write, trusts=SAGEMAKER))
