"""Whatever a request says and nobody declared is part of its resource's name."""

from typing import Any

import boto3
import botocore.session
import pytest

from pedigree.aws.identity import COVERED, differences, identify, left
from pedigree.aws.naming import key_of
from pedigree.aws.resources.sagemaker import SageMakerKind
from pedigree.aws.resources.table import KINDS
from pedigree.endpoint.config import endpoint_config_request
from pedigree.settings import Serving, Training
from pedigree.training import training_job
from pedigree.training.training_job import PLACEMENT, hyperparameters, training_key
from tests.lab.keys import PETS, key_of_training, parts

CALLS = {
    "training job": "CreateTrainingJob",
    "instance": "RunInstances",
    "evaluation job": "CreateTrainingJob",
    "model": "CreateModel",
    "endpoint config": "CreateEndpointConfig",
    "endpoint": "CreateEndpoint",
    "transform job": "CreateTransformJob",
    "model package": "CreateModelPackage",
    "model package group": "CreateModelPackageGroup",
}


@pytest.mark.parametrize("kind", CALLS)
def test_every_member_that_is_declared_exists_and_every_other_one_decides_the_name(kind: str) -> None:
    service = "ec2" if kind == "instance" else "sagemaker"
    shape: Any = botocore.session.get_session().get_service_model(service).operation_model(CALLS[kind]).input_shape
    assert COVERED[kind].keys() <= shape.members.keys()
    undeclared = shape.members.keys() - COVERED[kind].keys()
    without = identify(kind, {})
    assert all(identify(kind, {member: "x"}) != without for member in undeclared)


ANOTHER: list[dict[str, Any]] = [
    {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
    {"EnableNetworkIsolation": True},
    {"ResourceConfig": {"VolumeKmsKeyId": "key"}},
    {"OutputDataConfig": {"KmsKeyId": "key"}},
    {"AlgorithmSpecification": {"TrainingInputMode": "FastFile"}},
    {"InputDataConfig": [{"ChannelName": "train", "InputMode": "FastFile"}]},
    {"InputDataConfig": [{"ChannelName": "weights"}]},
    {"Environment": {"OMP_NUM_THREADS": "1"}},
]


@pytest.mark.parametrize("other", ANOTHER, ids=lambda other: next(iter(other)))
def test_an_undeclared_member_of_a_training_job_is_kept_nested_ones_too(other: dict[str, Any]) -> None:
    assert identify("training job", other, dataset="d") != identify("training job", {}, dataset="d") == key_of(dataset="d")


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ({"VpcConfig": {"Subnets": ["a", "b"]}}, {"VpcConfig": {"Subnets": ["b", "a"]}}),
        ({"EnableNetworkIsolation": False}, {}),
        ({"VpcConfig": {}}, {}),
        ({"OutputDataConfig": {"CompressionType": "GZIP"}}, {}),
        (
            {"InputDataConfig": [{"ChannelName": "a"}, {"ChannelName": "b"}]},
            {"InputDataConfig": [{"ChannelName": "b"}, {"ChannelName": "a"}]},
        ),
    ],
)
def test_what_means_the_same_has_the_same_key(one: dict[str, Any], same: dict[str, Any]) -> None:
    assert identify("training job", one) == identify("training job", same)


def test_nothing_covers_a_member_below_an_unknown_one() -> None:
    assert left({"A": {"B": {}}}, {"A": {"B": {"C": 0}}}) == {"A": {"B": {"C": 0}}}


class EncryptedServing(Serving):
    kms_key: str = ""


def test_a_key_of_kms_in_the_endpoint_configs_request_makes_another_config(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that was proven once: the config had the same name, was adopted, and its disks were not encrypted by the key."""
    from pedigree.endpoint import config

    real = identify

    def with_kms(kind: str, request: dict[str, Any], **key_parts: Any) -> str:
        request["KmsKeyId"] = serving.kms_key  # as a builder would that knows the field
        return real(kind, request, **key_parts)

    monkeypatch.setattr(config, "identify", with_kms)
    requests = []
    for serving in (EncryptedServing(), EncryptedServing(kms_key="arn:aws:kms:us-east-1:1:key/k")):
        requests.append(endpoint_config_request(PETS, "m", serving, []))
    assert requests[1]["KmsKeyId"] == "arn:aws:kms:us-east-1:1:key/k"
    assert requests[0]["EndpointConfigName"] != requests[1]["EndpointConfigName"]


class AugmentedTraining(Training):
    augmentation: str = "none"


def test_a_new_hyperparameter_reaches_the_container_and_the_key() -> None:
    """A fault that was proven once: the hyperparameters were a list of names, and a field that was not on it was dropped."""
    plain, flipped = AugmentedTraining(), AugmentedTraining(augmentation="flip")
    requests = [training_job.training_job_request("", parts("d", "c", each)) for each in (plain, flipped)]
    assert requests[1]["HyperParameters"]["augmentation"] == "flip"
    assert training_key(requests[0], plain) != training_key(requests[1], flipped)


def test_placement_is_declared_field_by_field_with_a_reason() -> None:
    assert PLACEMENT.keys() <= Training.model_fields.keys()
    assert all(PLACEMENT.values())
    assert hyperparameters(Training()).keys() == Training.model_fields.keys() - PLACEMENT.keys()


def test_another_content_type_of_a_model_package_makes_another_version() -> None:
    container, types = {"Image": "i", "ModelDataUrl": "u"}, ["image/jpeg", "image/png"]
    usual, csv, second = (
        identify("model package", {"InferenceSpecification": {"Containers": containers, "SupportedContentTypes": accepted}})
        for containers, accepted in (([container], types), ([container], ["text/csv"]), ([container, {"Image": "j"}], types))
    )
    assert usual == identify("model package", {})
    assert len({usual, csv, second}) == 3


def test_the_requests_of_today_are_covered() -> None:
    assert identify("training job", training_job.training_job_request("n", parts("d", "c", Training()))) == key_of()
    assert key_of_training("d", "c", Training(spot=True, volume_gb=50)) == key_of_training("d", "c", Training())


def described(noun: str) -> set[str]:
    client = boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    return next(kind for kind in KINDS if isinstance(kind, SageMakerKind) and kind.noun == noun).described(client)


@pytest.mark.parametrize(
    ("noun", "missing"),
    [
        ("TrainingJob", {"Tags", "SessionChainingConfig"}),
        ("Model", {"Tags"}),
        ("EndpointConfig", {"Tags"}),
        ("Endpoint", {"Tags", "DeploymentConfig"}),
        ("TransformJob", {"Tags"}),
    ],
)
def test_a_description_has_nearly_all_members_of_its_request(noun: str, missing: set[str]) -> None:
    shape: Any = botocore.session.get_session().get_service_model("sagemaker").operation_model(f"Create{noun}").input_shape
    assert set(shape.members) - described(noun) == missing


ADDED = [
    ("training job", {"VpcConfig": {"Subnets": ["s"]}}, ["VpcConfig"]),
    ("training job", {"EnableNetworkIsolation": False, "OutputDataConfig": {"CompressionType": "GZIP", "KmsKeyId": ""}}, []),
    ("training job", {"TrainingJobStatus": "Completed", "RoleArn": "another", "ResourceConfig": {"InstanceType": "ml.p3.2xlarge"}}, []),
    ("training job", {"ResourceConfig": {"VolumeKmsKeyId": "key"}}, ["ResourceConfig.VolumeKmsKeyId"]),
    ("endpoint config", {"KmsKeyId": "key", "DataCaptureConfig": {}}, ["KmsKeyId"]),
    ("endpoint config", {"ProductionVariants": [{"VariantName": "shadow"}]}, ["ProductionVariants.shadow"]),
    ("model", {"PrimaryContainer": {"Mode": "SingleModel"}, "EnableNetworkIsolation": True}, ["EnableNetworkIsolation"]),
    ("transform job", {"DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}}, []),
    ("transform job", {"TransformOutput": {"KmsKeyId": "key"}}, ["TransformOutput.KmsKeyId"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "found", "fields"), ADDED)
def test_what_was_found_and_not_asked_for_is_named(kind: str, found: dict[str, Any], fields: list[str]) -> None:
    noun = next(each.noun for each in KINDS if isinstance(each, SageMakerKind) and each.title == kind)
    assert [each.field for each in differences(COVERED[kind], {}, found, described(noun))] == fields
