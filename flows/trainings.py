"""The trainings of a run: one, or several side by side of which the best goes on."""

from functools import partial

from tasks.cost.shares import share_out
from tasks.report.record import Record
from tasks.report.together import Call, run_together
from tasks.settings import Ec2, Training
from tasks.trained_model import TrainedModel
from tasks.training.cancel import stop_training_jobs
from tasks.training.ec2.train import train_on_ec2
from tasks.training.job import train_model
from tasks.training.selection import select_model
from tasks.training.ways import SELECTION, Way, ways_of
from tasks.values import Account, CostPlan, Dataset


def train(
    account: Account, record: Record, plan: CostPlan, dataset: Dataset, training: Training, ec2: Ec2, budget_usd: float | None
) -> TrainedModel:
    """The model of the one training, or the best of all that were asked for; when one of them fails, the others are stopped."""
    ways = ways_of(training, ec2)
    if len(ways) == 1:
        return record.run("training", train_model, account, dataset, training, budget_usd)
    budgets = share_out(budget_usd, [way.stage for way in ways], plan)
    calls = {way.stage: call_of(way, account, dataset, budgets[way.stage]) for way in ways}
    trained = run_together(record, calls, on_failure=partial(stop_training_jobs, account, record.flow_run_id))
    return record.run(SELECTION, select_model, trained, dataset, plan).model


def call_of(way: Way, account: Account, dataset: Dataset, budget_usd: float | None) -> Call[TrainedModel]:
    if way.ec2:
        return Call(train_on_ec2, (account, dataset, way.training, way.ec2, budget_usd))
    return Call(train_model, (account, dataset, way.training, budget_usd))
