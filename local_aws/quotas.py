"""Service quotas: limits of the account, which Service Quotas lists and the services enforce.

Set over `/_local_aws/quotas`: POST {"service": "sagemaker", "name": "ml.g4dn.xlarge for training job usage", "value": 0} sets a quota, GET
lists the quotas that were set, DELETE restores all defaults. The names are AWS's; only the quota codes in CODES are AWS's.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from moto.core.utils import get_service_model

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.listing import cut

INSTANCES = 20  # for each type and use, as in an account with raised quotas; a new account has 0 for many types
CONCURRENT_EXECUTIONS = 1000  # 10 in a new account
CONCURRENCY = ("lambda", "Concurrent executions")
USES = {  # use -> SageMaker's enumeration of instance types
    "training job": "TrainingInstanceType",
    "spot training job": "TrainingInstanceType",
    "endpoint": "ProductionVariantInstanceType",
    "transform job": "TransformInstanceType",
}
CODES = {CONCURRENCY: "L-B99A9384", ("sagemaker", "ml.g4dn.xlarge for training job usage"): "L-3F53BF0F"}
PAGE = 100


@dataclass(frozen=True)
class Quota:
    """One quota; `service` is the service code of Service Quotas."""

    service: str
    name: str
    value: float

    @property
    def code(self) -> str:
        return CODES.get((self.service, self.name)) or f"L-{hashlib.sha256(self.name.encode()).hexdigest()[:8].upper()}"


class Quotas:
    """Every quota of the account; `values` replace defaults from the start."""

    def __init__(self, cloud: Cloud, values: Mapping[tuple[str, str], float] | None = None) -> None:
        self._cloud, self._values = cloud, dict(values or {})
        self._set: dict[tuple[str, str], float] = {}

    def operations(self) -> Operations:
        return {
            ("service-quotas", "ListServiceQuotas"): self.list_quotas,
            ("service-quotas", "GetServiceQuota"): self.get_quota,
        }

    def close(self) -> None:
        return

    @property
    def concurrent_executions(self) -> int:
        return int(self._value(CONCURRENCY, CONCURRENT_EXECUTIONS))

    def require_instances(self, use: str, instance_type: str, *, used: int, more: int) -> None:
        """Raise ResourceLimitExceeded when `more` instances of a type exceed the quota for `use`, one of USES."""
        name = f"{instance_type} for {use} usage"
        limit = self._value(("sagemaker", name), INSTANCES)
        if more > 0 and used + more > limit:
            raise AwsError(
                "ResourceLimitExceeded",
                f"The account-level service limit '{name}' is {limit:g} Instances, with current utilization of {used} Instances and a "
                f"request delta of {more} Instances. Please use AWS Service Quotas to request an increase for this quota. If AWS Service "
                "Quotas is not available, contact AWS support to request an increase for this quota.",
            )

    def list_quotas(self, call: Call) -> dict[str, Any]:
        code = call.parameters.get("QuotaCode")
        found = [quota for quota in self._of(call) if code in (None, quota.code)]
        page, token = cut(found, call.parameters, "InvalidPaginationTokenException", most=PAGE)
        return {"Quotas": [self._describe(quota) for quota in page], **token}

    def get_quota(self, call: Call) -> dict[str, Any]:
        code = call.parameters["QuotaCode"]
        quota = next((quota for quota in self._of(call) if quota.code == code), None)
        if quota is None:
            raise missing(f"there is no quota {code}")
        return {"Quota": self._describe(quota)}

    def add(self, specification: Any) -> Quota:
        """Set a quota from a JSON object with the fields of Quota; ValueError says what is wrong with the object."""
        quota = parse_quota(specification)
        if quota.name not in {known.name for known in self._all() if known.service == quota.service}:
            raise ValueError(f"{quota.service} has no quota {quota.name!r}")
        self._set[quota.service, quota.name] = quota.value
        return quota

    def list(self) -> list[dict[str, Any]]:
        return [asdict(Quota(service, name, value)) for (service, name), value in self._set.items()]

    def clear(self) -> None:
        self._set.clear()

    def _value(self, key: tuple[str, str], default: float) -> float:
        return self._set.get(key, self._values.get(key, default))

    def _of(self, call: Call) -> Sequence[Quota]:
        service = call.parameters["ServiceCode"]
        found = [quota for quota in self._all() if quota.service == service]
        if not found:
            raise missing(f"local_aws knows no quotas of {service}")
        return found

    def _all(self) -> Iterator[Quota]:
        yield Quota(*CONCURRENCY, self.concurrent_executions)
        for use, enumeration in USES.items():
            shape: Any = get_service_model("sagemaker").shape_for(enumeration)
            for instance_type in shape.enum:
                name = f"{instance_type} for {use} usage"
                yield Quota("sagemaker", name, self._value(("sagemaker", name), INSTANCES))

    def _describe(self, quota: Quota) -> dict[str, Any]:
        return {
            "ServiceCode": quota.service,
            "ServiceName": {"lambda": "AWS Lambda", "sagemaker": "Amazon SageMaker"}[quota.service],
            "QuotaArn": self._cloud.arn("servicequotas", f"{quota.service}/{quota.code}"),
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "Value": float(quota.value),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }


def parse_quota(specification: Any) -> Quota:
    fields = {"service", "name", "value"}
    if not isinstance(specification, dict) or specification.keys() != fields:
        raise ValueError(f"a quota is a JSON object with {sorted(fields)}, got {specification!r}")
    value = specification["value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"value must be a number of at least 0, got {value!r}")
    return Quota(**specification)


def missing(reason: str) -> AwsError:
    return AwsError("NoSuchResourceException", f"The request failed because the specified resource does not exist: {reason}.")
