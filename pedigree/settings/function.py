"""The Lambda function in front of the endpoint."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from pedigree.settings.base import Settings, Words
from pedigree.settings.extra import ExtraFunction
from pedigree.settings.schedules import Timezone, When


class ProvisionedSchedule(Settings):
    """New limits of the provisioned concurrency, from a certain time on."""

    name: Annotated[Words, Field(max_length=51, description="Name of the scheduled action.")]
    when: When
    timezone: Timezone = Field("UTC", description="Time zone, such as Europe/Berlin.")
    lowest: Annotated[int, Field(ge=1, description="Minimum number of warm environments from this time on.")]
    highest: Annotated[int, Field(ge=1, description="Maximum number of warm environments from this time on.")]


class Function(Settings):
    """The Lambda function in front of the endpoint."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "canary_seconds": "the orchestrator watches a new version for so long",
    }

    memory_mb: Annotated[int, Field(ge=128, le=10_240, description="Memory of the function; more memory brings more CPU.")] = 256
    timeout_seconds: Annotated[int, Field(ge=1, le=900, description="Time limit of one request, with the download of its image.")] = 30
    reserved_concurrency: Annotated[
        int, Field(ge=1, description="Maximum number of requests at once; more requests get the answer 429.")
    ] = 5
    provisioned_concurrency: Annotated[int, Field(ge=0, description="Environments that are kept warm; at most `reserved_concurrency`.")] = 3
    max_provisioned_concurrency: Annotated[
        int | None,
        Field(
            ge=1,
            description="Autoscaling keeps from `provisioned_concurrency` to this number of environments warm; empty for no autoscaling.",
        ),
    ] = None
    target_utilization: Annotated[
        float, Field(ge=0.1, le=0.9, description="Share of the warm environments in use that autoscaling aims at.")
    ] = 0.7
    provisioned_schedules: Annotated[
        tuple[ProvisionedSchedule, ...],
        Field(description="Times with other limits, each with `name`, `when`, `timezone`, `lowest`, `highest`."),
    ] = ()
    canary_percent: Annotated[
        int, Field(ge=0, le=50, description="Share of the requests that a new version gets first; 0 moves all requests at once.")
    ] = 0
    canary_seconds: Annotated[
        int, Field(ge=1, le=3600, description="Time in which the new version must answer without an error; AWS counts errors per minute.")
    ] = 300
    url: Annotated[
        Literal["none", "iam", "public"],
        Field(
            title="Function URL",
            description="HTTPS address of the alias. iam: accepts signed requests. public: accepts all requests, at your cost.",
        ),
    ] = "none"
    extra: ExtraFunction = Field({})

    @model_validator(mode="after")
    def provisioned_is_no_more_than_reserved(self) -> Self:
        if self.provisioned_concurrency > self.reserved_concurrency:
            raise ValueError(
                f"provisioned_concurrency {self.provisioned_concurrency} is more than reserved_concurrency {self.reserved_concurrency}"
            )
        return self

    @model_validator(mode="after")
    def what_scales_stays_within_the_reserved(self) -> Self:
        names = [schedule.name for schedule in self.provisioned_schedules]
        most = max([self.max_provisioned_concurrency or 0, *(schedule.highest for schedule in self.provisioned_schedules)])
        if most > self.reserved_concurrency:
            raise ValueError(f"a provisioned concurrency of up to {most} is more than reserved_concurrency {self.reserved_concurrency}")
        if self.scales_provisioned and not 1 <= self.provisioned_concurrency <= (
            self.max_provisioned_concurrency or self.reserved_concurrency
        ):
            raise ValueError("autoscaling needs provisioned_concurrency from 1 to max_provisioned_concurrency")
        if any(schedule.lowest > schedule.highest for schedule in self.provisioned_schedules) or len(set(names)) < len(names):
            raise ValueError("provisioned_schedules: each schedule needs its own name, and a lowest that is no more than its highest")
        return self

    @property
    def scales_provisioned(self) -> bool:
        return self.max_provisioned_concurrency is not None or bool(self.provisioned_schedules)

    @property
    def provisioned_range(self) -> tuple[int, int]:
        """The minimum and maximum of warm environments that settings and schedules allow."""
        highest = self.max_provisioned_concurrency or self.provisioned_concurrency
        schedules = self.provisioned_schedules
        return (
            min([self.provisioned_concurrency, *(schedule.lowest for schedule in schedules)]),
            max([highest, *(schedule.highest for schedule in schedules)]),
        )
