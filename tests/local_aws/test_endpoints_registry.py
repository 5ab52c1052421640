"""Models, configurations, model packages and tags: what moto forgets and AWS does not."""

import uuid
from functools import partial
from typing import Any

import pytest

from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import IMAGE, Hosted, error_of, make_hosted, refusal_of


@pytest.fixture(scope="module")
def hosted(aws: RunningAws) -> Hosted:
    return make_hosted(aws)


@pytest.fixture
def group(hosted: Hosted) -> str:
    name = f"group-{uuid.uuid4().hex[:8]}"
    hosted.client.create_model_package_group(ModelPackageGroupName=name)
    return name


def package(hosted: Hosted, group: str, **changes: Any) -> str:
    containers = [{"Image": IMAGE, "ModelDataUrl": f"s3://{hosted.bucket}/model.tar.gz"}]
    specification = {"Containers": containers, "SupportedContentTypes": ["image/jpeg"], "SupportedResponseMIMETypes": ["application/json"]}
    asked = {"ModelPackageGroupName": group, "InferenceSpecification": specification, "ModelApprovalStatus": "Approved", **changes}
    return str(hosted.client.create_model_package(**asked)["ModelPackageArn"])


def test_a_model_exists_once(hosted: Hosted) -> None:
    name = hosted.model()
    arn = hosted.client.describe_model(ModelName=name)["ModelArn"]
    container = {"Image": IMAGE, "ModelDataUrl": hosted.artifact()}
    again = refusal_of(lambda: hosted.client.create_model(ModelName=name, ExecutionRoleArn=hosted.role, PrimaryContainer=container))
    assert again == f'Cannot create already existing model "{arn}".'
    assert name in [model["ModelName"] for model in hosted.client.list_models(NameContains=name)["Models"]]


def test_a_deleted_model_is_not_found(hosted: Hosted) -> None:
    name = hosted.model()
    hosted.client.delete_model(ModelName=name)
    missing = f'Could not find model "arn:aws:sagemaker:us-east-1:123456789012:model/{name}".'
    assert refusal_of(lambda: hosted.client.describe_model(ModelName=name)) == missing
    assert refusal_of(lambda: hosted.client.delete_model(ModelName=name)) == missing
    assert refusal_of(lambda: hosted.config(hosted.variant(name))) == missing


def test_model_data_must_be_there(hosted: Hosted) -> None:
    nowhere = f"s3://{hosted.bucket}/nowhere/model.tar.gz"
    assert refusal_of(lambda: hosted.model(ModelDataUrl=nowhere)) == f"Could not find model data at {nowhere}."


def test_a_configuration_exists_once_and_is_gone_when_deleted(hosted: Hosted) -> None:
    variant = hosted.variant(hosted.model())
    name = hosted.config(variant)
    arn = hosted.client.describe_endpoint_config(EndpointConfigName=name)["EndpointConfigArn"]
    again = refusal_of(lambda: hosted.client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant]))
    assert again == f'Cannot create already existing endpoint configuration "{arn}".'
    hosted.client.delete_endpoint_config(EndpointConfigName=name)
    for operation in (hosted.client.describe_endpoint_config, hosted.client.delete_endpoint_config):
        gone = refusal_of(partial(operation, EndpointConfigName=name))
        assert gone == f'Could not find endpoint configuration "{arn}".'


def test_a_description_says_all_that_was_asked_for(hosted: Hosted) -> None:
    """Adoption compares them: a member that was dropped would look like another resource."""
    model, config = f"m-{uuid.uuid4().hex[:8]}", f"c-{uuid.uuid4().hex[:8]}"
    container = {"Image": IMAGE, "ModelDataUrl": hosted.artifact()}
    asked: dict[str, Any] = {"ModelName": model, "ExecutionRoleArn": hosted.role, "PrimaryContainer": container}
    asked |= {"EnableNetworkIsolation": True, "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}
    hosted.client.create_model(**asked)
    assert asked.items() <= hosted.client.describe_model(ModelName=model).items()
    wanted: dict[str, Any] = {"EndpointConfigName": config, "ProductionVariants": [hosted.variant(model)], "KmsKeyId": "key"}
    wanted |= {"ExecutionRoleArn": hosted.role, "EnableNetworkIsolation": True}
    hosted.client.create_endpoint_config(**wanted)
    described = hosted.client.describe_endpoint_config(EndpointConfigName=config)
    assert wanted.items() <= described.items()
    assert "DataCaptureConfig" not in described  # clients send back what they were answered


def test_a_shadow_variant_is_refused_not_ignored(hosted: Hosted) -> None:
    variant = hosted.variant(hosted.model())
    shadow = {"EndpointConfigName": "c-shadow", "ProductionVariants": [variant], "ShadowProductionVariants": [variant]}
    assert "local_aws serves no ShadowProductionVariants." in refusal_of(lambda: hosted.client.create_endpoint_config(**shadow))


def test_a_client_token_creates_one_package(hosted: Hosted, group: str) -> None:
    token = uuid.uuid4().hex
    assert package(hosted, group, ClientToken=token) == package(hosted, group, ClientToken=token)
    assert package(hosted, group).endswith("/2")


def test_a_version_number_is_never_given_again(hosted: Hosted, group: str) -> None:
    first, second = package(hosted, group), package(hosted, group)
    hosted.client.delete_model_package(ModelPackageName=second)
    third = package(hosted, group)
    assert [arn.rpartition("/")[2] for arn in (first, second, third)] == ["1", "2", "3"]
    assert hosted.client.describe_model_package(ModelPackageName=third)["ModelPackageVersion"] == 3
    assert refusal_of(lambda: hosted.client.describe_model_package(ModelPackageName=second)) == f"ModelPackage {second} does not exist."


def test_approving_a_package_keeps_its_metadata(hosted: Hosted, group: str) -> None:
    arn = package(hosted, group, ModelApprovalStatus="PendingManualApproval", CustomerMetadataProperties={"key": "abc", "old": "x"})
    update = hosted.client.update_model_package
    update(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        CustomerMetadataProperties={"by": "me"},
        CustomerMetadataPropertiesToRemove=["old"],
    )
    described = hosted.client.describe_model_package(ModelPackageName=arn)
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["CustomerMetadataProperties"] == {"key": "abc", "by": "me"}


def test_a_versioned_package_takes_no_tags(hosted: Hosted, group: str) -> None:
    assert "Tags are not supported" in refusal_of(lambda: package(hosted, group, Tags=[{"Key": "a", "Value": "b"}]))


def test_a_group_is_deleted_when_it_is_empty(hosted: Hosted, group: str) -> None:
    arn = package(hosted, group)
    assert "already exists" in refusal_of(lambda: hosted.client.create_model_package_group(ModelPackageGroupName=group))
    assert error_of(lambda: hosted.client.delete_model_package_group(ModelPackageGroupName=group))["Error"]["Code"] == "ConflictException"
    hosted.client.delete_model_package(ModelPackageName=arn)
    hosted.client.delete_model_package_group(ModelPackageGroupName=group)
    assert "does not exist" in refusal_of(lambda: hosted.client.describe_model_package_group(ModelPackageGroupName=group))


def test_tags_are_kept_by_key(hosted: Hosted, group: str) -> None:
    config = hosted.client.describe_endpoint_config(EndpointConfigName=hosted.config_of())["EndpointConfigArn"]
    model = hosted.client.describe_model(ModelName=hosted.model())["ModelArn"]
    groups = hosted.client.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupArn"]
    for arn in (config, model, groups):
        hosted.client.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        hosted.client.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "3"}])
        hosted.client.delete_tags(ResourceArn=arn, TagKeys=["b"])
        assert hosted.client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "3"}]
    assert "Could not find resource" in refusal_of(lambda: hosted.client.list_tags(ResourceArn=f"{model}-not"))


def test_tagged_resources_are_found_by_tag(hosted: Hosted) -> None:
    value = uuid.uuid4().hex
    arn = hosted.client.describe_endpoint_config(EndpointConfigName=hosted.config_of())["EndpointConfigArn"]
    hosted.client.add_tags(ResourceArn=arn, Tags=[{"Key": "pedigree:key", "Value": value}])
    tagging = hosted.aws.client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "pedigree:key", "Values": [value]}])["ResourceTagMappingList"]
    assert [resource["ResourceARN"] for resource in found] == [arn]
