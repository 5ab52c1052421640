"""SageMaker hosting: the calls about models, model packages, endpoints and tags, and InvokeEndpoint."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.endpoints.container import invalid
from local_aws.endpoints.endpoint import Endpoint
from local_aws.endpoints.invocation import TIMEOUT, Invocations
from local_aws.endpoints.meter import Meter
from local_aws.endpoints.models import Models
from local_aws.endpoints.packages import ModelPackages
from local_aws.endpoints.rollout import Rollout
from local_aws.endpoints.scaled import scaled_instance_type
from local_aws.endpoints.shift import AT_ONCE, Shift, read_shift
from local_aws.endpoints.usage import Usage
from local_aws.listing import page
from local_aws.quotas import Quotas
from local_aws.tags import SageMakerTags

RETAINED = {"DesiredInstanceCount": ("InitialInstanceCount", "desired"), "DesiredWeight": ("InitialVariantWeight", "weight")}


class Hosting:
    """Endpoints as model-server processes; `invocation_timeout` in seconds."""

    def __init__(self, cloud: Cloud, quotas: Quotas, *, invocation_timeout: float = TIMEOUT) -> None:
        self._cloud, self._quotas = cloud, quotas
        self._models, self._packages, self._tags = Models(cloud), ModelPackages(cloud), SageMakerTags(cloud)
        self._meter = Meter(cloud)
        self._invocations = Invocations(cloud, self._meter, timeout=invocation_timeout)
        self._rollout = Rollout(cloud, self._models)
        self._usage = Usage(cloud, self._in_use)
        self._lock = threading.Lock()
        self._rollout.delete_others(self._in_use().values())
        for endpoint in list(self._in_use().values()):
            self._resume(endpoint)

    @property
    def _endpoints(self) -> dict[str, Endpoint]:
        """The endpoints by name, in moto's records, so that its tag services find them."""
        endpoints: dict[str, Endpoint] = self._cloud.books("sagemaker").endpoints
        return endpoints

    def _in_use(self) -> dict[str, Endpoint]:
        return self._endpoints if self._cloud.books_in_use("sagemaker") else {}

    def operations(self) -> Operations:
        return {
            **self._models.operations(),
            **self._packages.operations(),
            **self._tags.operations(),
            ("sagemaker", "CreateEndpoint"): self.create,
            ("sagemaker", "DescribeEndpoint"): self.describe,
            ("sagemaker", "ListEndpoints"): self.list,
            ("sagemaker", "UpdateEndpoint"): self.update,
            ("sagemaker", "UpdateEndpointWeightsAndCapacities"): self.scale,
            ("sagemaker", "DeleteEndpoint"): self.delete,
            ("sagemaker-runtime", "InvokeEndpoint"): self.invoke,
        }

    def close(self) -> None:
        """Kill every model server; requests in flight get an error."""
        self._usage.close()
        with self._lock:
            serving = [variant for endpoint in self._in_use().values() for variant in endpoint.variants]
        for variant in {*serving, *self._rollout.detached}:
            variant.kill()

    def create(self, call: Call) -> dict[str, Any]:
        name, config = call.parameters["EndpointName"], call.parameters["EndpointConfigName"]
        settings = self._models.config(config).production_variants
        with self._lock:
            if name in self._endpoints:
                raise invalid(f'Cannot create already existing endpoint "{self._endpoints[name].arn}".')
            fleet = instances_of(settings)
            self._require_instances(fleet)
            arn = self._cloud.arn("sagemaker", f"endpoint/{name.lower()}")
            endpoint = Endpoint(name, arn, config, call.parameters.get("Tags", []), fleet)
            endpoint.keep = self._keep
            self._endpoints[name] = endpoint
        self._in_background(self._rollout.deploy, endpoint, config, settings)
        return {"EndpointArn": endpoint.arn}

    def describe(self, call: Call) -> dict[str, Any]:
        return self._find(call).describe()

    def list(self, call: Call) -> dict[str, Any]:
        with self._lock:
            summaries = [endpoint.summary() for endpoint in self._endpoints.values()]
        return page(summaries, call.parameters, member="Endpoints", name="EndpointName", status="EndpointStatus")

    def update(self, call: Call) -> dict[str, Any]:
        endpoint, config = self._find(call), call.parameters["EndpointConfigName"]
        settings = self._models.config(config).production_variants
        if call.parameters.get("RetainAllVariantProperties"):
            excluded = {item["VariantPropertyType"] for item in call.parameters.get("ExcludeRetainedVariantProperties", [])}
            settings = [retain(endpoint, setting, excluded) for setting in settings]
        deployment = call.parameters.get("DeploymentConfig", {})
        scaled_instance_type(self._cloud, endpoint, settings)
        shift = self._shift_of(endpoint, settings, deployment)
        with self._lock:
            fleet = instances_of(settings)
            self._require_instances(fleet)
            endpoint.begin("Updating", config, fleet, deployment)
        self._in_background(self._rollout.deploy, endpoint, config, settings, shift)
        return {"EndpointArn": endpoint.arn}

    def scale(self, call: Call) -> dict[str, Any]:
        endpoint = self._find(call)
        wanted = call.parameters["DesiredWeightsAndCapacities"]
        variants = {item["VariantName"]: endpoint.variant(item["VariantName"]) for item in wanted}
        unknown = ", ".join(f'"{name}"' for name, variant in variants.items() if variant is None)
        if unknown:
            config = endpoint.describe()["EndpointConfigName"]
            raise invalid(f'The variant name(s) {unknown} is/are not present within endpoint configuration "{config}".')
        asked = {variant: item for item in wanted if (variant := variants[item["VariantName"]])}
        counts = {variant: item.get("DesiredInstanceCount", variant.desired) for variant, item in asked.items()}
        more = (Counter({variant.instance_type: count - variant.desired}) for variant, count in counts.items())
        with self._lock:
            self._require_instances(sum(more, Counter[str]()))
            endpoint.begin("Updating")
        for variant, item in asked.items():
            variant.weight, variant.desired = item.get("DesiredWeight", variant.weight), counts[variant]
        self._in_background(self._rollout.scale, endpoint, counts)
        return {"EndpointArn": endpoint.arn}

    def delete(self, call: Call) -> dict[str, Any]:
        endpoint = self._find(call)
        endpoint.begin("Deleting")
        self._in_background(self._delete, endpoint)
        return {}

    def invoke(self, call: Call) -> dict[str, Any]:
        name = call.parameters["EndpointName"]
        endpoint = self._endpoints.get(name)
        if endpoint is None or not endpoint.variants or endpoint.status == "Deleting":
            raise AwsError("ValidationError", f"Endpoint {name} of account {self._cloud.account} not found.")
        return self._invocations.invoke(endpoint, call.parameters)

    def _shift_of(self, endpoint: Endpoint, settings: Sequence[Mapping[str, Any]], deployment: Mapping[str, Any]) -> Shift:
        if not deployment:
            return AT_ONCE
        require_same_variants(endpoint, settings)
        smallest = min(int(setting.get("InitialInstanceCount", 1)) for setting in settings)
        return read_shift(deployment, instances=smallest, known_alarms=self._cloud.books("cloudwatch").alarms)

    def _require_instances(self, wanted: Counter[str]) -> None:
        """Raise ResourceLimitExceeded when the account has no quota for these instances; a fleet counts until its replacement serves."""
        used = sum((endpoint.instances for endpoint in self._endpoints.values()), Counter[str]())
        for instance_type, count in wanted.items():
            self._quotas.require_instances("endpoint", instance_type, used=used[instance_type], more=count)

    def _delete(self, endpoint: Endpoint) -> None:
        for variant in endpoint.variants:
            variant.retire()
        with self._lock:
            del self._endpoints[endpoint.name]
        self._keep()

    def _resume(self, endpoint: Endpoint) -> None:
        """Go on with an endpoint of an earlier local_aws."""
        endpoint.keep = self._keep
        if endpoint.status == "Deleting":
            del self._endpoints[endpoint.name]
        elif endpoint.origins:
            self._in_background(self._rollout.resume, endpoint)

    def _keep(self) -> None:
        self._cloud.memory.keep("endpoints")

    def _find(self, call: Call) -> Endpoint:
        name = call.parameters["EndpointName"]
        with self._lock:
            endpoint = self._endpoints.get(name)
        if endpoint is None:
            raise invalid(f'Could not find endpoint "{self._cloud.arn("sagemaker", f"endpoint/{name.lower()}")}".')
        return endpoint

    def _in_background(self, change: Callable[..., None], endpoint: Endpoint, *arguments: Any) -> None:
        threading.Thread(target=change, args=(endpoint, *arguments), name=f"endpoint {endpoint.name}", daemon=True).start()


def instances_of(settings: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """The number of instances of each type that a config asks for."""
    return sum((Counter({setting["InstanceType"]: int(setting.get("InitialInstanceCount", 1))}) for setting in settings), Counter[str]())


def retain(endpoint: Endpoint, setting: Mapping[str, Any], excluded: set[str]) -> dict[str, Any]:
    """The settings of a variant with the current count and weight of the live variant of the same name."""
    live = endpoint.variant(setting["VariantName"])
    if live is None:
        return dict(setting)
    kept = {member: getattr(live, field) for kind, (member, field) in RETAINED.items() if kind not in excluded}
    return {**setting, **kept}


def require_same_variants(endpoint: Endpoint, settings: Sequence[Mapping[str, Any]]) -> None:
    live, wanted = {variant.name for variant in endpoint.variants}, {setting["VariantName"] for setting in settings}
    if live != wanted:
        raise invalid(f"A DeploymentConfig needs the same variant names before and after: {sorted(live)} became {sorted(wanted)}.")
