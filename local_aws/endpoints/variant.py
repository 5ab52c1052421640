"""One production variant: its instances, the choice of an instance for a request, scaling and the end."""

import random
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count as counting
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from moto.core.utils import utcnow

from local_aws.endpoints.container import Container
from local_aws.endpoints.instance import Instance, Launch

DRAIN_SECONDS = 60.0  # the longest duration of an invocation


class Retired(Exception):
    """The variant is no longer behind the endpoint."""


class NoInstance(Exception):
    """No instance of the variant is alive."""


class StartFailed(Exception):
    """An instance did not pass its health check; the text is a FailureReason."""


@dataclass(frozen=True)
class Origin:
    """All that a variant starts from: its `settings` in the config, its container, and the folder of its instances.

    `folder` is relative to the folder of all endpoints.
    """

    settings: Mapping[str, Any]
    container: Container
    folder: str
    resolved: datetime = field(default_factory=utcnow)


class Launcher(Protocol):
    """Prepares an instance of a variant by its number, with the model as it lies in S3 now; StartFailed where that is not possible.

    Unless it is wanted `anew`, the instance keeps the model of the one with this number that an earlier local_aws ran.
    """

    def __call__(self, number: int, *, anew: bool) -> Launch: ...


class Variant:
    """A variant that starts its instances at once; call `wait_started` before it gets traffic."""

    def __init__(self, origin: Origin, folder: Path, launch: Launcher, log_of: Callable[[str], Any]) -> None:
        settings = origin.settings
        self.name, self.instance_type = settings["VariantName"], settings["InstanceType"]
        self.desired, self.weight = settings.get("InitialInstanceCount", 1), settings.get("InitialVariantWeight", 1.0)
        self._at_random = settings.get("RoutingConfig", {}).get("RoutingStrategy", "RANDOM") == "RANDOM"
        self._origin, self._folder, self._launch, self._log_of = origin, folder, launch, log_of
        self._condition = threading.Condition()
        self._retired = False
        self._running: dict[Instance, int] = {}  # by its number; draining instances included
        self._instances = self._start(self.desired, anew=False)

    @property
    def origin(self) -> Origin:
        """The origin of a variant like this one, with as many instances and the same weight."""
        now = {"InitialInstanceCount": self.desired, "InitialVariantWeight": self.weight}
        return replace(self._origin, settings={**self._origin.settings, **now})

    @property
    def instances(self) -> Sequence[Instance]:
        return tuple(self._instances)

    @property
    def current(self) -> int:
        """The number of instances that answer."""
        return sum(instance.live for instance in self._instances)

    def describe(self) -> dict[str, Any]:
        """The variant as a ProductionVariantSummary."""
        uri = self._origin.container.image
        image = {"SpecifiedImage": uri, "ResolvedImage": uri, "ResolutionTime": self._origin.resolved}
        return {
            "VariantName": self.name,
            "DeployedImages": [image],
            "CurrentWeight": self.weight,
            "DesiredWeight": self.weight,
            "CurrentInstanceCount": self.current,
            "DesiredInstanceCount": self.desired,
        }

    def wait_started(self) -> None:
        """Wait until every instance has passed its health check; StartFailed when an instance fails."""
        if not all(instance.wait_started() for instance in self._instances):
            raise StartFailed(
                f"The primary container for production variant {self.name} did not pass the ping health check. "
                "Please check CloudWatch logs for this endpoint."
            )

    @contextmanager
    def lease(self) -> Iterator[Instance]:
        """Lease a live instance, at random or with the fewest requests in flight; raises Retired or NoInstance."""
        with self._condition:
            if self._retired:
                raise Retired
            live = [instance for instance in self._instances if instance.live]
            if not live:
                raise NoInstance
            chosen = random.choice(live) if self._at_random else min(live, key=lambda instance: instance.in_flight)  # noqa: S311
            chosen.in_flight += 1
        try:
            yield chosen
        finally:
            with self._condition:
                chosen.in_flight -= 1
                self._condition.notify_all()

    def scale(self, count: int) -> None:
        """Start or drain instances until there are `count`, the desired number; after StartFailed it is the old one."""
        with self._condition:
            leaving = self._instances[count:]
            self._instances = self._instances[:count]
        self._drain(leaving)
        added = list[Instance]()
        try:
            added = self._start(count - len(self._instances), anew=True)
            if not all(instance.wait_started() for instance in added):
                raise StartFailed(f"Unable to start {len(added)} more instance(s) of production variant {self.name}.")
        except StartFailed:
            self._stop(added)
            self.desired = len(self._instances)
            raise
        with self._condition:
            self._instances = [*self._instances, *added]

    def retire(self) -> None:
        """Refuse new requests, wait for the requests in flight, stop the servers and remove their files."""
        with self._condition:
            self._retired = True
            leaving, self._instances = self._instances, []
        self._drain(leaving)
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        for instance in list(self._running):
            instance.kill()

    def _start(self, count: int, *, anew: bool) -> list[Instance]:
        """Start instances, each with a model of its own: no instance shares what another one downloaded."""
        numbers = list(islice((number for number in counting() if number not in self._running.values()), max(count, 0)))
        launches = [self._launch(number, anew=anew) for number in numbers]
        started = [Instance(launch, self._log_of) for launch in launches]
        self._running.update(zip(started, numbers, strict=True))
        return started

    def _drain(self, leaving: list[Instance]) -> None:
        with self._condition:
            self._condition.wait_for(lambda: not any(instance.in_flight for instance in leaving), DRAIN_SECONDS)
        self._stop(leaving)

    def _stop(self, instances: list[Instance]) -> None:
        for instance in instances:
            instance.stop()
            shutil.rmtree(instance.base, ignore_errors=True)
            self._running.pop(instance, None)
