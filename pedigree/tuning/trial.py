"""One trial as a value, and the reading of its job's output and log."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from pedigree.aws.adoption import Attempt
from pedigree.aws.clients import S3Client
from pedigree.trained_model import Evaluation
from pedigree.training.epochs import read_epochs
from pedigree.training.output import OUTPUT, read_evaluation, read_history, read_output, readable
from pedigree.training.result import product_uri
from pedigree.tuning.space import Parameters
from pedigree.values import Outcome


@dataclass(frozen=True)
class Trial:
    """One trial; `losses` are the mean losses over the validation images by epoch, and `evaluation` is of the same split."""

    number: int
    parameters: Parameters
    status: Literal["completed", "pruned", "failed"]
    job_name: str
    losses: dict[int, float] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    billable_seconds: int = 0
    outcome: Outcome = "created"
    reason: str = ""

    @property
    def loss(self) -> float | None:
        """The objective: the loss of the best epoch, whose weights a training keeps."""
        return min(filter(isfinite, self.losses.values()), default=None)

    @property
    def resource(self) -> str:
        return self.job_name


def read_trial(s3: S3Client, number: int, parameters: Parameters, attempt: Attempt) -> Trial:
    """Read a completed trial from its output in S3."""
    uri = product_uri(attempt.description, OUTPUT)
    output = read_output(s3, uri)
    with readable(uri):
        history, evaluation = read_history(output), read_evaluation(output)
    return Trial(
        number=number,
        parameters=parameters,
        status="completed",
        job_name=attempt.name,
        losses={int(row["epoch"]): row["valid_loss"] for row in history},
        evaluation=evaluation,
        billable_seconds=attempt.description.get("BillableTimeInSeconds", 0),
        outcome=attempt.outcome,
    )


def losses_in(lines: Iterable[str]) -> dict[int, float]:
    """The validation losses by epoch, from the log of a running job."""
    return {int(row["epoch"]): row["valid_loss"] for row in read_epochs(lines) if "valid_loss" in row}
