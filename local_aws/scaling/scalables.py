"""The resources that can scale: instances of an endpoint's variant, provisioned concurrency of a function version or alias."""

import re
import threading
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.cloud import Cloud
from local_aws.endpoints.endpoint import CHANGING
from local_aws.iam.linked import ENDPOINT_SCALING, PROVISIONED_SCALING, LinkedRole
from local_aws.iam.roles import assume_execution_role
from local_aws.rules import rule

BURSTABLE = ("t2", "t3", "t4g")


class Scalable(ABC):
    """One kind of resource; autoscaling changes it with its service-linked role.

    `cooldown` is the default in seconds.
    """

    namespace: ClassVar[str]
    dimension: ClassVar[str]
    role: ClassVar[LinkedRole]
    cooldown: ClassVar[float]
    noun: ClassVar[str]

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()

    @abstractmethod
    def missing(self, resource: str) -> str:
        """The reason why the resource cannot be scaled; empty when it exists."""

    @abstractmethod
    def capacity(self, resource: str) -> int | None:
        """The desired count; None while a change is in progress, or when the resource is gone."""

    @abstractmethod
    def change(self, resource: str, wanted: int) -> None:
        """Change the desired count; ClientError when the service refuses it."""

    @abstractmethod
    def failure(self, resource: str, wanted: int) -> str | None:
        """The reason why a change failed; empty when it succeeded, None while it is in progress."""

    def client(self, service: str) -> Any:
        with self._making:
            if service not in self._clients:
                credentials = assume_execution_role(self._cloud, self.role.arn(self._cloud), self.role.service)
                self._clients[service] = self._cloud.client(service, credentials)
            return self._clients[service]


@rule(
    "Application Auto Scaling RegisterScalableTarget",
    "A variant on burstable instances (ml.t2, ml.t3, ml.t4g) cannot be a scalable target.",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html",
)
def burstable(instance_type: str) -> str:
    """The reason why instances of a type cannot be scaled; empty when they can."""
    family = instance_type.removeprefix("ml.").partition(".")[0]
    return f"Automatic scaling does not support burstable instances such as {instance_type}." if family in BURSTABLE else ""


class EndpointVariants(Scalable):
    namespace, dimension, role = "sagemaker", "sagemaker:variant:DesiredInstanceCount", ENDPOINT_SCALING
    cooldown, noun = 300.0, "desired instance count"
    pattern = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")

    def missing(self, resource: str) -> str:
        match = self.pattern.fullmatch(resource)
        endpoint = self._endpoint(resource) if match else None
        variant = endpoint and match and endpoint.variant(match[2])
        if not variant:
            return f"SageMaker endpoint variant doesn't exist: {resource}"
        return burstable(variant.instance_type)

    def capacity(self, resource: str) -> int | None:
        endpoint = self._endpoint(resource)
        variant = endpoint and endpoint.status == "InService" and self._variant(endpoint, resource)
        return int(variant.desired) if variant else None

    def change(self, resource: str, wanted: int) -> None:
        _, endpoint, _, variant = resource.split("/")
        self.client("sagemaker").update_endpoint_weights_and_capacities(
            EndpointName=endpoint, DesiredWeightsAndCapacities=[{"VariantName": variant, "DesiredInstanceCount": wanted}]
        )

    def failure(self, resource: str, wanted: int) -> str | None:
        endpoint = self._endpoint(resource)
        if endpoint and endpoint.status in CHANGING:
            return None
        variant = endpoint and self._variant(endpoint, resource)
        if variant and variant.desired == wanted:
            return ""
        return str(endpoint.describe().get("FailureReason", "It has another count.")) if endpoint else "The endpoint is gone."

    def _endpoint(self, resource: str) -> Any:
        return self._cloud.books("sagemaker").endpoints.get(resource.split("/")[1])

    def _variant(self, endpoint: Any, resource: str) -> Any:
        return endpoint.variant(resource.split("/")[3])


class ProvisionedConcurrencies(Scalable):
    namespace, dimension, role = "lambda", "lambda:function:ProvisionedConcurrency", PROVISIONED_SCALING
    cooldown, noun = 0.0, "provisioned concurrency"
    pattern = re.compile(r"function:([\w-]+):([\w-]+)")

    def missing(self, resource: str) -> str:
        match = self.pattern.fullmatch(resource)
        if match is None:
            return f"The resource ID is no function version or alias: {resource}"
        books = self._cloud.books("lambda")._lambdas
        versions = books._functions.get(match[1], {}).get("versions", [])
        aliases = books._aliases[self._cloud.arn("lambda", f"function:{match[1]}")]
        known = match[2] in aliases or match[2] in [str(record.version) for record in versions]
        return "" if known else f"Lambda function version or alias doesn't exist: {resource}"

    def capacity(self, resource: str) -> int | None:
        config = None if self.missing(resource) else self._config(resource)
        settled = config is not None and config["Status"] != "IN_PROGRESS"
        return int(config["RequestedProvisionedConcurrentExecutions"]) if config is not None and settled else None

    def change(self, resource: str, wanted: int) -> None:
        """Change the provisioned concurrency; for 0 the config is deleted, because AWS has no config of 0."""
        named = self._named(resource)
        if wanted:
            self.client("lambda").put_provisioned_concurrency_config(**named, ProvisionedConcurrentExecutions=wanted)
        else:
            self.client("lambda").delete_provisioned_concurrency_config(**named)

    def failure(self, resource: str, wanted: int) -> str | None:
        config = None if self.missing(resource) else self._config(resource)
        if config is None:
            return "The function is gone."
        if config["Status"] == "IN_PROGRESS":
            return None
        if config["Status"] == "READY" and config["RequestedProvisionedConcurrentExecutions"] == wanted:
            return ""
        return str(config.get("StatusReason", "It has another number."))

    def _config(self, resource: str) -> dict[str, Any] | None:
        """The provisioned concurrency config; None when the function is gone.

        A config that cannot be read counts as a change in progress, and is read again later.
        """
        client = self.client("lambda")
        try:
            found: dict[str, Any] = client.get_provisioned_concurrency_config(**self._named(resource))
        except client.exceptions.ProvisionedConcurrencyConfigNotFoundException:
            return {"Status": "READY", "RequestedProvisionedConcurrentExecutions": 0}
        except client.exceptions.ResourceNotFoundException:
            return None
        except (ClientError, BotoCoreError):
            return {"Status": "IN_PROGRESS"}
        return found

    def _named(self, resource: str) -> dict[str, str]:
        _, name, qualifier = resource.split(":")
        return {"FunctionName": name, "Qualifier": qualifier}


def scalables(cloud: Cloud) -> dict[str, Scalable]:
    """The scalables by dimension."""
    return {kind.dimension: kind(cloud) for kind in (EndpointVariants, ProvisionedConcurrencies)}
