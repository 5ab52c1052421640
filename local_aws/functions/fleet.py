"""The choice of an execution environment for an invocation: first provisioned, then idle, then new, else an error (429)."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from local_aws.functions.concurrency import Concurrency
from local_aws.functions.environment import Environment
from local_aws.functions.launcher import Launcher
from local_aws.functions.provision import Provisions
from local_aws.functions.registry import Target
from local_aws.functions.spec import Spec, spec_of

IDLE_SECONDS = 600


class Fleet:
    """All on-demand environments, and the number of invocations that run in them."""

    def __init__(self, launcher: Launcher, concurrency: Concurrency, provisions: Provisions) -> None:
        self._launcher, self._concurrency, self._provisions = launcher, concurrency, provisions
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self._idle: list[Environment] = []
        self._busy: list[Environment] = []

    @contextmanager
    def environment(self, target: Target) -> Iterator[Environment]:
        """An environment for one invocation; TooManyRequestsException when no concurrency is left."""
        _, provision = self._provisions.serving(target)
        provisioned = provision.take() if provision else None
        if provision and provisioned:
            try:
                yield provisioned
            finally:
                provision.give_back(provisioned)
        else:
            with self._slot(target.name):
                environment = self._obtain(spec_of(target.function))
                try:
                    yield environment
                finally:
                    self._put_away(environment)

    def running(self, name: str) -> int:
        """The number of on-demand invocations of a function that run now."""
        return self._running[name]

    def end(self, name: str, version: str = "") -> None:
        """End the on-demand environments of a function, or of one version of it."""
        self._end_where(lambda environment: environment.spec.name == name and version in ("", environment.spec.version))

    def end_all(self) -> None:
        self._end_where(lambda _environment: True)

    @contextmanager
    def _slot(self, name: str) -> Iterator[None]:
        with self._lock:
            self._concurrency.admit(name, self._running)
            self._running[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[name] -= 1

    def _obtain(self, spec: Spec) -> Environment:
        oldest = time.monotonic() - IDLE_SECONDS
        self._end_where(lambda other: other in self._idle and (not other.alive or other.idle_since < oldest or replaces(spec, other.spec)))
        with self._lock:
            found = next((environment for environment in self._idle if environment.spec == spec), None)
            if found:
                self._idle.remove(found)
                self._busy.append(found)
                return found
        started = self._launcher.start(spec, "on-demand")
        with self._lock:
            self._busy.append(started)
        return started

    def _put_away(self, environment: Environment) -> None:
        with self._lock:
            if environment in self._busy:  # otherwise the function was deleted during the invocation
                self._busy.remove(environment)
                self._idle.append(environment)

    def _end_where(self, condition: Callable[[Environment], bool]) -> None:
        with self._lock:
            ending = [environment for environment in self._idle + self._busy if condition(environment)]
            self._idle = [environment for environment in self._idle if environment not in ending]
            self._busy = [environment for environment in self._busy if environment not in ending]
        for environment in ending:
            environment.end()


def replaces(spec: Spec, older: Spec) -> bool:
    """Whether `spec` is the same version as `older` with new code or settings."""
    return (spec.name, spec.version) == (older.name, older.version) and spec != older
