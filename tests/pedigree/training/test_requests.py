"""Every request fits AWS's own model of the call, and says what it should."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from pedigree.autoscaling.policies import policies
from pedigree.autoscaling.target import schedule_request
from pedigree.aws.errors import InvalidInput
from pedigree.aws.naming import Tag
from pedigree.aws.resources.table import PROVISIONED_TARGET
from pedigree.endpoint.config import endpoint_config_request, model_request
from pedigree.evaluation.evaluation_job import comparison_job_request, comparison_key
from pedigree.function.version import function_settings
from pedigree.registry.model_package import Origin, decision_request, model_package_request
from pedigree.settings import Autoscaling, Ec2, Function, ProvisionedSchedule, Serving, Training
from pedigree.trained_model import Candidate, Evaluation, TrainedModel
from pedigree.training.ec2 import launch
from pedigree.training.ec2.launch import command_request, instance_key, job_of, launch_request, on_one_instance
from pedigree.training.training_job import JobParts, training_job_request, training_key
from pedigree.training.ways import ways_of
from pedigree.tuning.trial_job import trial_job_request
from pedigree.values import Account, Champion, Dataset, Endpoint, ModelVersion
from tests.lab.comparisons import evaluated
from tests.lab.keys import key_of_training

ROLE = "arn:aws:iam::123456789012:role/pedigree-{}"
ACCOUNT = Account(
    "pedigree",
    "pedigree",
    "us-east-1",
    "bucket",
    ROLE.format("training"),
    ROLE.format("serving"),
    ROLE.format("function"),
    "arn:n",
    evaluation_role=ROLE.format("evaluation"),
)
DATASET = Dataset("d1", "s3://bucket/datasets/d1/", ("a", "b"), {"train": 4, "valid": 2, "test": 2}, "created")
TAGS: list[Tag] = [{"Key": "pedigree:project", "Value": "pedigree"}]
ARTIFACT = "s3://bucket/training/job/output/model.tar.gz"
MODEL = TrainedModel("t1", "job", 1, ARTIFACT, "c1", "d1", 60, [], Evaluation(("a", "b"), [[9, 1], [0, 10]], []), "created")
EC2_TRAINING = on_one_instance(Training(instance_count=4, volume_gb=20, max_runtime_seconds=3600), Ec2(instance_type="g4dn.xlarge"))
EC2_JOB = job_of("pets--ec2-1", JobParts(ACCOUNT, DATASET, "s3://bucket/code/c1/", EC2_TRAINING, "image"))
IMAGE = {
    "ImageId": "ami-1",
    "RootDeviceName": "/dev/xvda",
    "BlockDeviceMappings": [
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 75}},
        {"DeviceName": "/dev/xvdb", "Ebs": {"VolumeSize": 1}},
    ],
}
CHAMPION = Champion("pedigree", "config", "model", "arn:package/1", "job-0", "s3://bucket/training/job-0/output/model.tar.gz")
CANDIDATE = Candidate(MODEL, evaluated(champion=CHAMPION))


def training_job(name: str = "job", **settings: Any) -> Mapping[str, Any]:
    training = Training(**settings)
    return training_job_request(name, JobParts(ACCOUNT, DATASET, "s3://bucket/code/c1/", training, "image", TAGS))


def comparison_job(trained: TrainedModel = MODEL, champion: Champion | None = CHAMPION) -> Mapping[str, Any]:
    return comparison_job_request(
        "job", JobParts(ACCOUNT, DATASET, "s3://bucket/code/c1/", Training(), "image", TAGS), trained=trained, champion=champion
    )


def endpoint_config() -> Mapping[str, Any]:
    return endpoint_config_request(ACCOUNT, "pedigree--model-1", Serving(), TAGS)


LIVE = Endpoint("pedigree", "config", "AllTraffic", "model", "created")
STEPS = policies(LIVE, Autoscaling(policy="cpu steps"))
assert STEPS[0].alarm is not None
REQUESTS: dict[tuple[str, ...], Mapping[str, Any]] = {
    ("sagemaker", "CreateTrainingJob", "train"): training_job(),
    ("sagemaker", "CreateTrainingJob", "spot"): training_job(spot=True),
    ("sagemaker", "CreateTrainingJob", "compare"): comparison_job(),
    ("ec2", "RunInstances"): launch_request(EC2_JOB, account=ACCOUNT, image=IMAGE, group="sg-1", tags=TAGS),
    ("ssm", "SendCommand"): command_request(
        EC2_JOB, account=ACCOUNT, instance="i-0123456789abcdef0", uri="s3://b/job.json", log_group="/l"
    ),
    ("sagemaker", "CreateModelPackage"): model_package_request(ACCOUNT, "pedigree", CANDIDATE, "image", Origin("k" * 16, "e7a9")),
    ("sagemaker", "UpdateModelPackage"): decision_request(
        {"ModelPackageArn": "arn:aws:sagemaker:us-east-1:123456789012:model-package/pedigree/1"},
        approved=True,
        approver="Ada",
        reason="good",
    ),
    ("sagemaker", "CreateModel"): model_request(ACCOUNT, ModelVersion("arn:package/1", "k", ARTIFACT, "created"), Serving(), TAGS),
    ("sagemaker", "CreateEndpointConfig"): endpoint_config(),
    ("lambda", "CreateFunction"): {
        "Code": {"ZipFile": b""},
        **function_settings(ACCOUNT, LIVE, Function()),
    },
    ("application-autoscaling", "PutScalingPolicy"): policies(LIVE, Autoscaling())[0].request,
    ("application-autoscaling", "PutScalingPolicy", "latency"): policies(LIVE, Autoscaling(policy="latency"))[0].request,
    ("application-autoscaling", "PutScalingPolicy", "steps"): STEPS[0].request,
    ("application-autoscaling", "PutScheduledAction"): schedule_request(
        PROVISIONED_TARGET.id_of("function:pedigree:1"),
        ProvisionedSchedule(name="night", when="cron(0 22 * * ? *)", lowest=1, highest=1),
        1,
        1,
    ),
    ("cloudwatch", "PutMetricAlarm"): STEPS[0].alarm,
}


@pytest.mark.parametrize("call", REQUESTS, ids="-".join)
def test_the_request_fits_the_model_of_the_call(call: tuple[str, ...]) -> None:
    service, operation, *_ = call
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    assert shape is not None
    report = ParamValidator().validate(REQUESTS[call], shape)
    assert not report.has_errors(), report.generate_report()


def test_a_training_job_reads_code_and_the_three_splits() -> None:
    channels = {channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in training_job()["InputDataConfig"]}
    assert channels == {
        "code": "s3://bucket/code/c1/",
        "train": "s3://bucket/datasets/d1/train/",
        "valid": "s3://bucket/datasets/d1/valid/",
        "test": "s3://bucket/datasets/d1/test/",
    }


WEIGHTS = "s3://bucket/weights/0f1e2d3c4b5a6978/resnet50.pth"


def test_weights_are_a_channel_of_every_kind_of_training_that_was_given_some() -> None:
    parts = [
        JobParts(ACCOUNT, DATASET, "s3://bucket/code/c1/", way.training, "image")
        for way in ways_of(Training(weights=WEIGHTS, instance_count=2, compare=True), Ec2(enabled=True))
    ]
    jobs: list[Mapping[str, Any]] = [training_job_request("job", each) for each in parts]
    jobs += [trial_job_request("job", parts[0]), job_of("job", parts[-1])]
    folders = [
        [each["DataSource"]["S3DataSource"]["S3Uri"] for each in job["InputDataConfig"] if each["ChannelName"] == "weights"] for job in jobs
    ]
    assert folders == [["s3://bucket/weights/0f1e2d3c4b5a6978/"]] * 5
    assert "weights" not in {each["ChannelName"] for each in training_job()["InputDataConfig"]}
    assert "weights" not in jobs[0]["HyperParameters"]


def test_the_content_of_weights_decides_the_key_and_their_name_does_not() -> None:
    addresses = ("", WEIGHTS, WEIGHTS.replace("resnet50", "renamed"), WEIGHTS.replace("0f1e", "ffff"))
    keys = [key_of_training("d1", "c1", Training(weights=address)) for address in addresses]
    assert keys[1] == keys[2]
    assert len(set(keys)) == 3


@pytest.mark.parametrize("address", ["/home/me/resnet50.pth", "s3://another/weights/1/resnet50.pth", "s3://bucket/resnet50.pth"])
def test_a_job_reads_weights_from_their_place_in_the_bucket_only(address: str) -> None:
    with pytest.raises(InvalidInput, match="give them to inspect_dataset"):
        training_job(weights=address)


def test_a_comparison_reads_the_test_split_and_both_models() -> None:
    request = comparison_job()
    channels = {channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in request["InputDataConfig"]}
    assert channels == {
        "code": "s3://bucket/code/c1/",
        "test": "s3://bucket/datasets/d1/test/",
        "candidate": ARTIFACT,
        "champion": CHAMPION.artifact,
    }
    assert "HyperParameters" not in request  # AWS describes none as absent, so that asking for none would look like another job


def test_a_comparison_is_another_one_with_other_models_images_or_code() -> None:
    def key(trained: TrainedModel = MODEL, champion: Champion | None = CHAMPION, **other: str) -> str:
        request = comparison_job(trained, champion)
        return comparison_key(request, **{"dataset_key": "d1", "code_key": "c1", **other}, training=Training())

    other_champion = replace(CHAMPION, artifact="s3://bucket/training/job-9/output/model.tar.gz")
    assert key() == key(champion=replace(CHAMPION, config="another"))  # how it is served makes no difference
    assert (
        len({key(), key(replace(MODEL, artifact="s3://b/2")), key(champion=other_champion), key(dataset_key="d2"), key(code_key="c2")}) == 5
    )


def test_as_many_instances_train_together_as_were_asked_for() -> None:
    assert training_job()["ResourceConfig"]["InstanceCount"] == 1
    assert training_job(instance_count=4)["ResourceConfig"]["InstanceCount"] == 4


@pytest.mark.parametrize("spot", [False, True])
def test_no_job_is_asked_for_without_checkpoints(*, spot: bool) -> None:
    request = training_job(spot=spot)
    assert request["EnableManagedSpotTraining"] is spot
    assert request["CheckpointConfig"] == {"S3Uri": "s3://bucket/checkpoints/job/", "LocalPath": "/opt/ml/checkpoints"}


def test_all_attempts_have_the_same_checkpoints_and_other_jobs_others() -> None:
    first = "pedigree--train-c8fa215f98b1fd88"
    uris = [training_job(name)["CheckpointConfig"]["S3Uri"] for name in (first, f"{first}-2", first.replace("train", "trial"))]
    assert uris[0] == uris[1] == f"s3://bucket/checkpoints/{first}/" != uris[2]


def test_a_spot_job_may_wait_as_long_as_it_may_run_and_an_hour() -> None:
    assert training_job(max_runtime_seconds=600)["StoppingCondition"] == {"MaxRuntimeInSeconds": 600}
    spot = training_job(max_runtime_seconds=600, spot=True)["StoppingCondition"]
    assert spot == {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 4200}


def test_where_a_job_runs_is_not_part_of_its_key() -> None:
    wheres: list[dict[str, Any]] = [{}, {"spot": True}, {"instance_type": "ml.m5.xlarge"}, {"fallback_instance_types": ("ml.m5.xlarge",)}]
    assert len({key_of_training("data", "code", Training(**where)) for where in wheres}) == 1


def test_another_number_of_instances_is_another_training() -> None:
    keys = {key_of_training("data", "code", Training(instance_count=count)) for count in (1, 2)}
    assert len(keys) == 2


def test_hyperparameters_are_what_the_container_understands() -> None:
    from model.contract import parse_hyperparameters

    parsed = parse_hyperparameters(training_job()["HyperParameters"])
    assert (parsed.architecture, parsed.pretrained, parsed.epochs, parsed.learning_rate) == ("resnet50", True, 10, 0.001)


def test_names_change_with_what_they_stand_for() -> None:
    larger = endpoint_config_request(ACCOUNT, "pedigree--model-1", Serving(instance_type="ml.c5.large"), TAGS)
    other = model_request(ACCOUNT, ModelVersion("arn:package/2", "k2", ARTIFACT, "created"), Serving(), TAGS)
    assert larger["EndpointConfigName"] != endpoint_config()["EndpointConfigName"]
    assert other["ModelName"] != REQUESTS["sagemaker", "CreateModel"]["ModelName"]


def test_a_model_package_is_approved_and_carries_its_key() -> None:
    request = REQUESTS["sagemaker", "CreateModelPackage"]
    assert request["ModelApprovalStatus"] == "Approved"
    assert request["CustomerMetadataProperties"]["pedigree-key"] == "k" * 16


def test_an_instance_is_closed_and_ends_by_itself() -> None:
    request = launch_request(EC2_JOB, account=ACCOUNT, image=IMAGE, group="sg-1", tags=TAGS)
    assert (request["ClientToken"], request["InstanceType"], request["MaxCount"]) == ("pets--ec2-1", "g4dn.xlarge", 1)
    assert request["MetadataOptions"]["HttpTokens"] == "required"
    (disk,) = request["BlockDeviceMappings"]
    assert (disk["DeviceName"], disk["Ebs"]["Encrypted"], disk["Ebs"]["VolumeSize"]) == ("/dev/xvda", True, 75 + 20)
    assert (request["UserData"].split()[-1], request["InstanceInitiatedShutdownBehavior"]) == ("+120", "terminate")
    assert "KeyName" not in request


@pytest.mark.parametrize(
    "further",
    [
        {"SubnetId": "subnet-1"},
        {"MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2}},
        {"BlockDeviceMappings": [{"DeviceName": "/", "Ebs": {"Encrypted": True, "DeleteOnTermination": True, "KmsKeyId": "key"}}]},
    ],
    ids=lambda further: next(iter(further)),
)
def test_a_further_member_of_an_instances_request_makes_another_training(monkeypatch: pytest.MonkeyPatch, further: dict[str, Any]) -> None:
    usual = instance_key(EC2_JOB, EC2_TRAINING, ACCOUNT)
    assert usual == training_key(EC2_JOB, EC2_TRAINING)
    monkeypatch.setattr(launch, "launch_request", lambda *args, **parts: {**launch_request(*args, **parts), **further})
    assert instance_key(EC2_JOB, EC2_TRAINING, ACCOUNT) != usual


def test_what_an_instance_does_is_what_a_job_does() -> None:
    job: Mapping[str, Any] = training_job_request(
        "pets--ec2-1", JobParts(ACCOUNT, DATASET, "s3://bucket/code/c1/", EC2_TRAINING, "image", TAGS)
    )
    same = ("HyperParameters", "InputDataConfig", "OutputDataConfig", "Environment", "StoppingCondition")
    assert all(EC2_JOB[field] == job[field] for field in same)
    assert EC2_JOB["ResourceConfig"] == {"InstanceType": "g4dn.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 20}


def test_on_ec2_the_machine_does_not_decide_the_key_but_the_image_does() -> None:
    small, large = (on_one_instance(Training(), Ec2(instance_type=name)) for name in ("m5.xlarge", "g4dn.xlarge"))
    keys = {key_of_training("d1", "c1", training) for training in (small, large, Training())}
    assert len(keys) == 2
