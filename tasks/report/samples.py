"""The pictures of the sample predictions."""

from typing import Any

from tasks.training.result import read_output
from tasks.values import TrainedModel


def read_samples(s3: Any, model: TrainedModel) -> dict[str, bytes]:
    """{name in the job's output: JPEG} of the model's training job."""
    output = read_output(s3, model.artifact)
    return {sample["image"]: output[sample["image"]] for sample in model.evaluation.samples}
