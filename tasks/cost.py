"""The cost of a run, before anything is created."""

from prefect import task

from pedigree.admission.check import require_admissible
from pedigree.cost import page, plan
from pedigree.dataset.inspect import Inspected
from pedigree.endpoint.classes import require_kept_classes
from pedigree.endpoint.config import endpoint_config_request, model_request
from pedigree.function.version import function_settings
from pedigree.settings import Mission, Training
from pedigree.training.training_job import JobParts, training_job_request
from pedigree.values import Account, CostPlan, Dataset, Endpoint, ModelVersion
from tasks.runs.artifacts import show_page, show_table
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("plan", of="{account.project}", **AWS_TASK)
def plan_costs(account: Account, mission: Mission, inspected: Inspected) -> CostPlan:
    """Plan the cost of the run as the artifact `<project>-cost-plan`.

    Refuses a run that AWS would refuse later, that loses classes of the live model, or that is over quota or budget.
    """
    require_extra(account, mission)
    require_admissible(account, mission, inspected.counts)
    require_kept_classes(account, mission, inspected)
    forecast = plan.forecast_costs(account, mission)
    show_plan(account, forecast.plan)
    plan.require_budget(forecast, account.project)
    return forecast.plan


def require_extra(account: Account, mission: Mission) -> None:
    """Raise InvalidInput for a further field of a request that this project sets itself."""
    dataset, version = Dataset("", "", (), {}, "passed"), ModelVersion("", "", "", "passed")
    training_job_request("", JobParts(account, dataset, "", mission.training, ""))
    model_request(account, version, mission.serving, [])
    endpoint_config_request(account, "", mission.serving, [])
    function_settings(account, Endpoint("", "", "", "", "passed"), mission.function)


@task(name="compare instances", task_run_name="instances: {training.architecture}", **AWS_TASK)
def compare_instances(account: Account, dataset: Dataset, training: Training) -> None:
    """Show the time and cost of the training on each instance type, as the artifact `<project>-instances`."""
    show_page(f"{account.project}-instances", page.compare_instances(account, dataset, training))


def show_plan(account: Account, costs: CostPlan) -> None:
    """Show the lines of a cost plan on the page of the run."""
    show_table(f"{account.project}-cost-plan", page.plan_rows(costs), f"{costs.resource}; prices: {costs.prices_of}")
