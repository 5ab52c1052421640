"""How `score` asks a model about many images."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pedigree.settings.base import Settings
from pedigree.settings.instance_types import TransformType
from pedigree.settings.serving import EndpointName


class Scoring(Settings):
    """How `score` asks a model about many images."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "endpoint_name": "it says whose live model package is asked, where no package is named",
        "format": "the orchestrator writes the predictions in it",
        "parallel": "the orchestrator runs this many jobs at a time",
        "retry_failed": "the orchestrator starts another attempt with it, by the same request",
    }

    package: str | None = Field(None, description="ARN of an approved model package; empty for the live model.")
    endpoint_name: EndpointName | None = Field(
        None, description="Endpoint with the live model, as in the group serving; empty for the project's own endpoint."
    )
    format: Literal["parquet", "jsonl"] = Field("parquet", description="File format of the predictions; jsonl is JSON Lines.")
    instance_type: TransformType = Field("ml.m5.large", description="SageMaker instance type of the transform jobs.")
    images_per_job: Annotated[
        int, Field(ge=1, le=20_000, description="Images in one transform job; a job that fails or is stopped repeats at most these images.")
    ] = 5000
    parallel: Annotated[int, Field(ge=1, le=50, description="Transform jobs at a time, each on its own instance.")] = 1
    retry_failed: bool = Field(default=False, description="Start a job again that failed or was stopped before.")
