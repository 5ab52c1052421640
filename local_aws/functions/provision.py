"""Provisioned concurrency: a fixed number of initialised environments of one version."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local_aws.call import AwsError
from local_aws.functions.environment import Environment
from local_aws.functions.registry import Target
from local_aws.functions.spec import Spec

INIT_FAILURE = "FUNCTION_ERROR_INIT_FAILURE"


class Provision:
    """One provisioned concurrency config: READY when all its environments are initialised; environments that end are replaced."""

    def __init__(self, spec: Spec, requested: int, start: Callable[[Spec], Environment]) -> None:
        self.spec = spec
        self._begin(start)
        self.resize(requested)

    def resize(self, requested: int) -> None:
        self.requested = requested
        self._modified = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S+0000}"
        self._initialise()

    def resume(self, start: Callable[[Spec], Environment]) -> None:
        """Start the environments again that ended with an earlier local_aws."""
        self._begin(start)
        self._initialise()

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("spec", "requested", "_modified")}

    def _begin(self, start: Callable[[Spec], Environment]) -> None:
        """Make the members that belong to one process."""
        self._start = start
        self._environments: list[Environment] = []
        self._free: list[Environment] = []
        self._lock, self._adjusting = threading.Lock(), threading.Lock()

    def _initialise(self) -> None:
        self._status, self._reason = "IN_PROGRESS", ""
        self._adjust_soon()

    def take(self) -> Environment | None:
        """Take an idle initialised environment, if there is one; the caller must give it back."""
        with self._lock:
            alive = [environment for environment in self._free if environment.alive]
            died = len(alive) < len(self._free)
            self._free = alive
            taken = self._free.pop() if self._free else None
        if died:
            self._adjust_soon()
        return taken

    @property
    def utilization(self) -> float:
        """The share of the environments that are in use."""
        with self._lock:
            return 1 - len(self._free) / len(self._environments) if self._environments else 1.0

    def give_back(self, environment: Environment) -> None:
        with self._lock:
            wanted = environment.alive and len(self._environments) <= self.requested
            if wanted:
                self._free.append(environment)
        if not wanted:
            environment.end()
            self._adjust_soon()

    def end(self) -> None:
        with self._lock:
            self.requested = 0
            environments, self._environments, self._free = self._environments, [], []
        for environment in environments:
            environment.end()

    def describe(self) -> dict[str, Any]:
        """The answer of GetProvisionedConcurrencyConfig."""
        with self._lock:
            available = sum(environment.alive and environment.initialised for environment in self._environments)
        config = {
            "RequestedProvisionedConcurrentExecutions": self.requested,
            "AvailableProvisionedConcurrentExecutions": available,
            "AllocatedProvisionedConcurrentExecutions": available,
            "Status": self._status,
            "LastModified": self._modified,
        }
        return {**config, "StatusReason": self._reason} if self._reason else config

    def _adjust_soon(self) -> None:
        threading.Thread(target=self._adjust, daemon=True).start()

    def _adjust(self) -> None:
        with self._adjusting:
            for environment in self._surplus():
                environment.end()
            started, reason = self._start_missing()
            failed = [environment for environment in started if not environment.initialise()]
            with self._lock:
                self._environments = [environment for environment in self._environments if environment not in failed]
                self._free += [environment for environment in started if environment in self._environments]
                self._conclude(reason or (INIT_FAILURE if failed else ""))
        for environment in [*failed, *self._surplus()]:  # the requested number may be lower by now, or 0
            environment.end()

    def _conclude(self, reason: str) -> None:
        if reason:
            self._status, self._reason = "FAILED", reason
        elif len(self._environments) >= self.requested:  # otherwise the requested number has risen, and the next adjustment follows
            self._status, self._reason = "READY", ""

    def _start_missing(self) -> tuple[list[Environment], str]:
        """Start the missing environments; return those that started, and the reason when some did not."""
        started = []
        try:
            while self._missing():
                environment = self._start(self.spec)
                started.append(environment)
                with self._lock:
                    self._environments.append(environment)
        except AwsError as error:
            return started, error.message
        return started, ""

    def _surplus(self) -> list[Environment]:
        """Remove dead environments, and idle environments above the requested number."""
        with self._lock:
            self._environments = [environment for environment in self._environments if environment.alive]
            self._free = [environment for environment in self._free if environment.alive]
            number = max(0, len(self._environments) - self.requested)
            surplus, self._free = self._free[:number], self._free[number:]
            self._environments = [environment for environment in self._environments if environment not in surplus]
        return surplus

    def _missing(self) -> bool:
        return len(self._environments) < self.requested


class Provisions:
    """The account's provisioned concurrency configs, by function name and qualifier."""

    def __init__(self, provisions: dict[tuple[str, str], Provision]) -> None:
        self._provisions = provisions

    def get(self, name: str, qualifier: str) -> Provision | None:
        return self._provisions.get((name, qualifier))

    def put(self, name: str, qualifier: str, provision: Provision) -> None:
        self._provisions[name, qualifier] = provision

    def remove(self, name: str, qualifier: str) -> None:
        """End the environments of a config, if there is one."""
        if provision := self._provisions.pop((name, qualifier), None):
            provision.end()

    def of_function(self, name: str) -> dict[str, Provision]:
        """The configs of one function by qualifier."""
        return {qualifier: provision for (owner, qualifier), provision in list(self._provisions.items()) if owner == name}

    def total(self, name: str) -> int:
        return sum(provision.requested for provision in self.of_function(name).values())

    def serving(self, target: Target) -> tuple[str, Provision | None]:
        """The config that serves a target, with its qualifier: the config of its alias, or of its version."""
        for qualifier in (target.qualifier, target.version):
            provision = self.get(target.name, qualifier)
            if provision and provision.spec.version == target.version:
                return qualifier, provision
        return "", None

    def all(self) -> list[Provision]:
        return list(self._provisions.values())

    def clear(self) -> None:
        for name, qualifier in list(self._provisions):
            self.remove(name, qualifier)
