"""The values that pass from task to task: small, frozen, each naming the AWS resource it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pedigree.text import dataset_size, dollars, short_package

Outcome = Literal["created", "updated", "adopted", "passed", "skipped"]
NO_FLOW_RUN = "none"


@dataclass(frozen=True)
class Account:
    """The account a flow works in: what the bootstrap stack made, the name of the credentials, and the id of the flow run.

    `run` is NO_FLOW_RUN outside of a flow run; it stands in the tags of what is created.
    A stack from before there was training on EC2 has no `instance_profile`, one from before there was scoring has no `scoring_role`, one
    from before evaluation had a role of its own no `evaluation_role`. Log lines are kept for `log_days`.
    """

    credentials: str
    project: str
    region: str
    bucket: str
    training_role: str
    serving_role: str
    function_role: str
    topic: str
    instance_profile: str = ""
    scoring_role: str = ""
    evaluation_role: str = ""
    run: str = NO_FLOW_RUN
    log_days: int = 90


@dataclass(frozen=True)
class CostLine:
    """One price times its time; `basis` says where the hours come from, and that the price is not known where it is 0."""

    resource: str
    usd_per_hour: float
    hours: float
    basis: str

    @property
    def usd(self) -> float:
        return self.usd_per_hour * self.hours

    @property
    def stage(self) -> str:
        """The stage that is billed for it: the words of `resource` before the comma."""
        name = self.resource.split(",")[0]
        return name.replace("evaluation", "comparison")


@dataclass(frozen=True)
class CostPlan:
    """The cost of a run before it begins, of a month of all that stays afterwards, and of the same done by hand.

    `training_hours` is {instance type: USD an hour} of all that the training may run on, None where it is not known.
    """

    run: tuple[CostLine, ...]
    month: tuple[CostLine, ...]
    by_hand: tuple[CostLine, ...]
    prices_of: str
    training_hours: Mapping[str, float | None] = field(default_factory=dict)
    outcome: Outcome = "passed"

    @property
    def run_usd(self) -> float:
        return sum(line.usd for line in self.run)

    @property
    def month_usd(self) -> float:
        return sum(line.usd for line in self.month)

    @property
    def resource(self) -> str:
        known = all(line.usd_per_hour for line in (*self.run, *self.month))
        return f"{'' if known else 'more than '}{dollars(self.run_usd)}, then {dollars(self.month_usd)} a month"


@dataclass(frozen=True)
class Dataset:
    """Labelled images in S3; `uri` ends in `/` and holds one folder of shards a split, and the manifest."""

    key: str
    uri: str
    classes: tuple[str, ...]
    counts: dict[str, int]
    outcome: Outcome
    warnings: tuple[str, ...] = ()

    @property
    def resource(self) -> str:
        return self.uri

    @property
    def summary(self) -> str:
        """The number of images of each split, and of classes."""
        return dataset_size(self.counts, self.classes)


@dataclass(frozen=True)
class Champion:
    """The live model: its endpoint, endpoint config, model and model package, and the job and dataset that it was trained with.

    `evaluation_job` is the one by which it passed its gate; an earlier release did not always have one.
    """

    endpoint: str
    config: str
    model: str
    package_arn: str
    training_job: str
    artifact: str
    evaluation_job: str | None = None
    dataset_key: str = ""


@dataclass(frozen=True)
class ModelVersion:
    """A model package; where a person has to decide it waits for approval."""

    arn: str
    key: str
    artifact: str
    outcome: Outcome
    approved: bool = True

    @property
    def name(self) -> str:
        """`<group>/<version>`."""
        return short_package(self.arn)

    @property
    def resource(self) -> str:
        return self.arn


@dataclass(frozen=True)
class Endpoint:
    """A live endpoint; `previous_config` is what it served before this run changed it, `package` the ARN of its model package."""

    name: str
    config: str
    variant: str
    model: str
    outcome: Outcome
    previous_config: str | None = None
    package: str | None = None

    @property
    def resource(self) -> str:
        return f"{self.name} ({self.config})"


@dataclass(frozen=True)
class ScalingPolicy:
    """A registered scalable target with policies whose alarms exist; `rule` says in words what decides, `target` is that of invocations."""

    resource: str
    min_instances: int
    max_instances: int
    target: float
    alarms: tuple[str, ...]
    outcome: Outcome
    rule: str = ""
    schedules: tuple[str, ...] = ()


@dataclass(frozen=True)
class FunctionVersion:
    """A published Lambda version behind its alias; `previous_version` is where the alias pointed before this run moved it.

    Autoscaling keeps from `provisioned` to `most_provisioned` warm, None where it does not; `url` is its own address, if any.
    """

    name: str
    key: str
    version: str
    alias: str
    reserved: int
    provisioned: int
    outcome: Outcome
    previous_version: str | None = None
    url: str | None = None
    most_provisioned: int | None = None

    @property
    def resource(self) -> str:
        return f"{self.name}:{self.alias} (version {self.version})"


@dataclass(frozen=True)
class SmokeTest:
    """Golden images asked through the front door; a prediction is {file, label, predicted, probability, milliseconds}."""

    resource: str
    predictions: list[dict[str, Any]]
    outcome: Outcome = "passed"


@dataclass(frozen=True)
class Watch:
    """The alarms on an endpoint and its function that people hear of."""

    endpoint: str
    alarms: tuple[str, ...]
    outcome: Outcome

    @property
    def resource(self) -> str:
        return f"{len(self.alarms)} alarms on {self.endpoint}"
