"""Models and endpoint configs: moto keeps them, and this module adds the checks that moto does not make."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from local_aws.call import Call, Operations
from local_aws.cloud import Cloud
from local_aws.endpoints.container import Container, invalid, resolve_container
from local_aws.iam.roles import assume_execution_role
from local_aws.images import is_there
from local_aws.listing import page
from local_aws.s3_uri import split_s3_uri

SERVICE = "sagemaker.amazonaws.com"
UNSERVED = ("AsyncInferenceConfig", "ExplainerConfig", "ShadowProductionVariants")


class Models:
    """Model calls with AWS's checks: create calls refuse what AWS refuses, reads and deletes use AWS's words for "not found"."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        # (kind, name): the request, of which moto keeps some members only
        self._asked: dict[tuple[str, str], dict[str, Any]] = cloud.memory.shelf("sagemaker", "requests", dict)

    @property
    def _books(self) -> Any:
        return self._cloud.books("sagemaker")

    def operations(self) -> Operations:
        return {
            ("sagemaker", "CreateModel"): self.create_model,
            ("sagemaker", "DescribeModel"): self.describe_model,
            ("sagemaker", "ListModels"): self.list_models,
            ("sagemaker", "DeleteModel"): self.delete_model,
            ("sagemaker", "CreateEndpointConfig"): self.create_config,
            ("sagemaker", "DescribeEndpointConfig"): self.describe_config,
            ("sagemaker", "DeleteEndpointConfig"): self.delete_config,
        }

    def container_of(self, model_name: str) -> Container:
        """The container of a model; ValidationException when the model is gone or its model package is no longer approved."""
        model = self._model(model_name)
        return resolve_container(self._cloud, model.primary_container or model.containers[0], model.execution_role_arn)

    def create_model(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        name = asked["ModelName"]
        if name in self._books._models:
            raise invalid(f'Cannot create already existing model "{self._books._models[name].arn}".')
        containers = asked.get("Containers") or [asked.get("PrimaryContainer", {})]
        if len(containers) > 1:
            raise invalid("local_aws serves one container for each model, not inference pipelines.")
        if "ExecutionRoleArn" not in asked:
            raise invalid("ExecutionRoleArn is required to read the model data.")
        container = resolve_container(self._cloud, containers[0], asked["ExecutionRoleArn"])
        if not is_there(container.image):
            raise invalid(f"Requested image {container.image} not found.")
        self._require_model_data(container)
        fields = ("PrimaryContainer", "VpcConfig", "Containers", "Tags")
        model = self._books.create_model(name, asked["ExecutionRoleArn"], *(asked.get(field) for field in fields))
        self._asked["model", name] = without_tags(asked)
        return dict(model.response_create)

    def describe_model(self, call: Call) -> dict[str, Any]:
        name = call.parameters["ModelName"]
        return {**self._model(name).response_object, **self._asked["model", name]}

    def list_models(self, call: Call) -> dict[str, Any]:
        models = list(self._books._models.values())
        summaries = [{"ModelName": m.model_name, "ModelArn": m.arn, "CreationTime": m.creation_time} for m in models]
        return page(summaries, call.parameters, member="Models", name="ModelName")

    def delete_model(self, call: Call) -> dict[str, Any]:
        self._model(call.parameters["ModelName"])
        self._books.delete_model(call.parameters["ModelName"])
        return {}

    def create_config(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        name = asked["EndpointConfigName"]
        if name in self._books.endpoint_configs:
            arn = self._books.endpoint_configs[name].endpoint_config_arn
            raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
        if unserved := [member for member in UNSERVED if member in asked]:
            raise invalid(f"local_aws serves no {' and no '.join(unserved)}.")
        for variant in asked["ProductionVariants"]:
            self._model(variant.get("ModelName", ""))
            if "InstanceType" not in variant:
                raise invalid(f"local_aws serves variants on instances only; variant {variant['VariantName']} names no InstanceType.")
        fields = ("ProductionVariants", "DataCaptureConfig", "AsyncInferenceConfig", "Tags", "KmsKeyId")
        config = self._books.create_endpoint_config(name, *(asked.get(field) for field in fields))
        config.arn = config.endpoint_config_arn  # moto stores a tuple here, with which its tag services fail
        self._asked["config", name] = without_tags(asked)
        return dict(config.response_create)

    def describe_config(self, call: Call) -> dict[str, Any]:
        name = call.parameters["EndpointConfigName"]
        record, asked = self.config(name).response_object, self._asked["config", name]
        # moto answers an empty DataCaptureConfig where none was given, and clients send back what they were answered
        return {member: value for member, value in record.items() if value} | asked

    def delete_config(self, call: Call) -> dict[str, Any]:
        self.config(call.parameters["EndpointConfigName"])
        self._books.delete_endpoint_config(call.parameters["EndpointConfigName"])
        return {}

    def config(self, name: str) -> Any:
        """moto's record of an endpoint config; ValidationException when there is none."""
        config = self._books.endpoint_configs.get(name)
        if config is None:
            raise invalid(f'Could not find endpoint configuration "{self._cloud.arn("sagemaker", f"endpoint-config/{name}")}".')
        return config

    def _model(self, name: str) -> Any:
        model = self._books._models.get(name)
        if model is None:
            raise invalid(f'Could not find model "{self._cloud.arn("sagemaker", f"model/{name}")}".')
        return model

    def _require_model_data(self, container: Container) -> None:
        credentials = assume_execution_role(self._cloud, container.role, SERVICE)
        if not container.model_data:
            return
        bucket, key = split_s3_uri(container.model_data)
        try:
            self._cloud.client("s3", credentials).head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NoSuchBucket"):
                raise invalid(f"Could not find model data at {container.model_data}.") from error
            raise invalid(
                f'Could not access model data at {container.model_data}. Please ensure that the role "{container.role}" exists and '
                'that its trust relationship policy allows the action "sts:AssumeRole" for the service principal '
                '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is located '
                f"in {self._cloud.region}."
            ) from error


def without_tags(request: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the create request, as a description repeats them."""
    return {member: value for member, value in request.items() if member != "Tags"}
