"""Training as a SageMaker training job, on an EC2 instance, or in several ways at the same time."""

from collections.abc import Mapping
from typing import Any

from prefect.futures import PrefectFuture, as_completed

from pedigree.aws.waiting import giving_up
from pedigree.cost.ec2 import ec2_budget_watch
from pedigree.cost.receipt import share_out
from pedigree.cost.watch import budget_watch
from pedigree.settings import Mission
from pedigree.trained_model import TrainedModel
from pedigree.training import jobs, stop, ways
from pedigree.training.ec2 import train as ec2
from pedigree.training.trainable import require_trainable
from pedigree.training.watch import watch_all
from pedigree.training.ways import Way
from pedigree.values import Account, CostPlan, Dataset
from tasks.runs.epochs import LiveEpochs
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage
from tasks.selection import select_model


def train(account: Account, dataset: Dataset, mission: Mission, plan: CostPlan) -> TrainedModel:
    """Train the model, or the best of several requested trainings; when one of them fails, the others are stopped."""
    wanted = ways.ways_of(mission.training, mission.ec2)
    budgets = share_out(mission.budget_usd, [way.stage for way in wanted], plan)
    if len(wanted) == 1:
        return train_model(account, dataset, wanted[0], budgets[wanted[0].stage])
    return select_model(train_side_by_side(account, dataset, wanted, budgets), dataset, plan).model


def training_stages(mission: Mission) -> tuple[str, ...]:
    """The stages of `train`: one for each training, and the selection when there are several."""
    return ways.training_stages(mission.training, mission.ec2)


def train_side_by_side(
    account: Account, dataset: Dataset, wanted: tuple[Way, ...], budgets: Mapping[str, float | None]
) -> dict[str, TrainedModel]:
    """The models by stage; when one training fails, the others stop waiting, and then all their jobs are stopped.

    A cancelled or killed run does not wait: its hook stops its jobs, or the resumed run adopts them.
    """
    failures: list[BaseException] = []
    with giving_up() as given_up:
        begun: list[PrefectFuture[Any]] = [task_of(way).submit(account, dataset, way, budgets[way.stage]) for way in wanted]
        try:
            for future in as_completed(begun):
                if isinstance(ended := future.result(raise_on_failure=False), BaseException):
                    failures.append(ended)
                    given_up.set()
        except BaseException:  # a cancellation too: the waiting tasks must end with it
            given_up.set()
            raise
    if failures:
        stop.stop_training_jobs(account, account.run)
        raise failures[0]
    return {way.stage: future.result() for way, future in zip(wanted, begun, strict=True)}


def task_of(way: Way) -> Any:
    return train_on_ec2 if way.ec2 else train_model


@stage("{way.stage}", of="{way.training.architecture}", **AWS_TASK)
def train_model(account: Account, dataset: Dataset, way: Way, budget_usd: float | None = None) -> TrainedModel:
    """Train the model in one SageMaker training job, or adopt the job of an earlier run; the run's page shows the epochs."""
    require_trainable(way.training, dataset.counts)
    epochs = LiveEpochs(way.training.epochs, dataset.counts["valid"])
    watch = watch_all(epochs, budget_watch(account, way.training, budget_usd))
    model = jobs.train_model(account, dataset, way.training, watch)
    epochs.seen(model.job_name, model.history)
    return model


@stage("{way.stage}", of="{way.training.architecture}", **AWS_TASK)
def train_on_ec2(account: Account, dataset: Dataset, way: Way, budget_usd: float | None = None) -> TrainedModel:
    """Train the model on one EC2 instance, which is started before and terminated after; the run's page shows the epochs."""
    assert way.ec2 is not None, "this way has EC2 settings"
    require_trainable(way.training, dataset.counts)
    epochs = LiveEpochs(way.training.epochs, dataset.counts["valid"])
    watch = watch_all(epochs, ec2_budget_watch(account, way.training, budget_usd))
    model = ec2.train_on_ec2(account, dataset, way.training, way.ec2, watch)
    epochs.seen(model.job_name, model.history)
    return model
