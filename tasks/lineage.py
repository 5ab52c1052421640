"""The origin of the live model."""

from prefect import task
from prefect.utilities.urls import url_for

from pedigree.lineage import page, trace
from pedigree.lineage.trace import Lineage
from pedigree.values import Account
from tasks.runs.artifacts import show_page
from tasks.runs.options import AWS_TASK

NAME_WIDTH = 30


@task(name="trace lineage", **AWS_TASK)
def trace_lineage(account: Account, endpoint: str) -> Lineage:
    """Trace the origin of the model behind the endpoint, as far as possible; this only reads."""
    return trace.trace_lineage(account, endpoint)


@task(name="publish lineage", **AWS_TASK)
def publish_lineage(account: Account, lineage: Lineage) -> None:
    """Publish the lineage in the log and as the markdown artifact `<project>-lineage`."""
    show_page(f"{account.project}-lineage", page.lineage_page(account, lineage, lambda run: url_for("flow-run", obj_id=run)))


def print_lineage(lineage: Lineage) -> None:
    """Print the lineage for a person at a terminal."""
    for what, name in page.rows(lineage):
        print(f"{what:<{NAME_WIDTH}}{name}")
    for missing in lineage.missing:
        print(f"{'Not found':<{NAME_WIDTH}}{missing}")
