"""How `score` asks a model about many images."""

from typing import Annotated, Literal

from pydantic import Field

from pedigree.settings.base import Settings


class Scoring(Settings):
    """How `score` asks a model about many images."""

    package: str | None = Field(None, description="ARN of an approved model package; empty for the live one.")
    endpoint_name: str | None = Field(None, description="Of which the live model is asked; empty for the project's own.")
    format: Literal["parquet", "jsonl"] = Field("parquet", description="Of the predictions; jsonl is JSON Lines.")
    instance_type: str = Field("ml.m5.large", description="SageMaker instance type of the transform jobs.")
    images_per_job: Annotated[
        int, Field(ge=1, le=20_000, description="In one transform job: what is done again at most when one fails or is stopped.")
    ] = 5000
    parallel: Annotated[int, Field(ge=1, le=50, description="Jobs at a time, each on an instance of its own.")] = 1
    retry_failed: bool = Field(default=False, description="Try again where the same job failed or was stopped before.")
