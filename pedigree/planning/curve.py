"""The latency curve of an endpoint: latency and throughput at rising concurrency, with the model, the place and the time."""

import math
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from pedigree.planning.queueing import Service
from pedigree.settings.base import Settings


class Level(Settings):
    """The measurement at one number of callers, who each ask without a pause; throughput is in answers per second.

    `errors` are requests without an answer.
    """

    concurrency: Annotated[int, Field(ge=1)]
    throughput: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    p50_ms: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    p99_ms: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    errors: Annotated[int, Field(ge=0)] = 0


class LatencyCurve(Settings):
    """Levels in rising order; the first has one caller for each of the `instances`. `model` is the ARN of the model package."""

    endpoint: str
    model: str
    image: str
    instance_type: str
    instances: Annotated[int, Field(ge=1)]
    measured_at: AwareDatetime
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def levels_rise_from_one_caller_an_instance(self) -> Self:
        callers = [level.concurrency for level in self.levels]
        if callers[0] != self.instances or any(low >= high for low, high in pairwise(callers)):
            raise ValueError(f"the levels must rise and begin with one caller for each of {self.instances} instances, got {callers}")
        if self.levels[0].errors:
            raise ValueError("with one caller for each instance there were errors already: repair the endpoint before you plan for it")
        return self

    @property
    def service(self) -> Service:
        """The service of one instance."""
        first = self.levels[0]
        return Service(capacity=self.capacity, p50=first.p50_ms / 1000, p99=first.p99_ms / 1000)

    @property
    def capacity(self) -> float:
        """The maximum of requests per second that one instance answers."""
        return max(level.throughput for level in self.levels if not level.errors) / self.instances

    def held(self, instances: int) -> int:
        """The measured number of requests at once that this number of instances answers without an error."""
        most = max(level.concurrency for level in self.levels if not level.errors)
        return math.floor(most / self.instances * instances)
