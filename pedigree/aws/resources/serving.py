"""The Lambda function, and the scalable targets of the endpoint's variant and of the function's version."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypedDict

from pedigree.aws.alarms import metrics_in
from pedigree.aws.clients import ApplicationAutoScalingClient, CloudWatchClient, LambdaClient, client
from pedigree.aws.naming import KEY_TAG, SEPARATOR
from pedigree.aws.resources.kind import (
    ENDPOINT_TITLE,
    FUNCTION_TITLE,
    Billed,
    Owner,
    Resource,
    ResourceKind,
    gone_is_fine,
    is_ours,
    may_be_ours,
)
from pedigree.values import Account

NAMESPACE: Final = "sagemaker"
DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED_NAMESPACE: Final = "lambda"
PROVISIONED_DIMENSION: Final = "lambda:function:ProvisionedConcurrency"


class TargetId(TypedDict):
    """The members by which Application Auto Scaling's requests name a scalable target."""

    ServiceNamespace: Literal["sagemaker", "lambda"]
    ResourceId: str
    ScalableDimension: Literal["sagemaker:variant:DesiredInstanceCount", "lambda:function:ProvisionedConcurrency"]


def variant_id(endpoint: str, variant: str) -> str:
    """Resource ID of a variant in Application Auto Scaling."""
    return f"endpoint/{endpoint}/variant/{variant}"


@dataclass(frozen=True, kw_only=True)
class ScalableTargetKind(ResourceKind):
    """Scalable targets; AWS deletes their policies and alarms with them, but keeps a target whose endpoint or function is deleted."""

    namespace: Literal["sagemaker", "lambda"] = NAMESPACE
    dimension: Literal["sagemaker:variant:DesiredInstanceCount", "lambda:function:ProvisionedConcurrency"] = DIMENSION

    def id_of(self, resource: str) -> TargetId:
        return {"ServiceNamespace": self.namespace, "ResourceId": resource, "ScalableDimension": self.dimension}

    def find(self, account: Account) -> Iterator[Resource]:
        scaling = client(account.credentials, "application-autoscaling")
        pages = scaling.get_paginator("describe_scalable_targets").paginate(
            ServiceNamespace=self.namespace, ScalableDimension=self.dimension
        )
        targets: Any = pages.result_key_iters()[0]  # the stub takes them for pages
        for target in targets:
            owner = owner_of(target["ResourceId"])
            tags = target_tags(scaling, target["ScalableTargetARN"]) if may_be_ours(account, owner) else {}
            if is_ours(account, tags):
                yield Resource(self.title, target["ResourceId"], tags, of=owner)

    def billed(self, account: Account, resource: Resource) -> Billed:
        """The alarms that Application Auto Scaling has put for the target's policies."""
        scaling = client(account.credentials, "application-autoscaling")
        found = scaling.describe_scaling_policies(ServiceNamespace=self.namespace, ResourceId=resource.name)
        return Billed(units={"alarm": sum(len(policy["Alarms"]) for policy in found["ScalingPolicies"])})

    def owner(self, resource: Resource) -> Owner | None:
        return (ENDPOINT_TITLE if self.namespace == NAMESPACE else FUNCTION_TITLE, resource.of)

    def delete(self, account: Account, name: str) -> None:
        scaling = client(account.credentials, "application-autoscaling")
        with gone_is_fine():
            scaling.deregister_scalable_target(**self.id_of(name))


@dataclass(frozen=True, kw_only=True)
class AlarmKind(ResourceKind):
    """The alarms that this project creates itself, named `<endpoint>--<what>-...`."""

    what: str

    def find(self, account: Account) -> Iterator[Resource]:
        cloudwatch = client(account.credentials, "cloudwatch")
        pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=account.project, AlarmTypes=["MetricAlarm"])
        for alarm in (alarm for page in pages for alarm in page["MetricAlarms"]):
            name = alarm["AlarmName"]
            mine = may_be_ours(account, name) and name.rpartition(SEPARATOR)[2].startswith(f"{self.what}-")
            tags = alarm_tags(cloudwatch, alarm["AlarmArn"]) if mine else {}
            if is_ours(account, tags):
                yield Resource(self.title, name, tags, alarm["StateValue"], of=tags[KEY_TAG])

    def billed(self, account: Account, resource: Resource) -> Billed:
        """Its metrics, as AWS bills an alarm."""
        found = client(account.credentials, "cloudwatch").describe_alarms(AlarmNames=[resource.name])["MetricAlarms"]
        return Billed(units={"alarm": sum(map(metrics_in, found))})

    def owner(self, resource: Resource) -> Owner | None:
        return (ENDPOINT_TITLE, resource.of)

    def delete(self, account: Account, name: str) -> None:
        with gone_is_fine():
            client(account.credentials, "cloudwatch").delete_alarms(AlarmNames=[name])


@dataclass(frozen=True, kw_only=True)
class FunctionKind(ResourceKind):
    """Functions; their versions, aliases, URLs, policies and concurrency are deleted with them."""

    def find(self, account: Account) -> Iterator[Resource]:
        aws_lambda = client(account.credentials, "lambda")
        functions: Any = aws_lambda.get_paginator("list_functions").paginate().result_key_iters()[0]  # the stub takes them for pages
        for listed in functions:
            if may_be_ours(account, listed["FunctionName"]):
                with gone_is_fine():
                    yield from self._described(account, aws_lambda, listed["FunctionName"])

    def _described(self, account: Account, aws_lambda: LambdaClient, name: str) -> Iterator[Resource]:
        found = aws_lambda.get_function_configuration(FunctionName=name)  # a list has no state
        tags = aws_lambda.list_tags(Resource=found["FunctionArn"])["Tags"]
        if is_ours(account, tags):
            asked = found.get("Environment", {}).get("Variables", {}).get("ENDPOINT_NAME", "")
            yield Resource(self.title, name, tags, found["State"], of=asked)

    def billed(self, account: Account, resource: Resource) -> Billed:
        """The environments of its versions that are kept warm."""
        aws_lambda = client(account.credentials, "lambda")
        pages = aws_lambda.get_paginator("list_provisioned_concurrency_configs").paginate(FunctionName=resource.name)
        configs = [config for page in pages for config in page["ProvisionedConcurrencyConfigs"]]
        environments: int = sum(config["RequestedProvisionedConcurrentExecutions"] for config in configs)
        megabytes: int = aws_lambda.get_function_configuration(FunctionName=resource.name)["MemorySize"]
        return Billed(units={"provisioned_gb": environments * megabytes / 1024})

    def owner(self, resource: Resource) -> Owner | None:
        return (ENDPOINT_TITLE, resource.of)

    def delete(self, account: Account, name: str) -> None:
        with gone_is_fine():
            client(account.credentials, "lambda").delete_function(FunctionName=name)


def owner_of(resource: str) -> str:
    """The endpoint or function that a target scales: endpoint/<name>/variant/<variant> or function:<name>:<version>."""
    return resource.split("/" if "/" in resource else ":")[1]


def alarm_tags(cloudwatch: CloudWatchClient, arn: str) -> dict[str, str]:
    with gone_is_fine():
        return {tag["Key"]: tag["Value"] for tag in cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]}
    return {}


def target_tags(scaling: ApplicationAutoScalingClient, arn: str) -> dict[str, str]:
    with gone_is_fine():
        return dict(scaling.list_tags_for_resource(ResourceARN=arn)["Tags"])
    return {}
