"""The task that chooses between the models of several trainings."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, sqrt

from pedigree.trained_model import TrainedModel
from pedigree.values import CostPlan, Dataset, Outcome


@dataclass(frozen=True)
class Selection:
    """The model that goes on, and in a sentence why this one."""

    model: TrainedModel
    stage: str
    reason: str
    outcome: Outcome = "passed"

    @property
    def resource(self) -> str:
        return self.stage


def select_model(trained: Mapping[str, TrainedModel], dataset: Dataset, plan: CostPlan) -> Selection:
    """The cheapest of those whose accuracy on the validation split is within one standard error of the highest.

    Equally cheap ones are told apart by their loss. The epoch that each kept counts; the test split is for the gate alone.

    Source: the 1 SE rule of L. Breiman et al., Classification and Regression Trees, 1984, section 3.4.3.
    """
    best = max(model.kept_epoch["valid_accuracy"] for model in trained.values())
    images = dataset.counts["valid"]
    least = best - sqrt(best * (1 - best) / images)
    equals = [stage for stage, model in trained.items() if model.kept_epoch["valid_accuracy"] >= least]
    chosen = min(equals, key=lambda stage: (*price_of(stage, trained[stage], plan), trained[stage].kept_epoch["valid_loss"]))
    accuracy = trained[chosen].kept_epoch["valid_accuracy"]
    return Selection(trained[chosen], chosen, f"{accuracy:.1%} on the {images} validation images {standing(accuracy, best, equals)}")


def price_of(stage: str, model: TrainedModel, plan: CostPlan) -> tuple[float, int]:
    """(USD, instance seconds) that the training costs, whichever run paid for it; infinitely many dollars where a price is not known."""
    lines = [line for line in plan.run if line.stage == stage]
    known = all(line.usd_per_hour for line in lines)
    usd = sum(line.usd_per_hour for line in lines) * model.billable_seconds / 3600 if known else inf
    return usd, model.instances * model.billable_seconds


def standing(accuracy: float, best: float, equals: list[str]) -> str:
    if len(equals) == 1:
        return "is the best by more than one standard error"
    if accuracy == best:
        return "is the best, and nothing within one standard error of it costs less"
    return f"is within one standard error of the best, {best:.1%}, and costs least"
