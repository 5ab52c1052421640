"""A run carries the tags that guards go by itself: one that is called from Python or served has no deployment that gives them."""

from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Environment
from tasks import account
from tasks.runs.flow_runs import adopting_run_lives
from tasks.runs.others import refuse_beside_others
from tasks.runs.resume import begin_resumable_run
from tasks.runs.tags import ADOPTING, OURS, carry

pytestmark = pytest.mark.usefixtures("prefect_server")


def tags() -> set[str]:
    with get_client(sync_client=True) as client:
        return set(client.read_flow_run(UUID(flow_run.get_id())).tags)


def test_tags_are_added_to_those_that_are_there_and_once() -> None:
    @flow
    def mission() -> set[str]:
        carry(OURS)
        carry(ADOPTING)
        carry(OURS)
        return tags()

    assert mission() == {OURS, ADOPTING}


def test_outside_of_a_run_nothing_is_tagged() -> None:
    carry(OURS)


def test_every_flow_carries_the_projects_tag_once_it_has_looked_for_its_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "load_credentials", lambda _name: None)
    monkeypatch.setattr(account.account, "find_account", lambda _environment, run: run)  # type: ignore[attr-defined]

    @flow
    def mission() -> tuple[str, set[str]]:
        return str(account.find_account(Environment())), tags()

    run, carried = mission()
    assert UUID(run)
    assert carried == {OURS}


def test_a_teardown_beside_a_run_that_python_called_is_refused() -> None:
    @flow
    def teardown(environment: Environment) -> None:
        refuse_beside_others(environment)

    @flow(flow_run_name="shapes with small_cnn")
    def build(environment: Environment) -> None:
        begin_resumable_run()
        assert adopting_run_lives()
        teardown(environment)

    with pytest.raises(InvalidInput, match="shapes with small_cnn still runs here"):
        build(Environment(project="called-by-python"))
