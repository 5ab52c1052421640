"""The report of a run as a type, with its JSON at the edge: `report.json` in the bucket of the account.

A part is None when the run did not reach its stage, or when its flow has no such stage.
A new field with a default keeps the VERSION; every other change of a field needs the next version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from pedigree.aws.errors import InvalidInput
from pedigree.drawing import display_name, shorten
from pedigree.report.record import Status
from pedigree.trained_model import NoCapacity, Proof, TrainingKind
from pedigree.values import Champion, CostLine, Dataset, Endpoint, FunctionVersion, ModelVersion, ScalingPolicy

VERSION = 3  # reports of version 1 have no version field, those of version 2 no cancelled run
Interval = tuple[float, float]  # the ends of a 95% interval
Verdict = Literal["Completed", "Refused", "Failed", "Cancelled", "Rejected", "Waits for approval", "Nothing to do"]


@dataclass(frozen=True)
class StageReport:
    """One stage; `link` leads to the AWS console, `cost_usd` is None when AWS billed nothing or the price is not known."""

    name: str
    status: Status
    outcome: str | None
    seconds: float | None
    attempts: int
    resource: str | None
    message: str | None
    billable_seconds: int | None
    cost_usd: float | None
    link: str | None


@dataclass(frozen=True)
class Recall:
    """The share of the test images of a class that the model answers right."""

    name: str
    images: int
    correct: int
    share: float
    interval: Interval


@dataclass(frozen=True)
class Mistake:
    """The number of test images of the class `actual` that the model predicts as `predicted`."""

    actual: str
    predicted: str
    images: int

    @property
    def words(self) -> str:
        return " → ".join(shorten(display_name(name), 30) for name in (self.actual, self.predicted))


@dataclass(frozen=True)
class Metrics:
    """The chosen model on the test split, as the evaluation job measured it; `baseline` is the majority-class baseline of that split."""

    accuracy: float
    baseline: float
    interval: Interval
    images: int
    correct: int
    epochs: int
    recalls: tuple[Recall, ...]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True)
class TrainingReport:
    """One completed training; `reason` says why it was chosen among several.

    The validation split was measured at the kept epoch, the test split once at the end; both are the job's own words.
    """

    stage: str
    chosen: bool
    reason: str | None
    kind: TrainingKind
    key: str
    job_name: str
    attempt: int
    artifact: str
    code_key: str
    proof: Proof | None
    kept_epoch: int
    valid_loss: float
    valid_accuracy: float
    test_accuracy: float
    test_interval: Interval
    instances: int
    instance_type: str
    spot: bool
    no_capacity: tuple[NoCapacity, ...]
    seconds: float | None
    training_seconds: int
    billable_seconds: int


@dataclass(frozen=True)
class ComparisonReport:
    """Candidate and champion on the test images of the `classes` that both know.

    `added` only the candidate knows, `missing` only the champion. `difference` is candidate minus champion, None without a comparison.
    """

    champion: Champion | None
    already_live: bool
    job_name: str | None
    images: int
    candidate_correct: int
    champion_correct: int
    gained: int
    lost: int
    difference: float | None
    interval: Interval | None
    classes: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Approval:
    """The decision about the model package; `approver` is None when the gate approved, or before a decision."""

    status: str
    approver: str | None
    reason: str | None
    registered_by: str | None


@dataclass(frozen=True)
class Prediction:
    """One golden image sent through the function."""

    file: str
    label: str
    predicted: str
    probability: float
    milliseconds: float


@dataclass(frozen=True)
class SmokeTestReport:
    """The golden images that were sent through the function."""

    passed: bool
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class CostReport:
    """The costs in US dollars; `receipt` has the lines of `run` with the billed hours."""

    run: tuple[CostLine, ...]
    receipt: tuple[CostLine, ...]
    month: tuple[CostLine, ...]
    by_hand: tuple[CostLine, ...]
    planned_usd: float
    billed_usd: float
    month_usd: float
    by_hand_usd: float
    prices_of: str

    @property
    def first_month_usd(self) -> float:
        return self.planned_usd + self.month_usd


@dataclass(frozen=True)
class Report:
    """The whole report of a run, for people and programs; `not_drawn` says by title why a figure is missing."""

    flow_run_id: str
    status: Verdict
    stages: tuple[StageReport, ...]
    dataset: Dataset | None
    metrics: Metrics | None
    trainings: tuple[TrainingReport, ...]
    comparison: ComparisonReport | None
    model_package: ModelVersion | None
    approval: Approval | None
    endpoint: Endpoint | None
    autoscaling: ScalingPolicy | None
    function: FunctionVersion | None
    smoke_test: SmokeTestReport | None
    cost: CostReport | None
    not_drawn: Mapping[str, str] = field(default_factory=dict)
    version: int = VERSION

    @property
    def training(self) -> TrainingReport | None:
        """The training with the chosen model; None before the choice."""
        return next((training for training in self.trainings if training.chosen), None)


class UnreadableReport(InvalidInput):
    """The JSON is not a report of this VERSION."""


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain data, ready for `json.dumps`."""
    data: dict[str, Any] = adapter().dump_python(report, mode="json")
    return data


def from_json(data: Any) -> Report:
    """The report from the data of `to_json`; UnreadableReport when the data is of another version, or damaged."""
    written = data if isinstance(data, Mapping) else {}
    run, version = f"flow run {written.get('flow_run_id', '?')}", written.get("version", 1)
    if version != VERSION:
        cause = f"report.json has version {version}, and this release of pedigree reads version {VERSION}"
        raise UnreadableReport("report", run, cause, "read report.md beside it, or use the release that wrote it")
    try:
        return adapter().validate_python(data)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        cause = f"report.json does not match version {VERSION} at {places}"
        raise UnreadableReport("report", run, cause, "read report.md beside it") from error


@cache
def adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)
