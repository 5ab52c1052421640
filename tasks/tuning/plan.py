"""The task that says what a study may cost, before anything is created, and refuses what is over the budget."""

from dataclasses import replace

from prefect import get_run_logger, task

from tasks.aws.clients import client
from tasks.aws.tasking import AWS_TASK
from tasks.cost.history import expected_training
from tasks.cost.lines import job_lines
from tasks.cost.plan import publish, require_within
from tasks.cost.prices import read_prices
from tasks.settings import Training, Tuning
from tasks.values import Account, CostPlan


@task(name="plan study", **AWS_TASK)
def plan_study(account: Account, training: Training, tuning: Tuning, budget_usd: float | None) -> CostPlan:
    """What all trials may cost, those that are there already and those that will be pruned too; the artifact `<project>-cost-plan`.

    Raises BudgetExceeded for a study that is too dear, and InvalidInput where there is a budget but no price to hold it to.
    """
    prices = read_prices(account, [training.instance_type])
    one = expected_training(client(account.credentials, "sagemaker"), account.project, training, kinds=("trial", "train"))
    every = replace(one, hours=one.hours * tuning.trials, basis=f"{tuning.trials} trials; {one.basis}")
    lines = job_lines("trials", training.instance_count, every, prices, training)
    plan = CostPlan(run=lines, month=(), by_hand=(), prices_of=prices.source)
    get_run_logger().info(f"This study costs {plan.resource}")
    publish(account, plan)
    if budget_usd is not None:
        prices.require("training", training.instance_type)
        require_within(plan, account.project, budget_usd)
    return plan
