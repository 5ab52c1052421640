"""The endpoint and how it is updated."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pedigree.settings.base import WORDS, Settings
from pedigree.settings.extra import ExtraEndpointConfig, ExtraModel

REHEARSAL, MEASURED = "rehearsal", "measured"  # of the endpoints that stand in for another, behind its name


def not_a_stand_in(name: str) -> str:
    if name in (REHEARSAL, MEASURED):
        raise ValueError(f"{name} is the name of the endpoint that stands in for the project's own: choose another")
    return name


EndpointName = Annotated[str, Field(pattern=WORDS, max_length=30), AfterValidator(not_a_stand_in)]


class Guardrails(Settings):
    """How an update of a live endpoint moves its traffic, and what takes it back."""

    shift: Annotated[
        Literal["canary", "linear"],
        Field(description="From two instances on: in two steps or in equal ones. A single one changes at once."),
    ] = "canary"
    step_percent: Annotated[int, Field(ge=10, le=50, description="Of the instances, the size of the canary or of a linear step.")] = 10
    bake_seconds: Annotated[
        int, Field(ge=120, le=1800, description="How long the alarms are watched after each step, the last included.")
    ] = 300
    max_errors: Annotated[int, Field(ge=0, description="Answers 5xx in a minute; one more and the update goes back.")] = 0
    max_p99_seconds: Annotated[
        float, Field(gt=0, le=60, description="In the model, 99 of 100 answers of a minute; slower and the update goes back.")
    ] = 10.0


class Serving(Settings):
    """The endpoint that serves the model."""

    endpoint_name: EndpointName | None = Field(
        None, description="Empty for the endpoint that has the project's name; else the endpoint is called `<project>--<endpoint_name>`."
    )
    instance_type: str = Field("ml.m5.large", description="SageMaker instance type behind the endpoint.")
    initial_instance_count: Annotated[int, Field(ge=1, le=100, description="Of a new endpoint; a live one keeps its count.")] = 1
    image: str | None = Field(None, description="Inference image; empty for AWS's PyTorch image of this region and instance type.")
    startup_seconds: Annotated[int, Field(ge=60, le=3600, description="For a container to become healthy.")] = 600
    extra_model: ExtraModel = Field({})
    extra_endpoint_config: ExtraEndpointConfig = Field({})
    guardrails: Guardrails = Field(Guardrails(), description="Of updates; see below.")
