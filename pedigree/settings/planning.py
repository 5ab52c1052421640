"""The settings of `plan`: the traffic, and the goal for its latency and drops."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pedigree.settings.base import Settings


class Traffic(Settings):
    """The traffic to plan for: a file, or a shape with a base rate and a peak rate."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "shape": "a plan is computed from it, nothing is made",
        "base_rps": "a plan is computed from it, nothing is made",
        "peak_rps": "a plan is computed from it, nothing is made",
        "hours": "a plan is computed from it, nothing is made",
        "peak_minutes": "a plan is computed from it, nothing is made",
        "csv": "a plan is computed from it, nothing is made",
    }

    shape: Annotated[
        Literal["steady", "diurnal", "spike", "ramp"],
        Field(description="steady: base rate only; diurnal: peak at noon; spike: peak for some minutes; ramp: up to the peak and down."),
    ] = "diurnal"
    base_rps: Annotated[float, Field(ge=0, description="Requests per second outside the peak.")] = 1.0
    peak_rps: Annotated[float, Field(gt=0, description="Requests per second at the peak.")] = 10.0
    hours: Annotated[float, Field(gt=0, le=168, description="Length of the traffic.")] = 24.0
    peak_minutes: Annotated[float, Field(gt=0, description="Length of the spike.")] = 30.0
    csv: str | None = Field(
        None,
        description="Instead of a shape: file or s3:// address with the columns seconds,requests_per_second; a row holds until the next.",
    )

    @model_validator(mode="after")
    def the_peak_is_a_peak(self) -> Self:
        if self.shape != "steady" and self.base_rps > self.peak_rps:
            raise ValueError(f"base_rps {self.base_rps:g} is more than peak_rps {self.peak_rps:g}")
        if self.shape == "spike" and self.peak_minutes > self.hours * 60:
            raise ValueError(f"peak_minutes {self.peak_minutes:g} is more than the {self.hours:g} hours of the traffic")
        return self


class Goal(Settings):
    """The goal for latency and drops. `plan` recommends the cheapest settings that reach it."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "p99_ms": "a plan is computed from it, nothing is made",
        "dropped_percent": "a plan is computed from it, nothing is made",
        "cold_percent": "a plan is computed from it, nothing is made",
        "most_instances": "a plan is computed from it, nothing is made",
        "startup_seconds": "a plan is computed from it, nothing is made",
    }

    p99_ms: Annotated[float, Field(gt=0, description="The endpoint answers 99 of 100 requests within this time.")] = 1000.0
    dropped_percent: Annotated[
        float, Field(gt=0, le=100, description="Share of requests that may get no answer, at the endpoint and also at the function.")
    ] = 0.1
    cold_percent: Annotated[float, Field(gt=0, le=100, description="Share of requests that may wait for a new environment.")] = 5.0
    most_instances: Annotated[int, Field(ge=1, le=100, description="Highest max_instances that `plan` recommends.")] = 20
    startup_seconds: Annotated[float, Field(ge=0, le=3600, description="Time until a new instance answers.")] = 300.0
