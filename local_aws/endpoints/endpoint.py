"""The state of one endpoint: the fleet that serves, and during an update a second fleet with a share of the traffic."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.core.utils import utcnow

from local_aws.call import AwsError
from local_aws.endpoints.variant import Origin, Variant

# SystemUpdating: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
REASON_LIMIT = 1024
INTERNAL_ERROR = "Request to service failed. If failure persists after retry, contact customer support."


class Endpoint:
    """An endpoint; moto's records hold it too, and read its `arn` and `tags`.

    `starting` counts the instances of its first fleet by instance type. `keep` keeps the endpoint: nobody sees a status that is not kept.
    """

    keep: Callable[[], object] = staticmethod(lambda: None)

    def __init__(self, name: str, arn: str, config: str, tags: Sequence[Mapping[str, str]], starting: Counter[str]) -> None:
        self.name, self.arn, self.tags = name, arn, list(tags)
        self._status, self._config, self._next_config, self._reason = "Creating", config, config, ""
        self._created = self._modified = utcnow()
        self._deployment: Mapping[str, Any] = {}
        self._origins: Sequence[Origin] = ()  # of the variants that served when local_aws ended, until they start again
        self._begin(starting)

    def _begin(self, starting: Counter[str]) -> None:
        """Make the members that belong to one process."""
        self._lock = threading.Lock()
        self._variants: tuple[Variant, ...] = ()
        self._next: tuple[tuple[Variant, ...], float] = ((), 0.0)  # the new fleet, its share of the traffic
        self._starting = starting

    def __getstate__(self) -> dict[str, Any]:
        """The state that the memory keeps; it is read without the lock, because the thread that changes the status holds it."""
        kept = ("name", "arn", "tags", "_status", "_config", "_next_config", "_reason", "_created", "_modified", "_deployment")
        return {name: getattr(self, name) for name in kept} | {"_origins": self.origins}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the state that an earlier local_aws kept: an update in progress is rolled back, what never served has failed."""
        vars(self).update(state)
        self._begin(Counter())
        if self._next_config:
            self._reason, self._next_config = INTERNAL_ERROR, ""
        if self._status != "Deleting":
            self._status = "SystemUpdating" if self._origins else "Failed"

    @property
    def status(self) -> str:
        return self._status

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The variants of the current config; during an update other variants may have a part of the traffic, or all of it."""
        return self._variants

    @property
    def origins(self) -> Sequence[Origin]:
        """The origins of the variants that serve, or are to serve again."""
        return [variant.origin for variant in self._variants] or self._origins

    @property
    def instances(self) -> Counter[str]:
        """The number of instances of each type, starting instances included."""
        with self._lock:
            running, starting = self._variants, self._starting
        return sum((Counter({variant.instance_type: variant.desired}) for variant in running), starting)

    def fleet(self) -> tuple[Variant, ...]:
        """The variants that get the next request."""
        fleet, share = self._next
        return fleet if random.random() < share else self._variants  # noqa: S311

    def variant(self, name: str) -> Variant | None:
        return next((variant for variant in self._variants if variant.name == name), None)

    def describe(self) -> dict[str, Any]:
        """The DescribeEndpoint answer."""
        with self._lock:
            answer = self._summary() | {"EndpointConfigName": self._config}
            variants, reason = self._variants, self._reason
            if self._deployment:
                answer["LastDeploymentConfig"] = dict(self._deployment)
            if self._status in ("Creating", "Updating") and self._next_config:
                answer["PendingDeploymentSummary"] = {"EndpointConfigName": self._next_config, "StartTime": self._modified}
        shown = {"ProductionVariants": [variant.describe() for variant in variants]} if variants else {}
        return answer | shown | ({"FailureReason": reason} if reason else {})

    def summary(self) -> dict[str, Any]:
        with self._lock:
            return self._summary()

    def begin(
        self, status: str, config: str = "", starting: Counter[str] | None = None, deployment: Mapping[str, Any] | None = None
    ) -> None:
        """Start a change; ValidationException while another change is in progress or when the endpoint has failed."""
        with self._lock:
            if self._status in CHANGING:
                raise AwsError("ValidationException", f'Cannot update in-progress endpoint "{self.arn}".')
            if self._status == "Failed" and status != "Deleting":
                raise AwsError("ValidationException", f'Cannot update endpoint "{self.arn}" in status Failed: it can only be deleted.')
            self._set(status, config=self._config, next_config=config)
            self._starting = starting or Counter()
            self._deployment = deployment or self._deployment

    def shift(self, variants: Sequence[Variant], share: float) -> None:
        """Give the new variants this share of the traffic."""
        with self._lock:
            self._next = tuple(variants), share

    def roll_back(self) -> None:
        """Return all traffic to the old variants."""
        with self._lock:
            self._next = (), 0.0
            self._set("RollingBack", config=self._config)

    def serve(self, config: str, variants: Sequence[Variant]) -> tuple[Variant, ...]:
        """Move all traffic to `variants`; return the old variants."""
        with self._lock:
            old, self._variants, self._starting = self._variants, tuple(variants), Counter()
            self._next = (), 0.0
            self._set("InService", config=config)
            return old

    def settle(self, reason: str = "") -> None:
        """End a change that did not move the traffic: the status becomes InService, or Failed when no fleet serves."""
        with self._lock:
            self._set("InService" if self._variants else "Failed", config=self._config, reason=reason)
            self._starting = Counter()

    def resume(self, variants: Sequence[Variant]) -> None:
        """Take the variants that start again; they serve when all of them answer, and then `resumed` is called."""
        self._variants = tuple(variants)

    def resumed(self) -> None:
        with self._lock:
            self._status = "InService"
            self.keep()

    def lose(self, reason: str) -> None:
        """End a restart that failed: nothing serves."""
        with self._lock:
            self._variants, self._origins = (), ()
            self._set("Failed", config=self._config, reason=reason)

    def _summary(self) -> dict[str, Any]:
        return {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointStatus": self._status,
            "CreationTime": self._created,
            "LastModifiedTime": self._modified,
        }

    def _set(self, status: str, *, config: str, next_config: str = "", reason: str = "") -> None:
        self._status, self._config, self._next_config, self._reason = status, config, next_config, reason[:REASON_LIMIT]
        self._modified = utcnow()
        self.keep()
