"""Nothing is torn down beside a run that works in the same place."""

import pytest
from prefect import flow, tags

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Environment
from tasks.runs.others import refuse_beside_others

pytestmark = pytest.mark.usefixtures("prefect_server")


@flow
def teardown(environment: Environment) -> None:
    refuse_beside_others(environment)


@flow(flow_run_name="shapes with small_cnn")
def build(environment: Environment, torn_down: Environment) -> None:
    teardown(torn_down)


def test_a_teardown_beside_a_run_of_its_project_is_refused() -> None:
    with tags("pedigree"), pytest.raises(InvalidInput, match=r"(?s)dogs: shapes with small_cnn still runs here; nothing was deleted"):
        build(Environment(project="dogs"), Environment(project="dogs"))


@pytest.mark.parametrize("other", [Environment(project="cats"), Environment(project="dogs", credentials="elsewhere")])
def test_runs_of_other_projects_and_accounts_do_not_count(other: Environment) -> None:
    with tags("pedigree"):
        build(other, Environment(project="dogs"))


def test_neither_does_what_has_ended_or_is_not_ours() -> None:
    build(Environment(project="dogs"), Environment(project="dogs"))
    with tags("pedigree"):
        teardown(Environment(project="dogs"))
