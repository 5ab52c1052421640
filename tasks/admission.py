"""The admission of a model package to its endpoint, in place of the plan that a run which trains has."""

from prefect import task

from pedigree.admission.package import require_deployable
from pedigree.settings import Mission
from pedigree.values import Account
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@task(name="check package", task_run_name="check: {package_arn}", **AWS_TASK)
def check_package(account: Account, mission: Mission, package_arn: str) -> None:
    """Refuse a model package that could not go live, before a person is asked about it."""
    require_deployable(account, mission, package_arn)


@stage("admission", of="{package_arn}", **AWS_TASK)
def admit_package(account: Account, mission: Mission, package_arn: str) -> None:
    """Ask the same of the account while the run holds the endpoint: days may have passed, and another model may be live."""
    require_deployable(account, mission, package_arn)
