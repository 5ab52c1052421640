"""The command `python -m flows.explain`: what it prints, and its exit status."""

import sys
from dataclasses import replace

import pytest

from flows.explain import main
from pedigree.aws.errors import InvalidInput
from pedigree.lineage.trace import Lineage
from pedigree.settings import Environment
from pedigree.values import Account
from tasks.account import find_account
from tasks.lineage import trace_lineage
from tests.pedigree.lineage.test_page import ACCOUNT, KNOWN, NOTHING


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Credentials, project and endpoint that were asked about; AWS knows the endpoint `dogs`."""
    names: list[str] = []

    def find(environment: Environment) -> Account:
        names.extend((environment.credentials, environment.project))
        return replace(ACCOUNT, project=environment.project)

    def trace(_account: Account, endpoint: str) -> Lineage:
        names.append(endpoint)
        return KNOWN if endpoint == "dogs" else NOTHING

    monkeypatch.setattr(find_account, "fn", find)
    monkeypatch.setattr(trace_lineage, "fn", trace)
    return names


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["explain", *arguments])
    return main()


def test_the_projects_own_endpoint_is_explained(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--credentials", "other", "--project", "dogs") == 0
    assert asked == ["other", "dogs", "dogs"]
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert ["Approver", "Ada"] in lines
    assert ["Dataset", "da7a"] in lines


def test_an_endpoint_that_is_not_there_is_status_one(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "gone") == 1
    assert asked == ["pedigree", "pedigree", "gone"]
    assert "Not found                     endpoint gone: there is none (any more)" in capsys.readouterr().out


def test_without_an_account_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_environment: Environment) -> Account:
        raise InvalidInput("find account", "stack", "none", "make up")

    monkeypatch.setattr(find_account, "fn", fail)
    assert run(monkeypatch) == 2
    assert "PREFECT_API_URL must name the Prefect server that has the block." in capsys.readouterr().err
