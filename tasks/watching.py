"""The alarms on what is live, and the sign of life of scheduled runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect import task

from pedigree.settings import Mission
from pedigree.values import Account, Endpoint, FunctionVersion, Watch
from pedigree.watching import retrain, watch
from tasks.runs.beside import beside
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("watching", of="{endpoint.name}", **AWS_TASK)
def watch_live(account: Account, endpoint: Endpoint, function: FunctionVersion, mission: Mission) -> Watch:
    """Put the alarms on endpoint and function that people hear of."""
    return watch.watch_live(account, endpoint, function, mission)


@task(name="report to the alarm", task_run_name="report to the alarm: {account.project}", **AWS_TASK)
def report_retrain(account: Account, mission: Mission) -> None:
    """Tell CloudWatch that a run has ended without an error; where a schedule starts the runs, an alarm waits for the next."""
    retrain.report_retrain(account, mission)


@contextmanager
def reported(account: Account, mission: Mission) -> Iterator[None]:
    """Report the run when its body has ended without an error, however it decided."""
    yield
    with beside("the report to the alarm"):
        report_retrain(account, mission)
