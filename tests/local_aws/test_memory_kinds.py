"""Every kind of resource comes back as a client saw it last: after a SIGKILL, and after an orderly end."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.lab.restarts import LastingAws, lasting_aws
from tests.lab.running_aws import RunningAws
from tests.local_aws.lasting_kinds import KINDS, Look

pytestmark = pytest.mark.server
Views = dict[Callable[[RunningAws], Look], list[Any]]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LastingAws]:
    with lasting_aws(tmp_path_factory.mktemp("aws")) as lasting:
        yield lasting


@pytest.fixture(scope="module")
def views(account: LastingAws) -> Views:
    """Every kind as it was, as it is after a SIGKILL, and after a SIGTERM."""
    looks = {kind: kind(account.aws) for kind in KINDS}
    seen = {kind: [look(account.aws)] for kind, look in looks.items()}
    for number in (signal.SIGKILL, signal.SIGTERM):
        aws = account.restart(number)
        for kind, look in looks.items():
            seen[kind].append(look(aws))
    return seen


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_comes_back_as_it_was(kind: Callable[[RunningAws], Look], views: Views) -> None:
    before, killed, ended = views[kind]
    assert killed == before
    assert ended == before
