"""The pictures of the sample predictions."""

from typing import Any

from tasks.report.record import Record
from tasks.training.result import read_output


def read_samples(s3: Any, record: Record) -> dict[str, bytes]:
    """{name in the job's output: JPEG} of the run's training job; empty where the run has none."""
    if "training" not in record.values:
        return {}
    output = read_output(s3, record.values["training"].artifact)
    return {sample["image"]: output[sample["image"]] for sample in record.values["training"].evaluation.samples}
