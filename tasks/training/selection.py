"""The task that chooses between the models of several trainings."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from prefect import task

from tasks.cost.receipt import stage_of
from tasks.report.interval import binomial_interval
from tasks.values import CostPlan, Dataset, Outcome, TrainedModel


@dataclass(frozen=True)
class Selection:
    """The model that goes on, and in a sentence why this one."""

    model: TrainedModel
    stage: str
    reason: str
    outcome: Outcome = "passed"

    @property
    def resource(self) -> str:
        return f"{self.stage}: {self.model.job_name}"


@task(name="select model")
def select_model(trained: Mapping[str, TrainedModel], dataset: Dataset, plan: CostPlan) -> Selection:
    """The best of these models on the validation split, by the epoch that each kept; the test split is for the gate alone.

    What lies in the 95% interval of the highest accuracy is as good: of those the cheapest is taken, of equally cheap ones the one with
    the lower loss.
    """
    best = max(model.kept_epoch["valid_accuracy"] for model in trained.values())
    images = dataset.counts["valid"]
    least, _ = binomial_interval(round(best * images), images)
    equals = [stage for stage, model in trained.items() if model.kept_epoch["valid_accuracy"] >= least]
    chosen = min(equals, key=lambda stage: (*price_of(stage, trained[stage], plan), trained[stage].kept_epoch["valid_loss"]))
    return Selection(trained[chosen], chosen, reason(trained[chosen], best, images, alone=len(equals) == 1))


def price_of(stage: str, model: TrainedModel, plan: CostPlan) -> tuple[float, int]:
    """(USD, instance seconds) that the training costs, whichever run paid for it; infinitely many dollars where a price is not known."""
    lines = [line for line in plan.run if stage_of(line) == stage]
    known = all(line.usd_per_hour for line in lines)
    usd = sum(line.usd_per_hour for line in lines) * model.billable_seconds / 3600 if known else inf
    return usd, model.instances * model.billable_seconds


def reason(model: TrainedModel, best: float, images: int, *, alone: bool) -> str:
    accuracy = f"{model.kept_epoch['valid_accuracy']:.1%} on the {images} validation images"
    if alone:
        return f"{accuracy} is beyond noise the best"
    return f"{accuracy} is as good as the best, {best:.1%}, within noise (95%), and it costs least"
