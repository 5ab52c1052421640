"""The report of a run, in S3 and as an artifact on its page."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from prefect import Task, task

from pedigree.aws.errors import BudgetExceeded, DeploymentFailed, SmokeTestFailed
from pedigree.report import publish
from pedigree.report.record import Record
from pedigree.settings import Mission
from pedigree.values import Account
from tasks.runs.announce import announce
from tasks.runs.artifacts import show_page
from tasks.runs.beside import beside
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import recorded

ExpectedStage = Task[..., Any] | Callable[[Mission], tuple[str, ...]]


@contextmanager
def run_record(account: Account, stages: Iterable[ExpectedStage], mission: Mission) -> Iterator[Record]:
    """Record every stage of the body, publish the report at the end of the run, and announce an exceeded budget or a rollback.

    `stages` are the stages of a complete run: tasks made by `stage`, or functions that name the stages for a mission.
    """
    try:
        with recorded(account.run, stage_names(stages, mission)) as record:
            yield record
    except BudgetExceeded as error:
        with beside("the announcement", error):
            announce(account, "budget-exceeded", subject=f"{account.project}: over budget", message=str(error))
        raise
    except (DeploymentFailed, SmokeTestFailed) as error:
        with beside("the announcement", error):
            announce(account, "rolled-back", subject=f"{account.project}: rolled back", message=with_notes(error))
        raise
    finally:
        with beside("the report"):  # a live model stays live, and a failed run keeps its own reason
            publish_report(account, record)


def stage_names(stages: Iterable[ExpectedStage], mission: Mission) -> list[str]:
    """The names of the stages, in the order of a complete run."""
    return [name for each in stages for name in ([each.name] if isinstance(each, Task) else each(mission))]


def with_notes(error: BaseException) -> str:
    """The message of the error, and what failed after it: a rollback that did not succeed."""
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


@task(name="publish report", task_run_name="report: {account.project}", **AWS_TASK)
def publish_report(account: Account, record: Record) -> None:
    """Publish `report.json` and `report.md` in `runs/<flow run id>/`, and the markdown artifact `<project>-report`."""
    show_page(f"{account.project}-report", publish.publish_report(account, record))
