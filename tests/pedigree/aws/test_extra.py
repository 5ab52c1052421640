"""Further fields of a request are in it and in its key, or are refused with a reason."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from pedigree.aws.errors import InvalidInput
from pedigree.aws.extra import with_extra
from pedigree.endpoint.config import endpoint_config_request, model_request
from pedigree.function.version import function_key, function_settings
from pedigree.settings import Ec2, Function, Mission, Serving, Settings, Training
from pedigree.training.training_job import training_job_request, training_key
from pedigree.training.ways import ways_of
from pedigree.values import Endpoint, ModelVersion
from tasks.cost import require_extra
from tests.lab.keys import PETS, parts

VERSION = ModelVersion("arn:aws:sagemaker:us-east-1:1:model-package/pets/1", "key", "s3://bucket/a", "created")
VPC = {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}


def training_job(extra: dict[str, Any]) -> tuple[Mapping[str, Any], str]:
    training = Training(extra=extra)
    request = training_job_request("", parts("d", "c", training))
    return request, training_key(request, training)


def model(extra: dict[str, Any]) -> tuple[Mapping[str, Any], str]:
    request = model_request(PETS, VERSION, Serving(extra_model=extra), [])
    return request, request["ModelName"]


def endpoint_config(extra: dict[str, Any]) -> tuple[Mapping[str, Any], str]:
    request = endpoint_config_request(PETS, "m", Serving(extra_endpoint_config=extra), [])
    return request, request["EndpointConfigName"]


def function(extra: dict[str, Any]) -> tuple[Mapping[str, Any], str]:
    settings = function_settings(PETS, Endpoint("pets", "c", "AllTraffic", "m", "created"), Function(extra=extra))
    return settings, function_key("sha", settings)


CASES: list[tuple[Callable[[dict[str, Any]], tuple[Mapping[str, Any], str]], dict[str, Any]]] = [
    (training_job, VPC),
    (training_job, {"ResourceConfig": {"VolumeKmsKeyId": "key"}}),
    (training_job, {"Environment": {"OMP_NUM_THREADS": "1"}}),
    (training_job, {"HyperParameters": {"augmentation": "flip"}}),
    (model, {"EnableNetworkIsolation": True}),
    (model, {"PrimaryContainer": {"Environment": {"WORKERS": "2"}}}),
    (endpoint_config, {"KmsKeyId": "key"}),
    (endpoint_config, {"ProductionVariants": [{"VariantName": "AllTraffic", "EnableSSMAccess": True}]}),
    (function, {"TracingConfig": {"Mode": "Active"}}),
    (function, {"Environment": {"Variables": {"LEVEL": "debug"}}}),
]


def found_in(extra: Any, request: Any) -> bool:
    if isinstance(extra, dict):
        return all(found_in(value, request[name]) for name, value in extra.items())
    if isinstance(extra, list) and isinstance(extra[0], dict):
        return all(any(found_in(item, there) for there in request) for item in extra)
    return bool(extra == request)


@pytest.mark.parametrize(("make", "extra"), CASES)
def test_a_further_field_is_in_the_request_and_in_the_key(
    make: Callable[[dict[str, Any]], tuple[Mapping[str, Any], str]], extra: dict[str, Any]
) -> None:
    (plain, usual), (request, key) = make({}), make(extra)
    assert found_in(extra, request)
    assert key != usual
    assert plain.keys() <= request.keys()


def test_an_item_of_a_list_has_a_new_name_or_goes_into_the_one_it_names() -> None:
    request = {"InputDataConfig": [{"ChannelName": "code", "DataSource": 1}]}
    wanted = {"InputDataConfig": [{"ChannelName": "code", "InputMode": "Pipe"}, {"ChannelName": "weights"}]}
    laid = with_extra(request, wanted, "training.extra")
    assert laid == {"InputDataConfig": [{"ChannelName": "code", "DataSource": 1, "InputMode": "Pipe"}, {"ChannelName": "weights"}]}


@pytest.mark.parametrize(
    ("mission", "field"),
    [
        (Mission(training=Training(extra={"TrainingJobName": "x"})), "TrainingJobName is set"),
        (
            Mission(training=Training(extra={"HyperParameters": {"epochs": "9"}})),
            "HyperParameters.epochs is set by this project: it is '10'",
        ),
        (Mission(serving=Serving(extra_model={"ModelName": "x"})), "ModelName is set"),
        (Mission(serving=Serving(extra_endpoint_config={"Tags": []})), "Tags is set"),
        (Mission(serving=Serving(extra_endpoint_config={"ProductionVariants": "x"})), "ProductionVariants is set"),
        (Mission(function=Function(extra={"FunctionName": "x"})), "FunctionName is set"),
        (Mission(function=Function(extra={"Timeout": 5})), "Timeout is set by this project: it is 30"),
    ],
)
def test_a_field_that_we_set_ourselves_is_refused_before_anything_is_made(mission: Mission, field: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        require_extra(PETS, mission)


@pytest.mark.parametrize(
    ("group", "values", "unknown"),
    [
        (Training, {"extra": {"VpcConfg": {}}}, "CreateTrainingJob has no field VpcConfg"),
        (Training, {"extra": {"VpcConfig": {"Subnet": "s"}}}, "VpcConfig.Subnet"),
        (Serving, {"extra_endpoint_config": {"ProductionVariants": [{"VariantName": "v", "Kms": "k"}]}}, "ProductionVariants.Kms"),
        (Function, {"extra": {"Architectures": ["arm64"]}}, "UpdateFunctionConfiguration has no field Architectures"),
    ],
)
def test_a_field_that_aws_does_not_know_is_refused_in_the_form(group: type[Settings], values: dict[str, Any], unknown: str) -> None:
    with pytest.raises(ValidationError, match=unknown):
        group(**values)


def test_an_instance_of_ec2_cannot_do_what_is_asked_of_sagemaker() -> None:
    with pytest.raises(InvalidInput, match="VpcConfig"):
        ways_of(Training(extra=VPC), Ec2(enabled=True))
