"""The settings of the endpoint and of its updates."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pedigree.settings.base import Settings, Words
from pedigree.settings.extra import ExtraEndpointConfig, ExtraModel
from pedigree.settings.images import Image
from pedigree.settings.instance_types import EndpointType

REHEARSAL, MEASURED = "rehearsal", "measured"  # of the endpoints that stand in for another, behind its name


def not_a_stand_in(name: str) -> str:
    for ending in (REHEARSAL, MEASURED):
        if name == ending or name.endswith(f"-{ending}"):
            raise ValueError(f"{name} ends as an endpoint that stands in for the project's own: choose a name without {ending} at its end")
    return name


EndpointName = Annotated[Words, Field(max_length=30), AfterValidator(not_a_stand_in)]


class Guardrails(Settings):
    """How an update of a live endpoint moves the traffic, and which alarms roll it back."""

    shift: Annotated[
        Literal["canary", "linear"],
        Field(
            description="Traffic moves in two steps (canary) or in equal steps (linear); an endpoint with one instance changes in one step."
        ),
    ] = "canary"
    step_percent: Annotated[
        int, Field(ge=10, le=50, description="Size of the canary or of a linear step, in percent of the instances.")
    ] = 10
    bake_seconds: Annotated[
        int, Field(ge=120, le=1800, description="Time in which the alarms are watched after each step, also after the last.")
    ] = 300
    max_errors: Annotated[
        int,
        Field(ge=0, description="Maximum number of 5xx answers in a minute; more roll the update back, and raise an alarm at any time."),
    ] = 0
    max_p99_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=60,
            description="Maximum p99 latency of the model in a minute; more rolls the update back, and if it lasts raises an alarm.",
        ),
    ] = 10.0


class Serving(Settings):
    """The endpoint that serves the model."""

    endpoint_name: EndpointName | None = Field(
        None, description="Name of an endpoint `<project>--<endpoint_name>`; empty for the endpoint with the project's name."
    )
    instance_type: EndpointType = Field("ml.m5.large", description="SageMaker instance type behind the endpoint.")
    initial_instance_count: Annotated[
        int, Field(ge=1, le=100, description="Instances of a new endpoint; a live endpoint keeps its number.")
    ] = 1
    image: Image | None = Field(
        None, description="Container image for inference; empty for AWS's PyTorch image of this region and instance type."
    )
    startup_seconds: Annotated[int, Field(ge=60, le=3600, description="Time limit for a container to become healthy.")] = 600
    extra_model: ExtraModel = Field({})
    extra_endpoint_config: ExtraEndpointConfig = Field({})
    guardrails: Guardrails = Field(Guardrails(), description="Settings of updates; see below.")
