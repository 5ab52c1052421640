"""How the tests themselves run: their markers, their share of the machine, and `make test`, whose pytests are pretended here."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, Settings, temporary_settings
from pydantic import SecretStr

from tests import __main__ as suite
from tests.conftest import MARKERS, pytest_collection_modifyitems
from tests.lab.processes import wait_until

RESULT = '<testsuites><testsuite tests="{tests}" failures="{failures}" errors="{errors}" skipped="1"/></testsuites>'
# takes what pytest would be given, and does what the folder has for it
PRETENDED = """
import signal, sys, time
from pathlib import Path
folder, *given, result = sys.argv[1:]
part = " ".join(given).replace("/", ":")
plan = Path(folder, part)
if not plan.exists():
    signal.signal(signal.SIGINT, lambda *_: (Path(folder, f"{part} ended").touch(), sys.exit(2)))
    Path(folder, f"{part} began").touch()
    time.sleep(600)
print(f"what {part} prints")
status, _, text = plan.read_text().partition(" ")
if text:
    Path(result.removeprefix("--junit-xml=")).write_text(text)
sys.exit(int(status))
"""


def test_each_test_has_one_marker(request: pytest.FixtureRequest) -> None:
    kinds = {"quick", *MARKERS}
    assert [item.nodeid for item in request.session.items if len({mark.name for mark in item.iter_markers()} & kinds) != 1] == []


class Item:
    """As much of a test as is looked at when all are collected."""

    def __init__(self, module: str, *markers: str, fixtures: tuple[str, ...] = ()) -> None:
        self.path, self.markers, self.fixturenames = Path(module), list(markers), fixtures

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.markers else None

    def add_marker(self, name: str) -> None:
        self.markers.append(name)


def collected(*items: Item) -> list[Any]:
    """These as they will run."""
    running: list[Any] = [*items]
    pytest_collection_modifyitems(running)
    return running


@pytest.mark.parametrize(
    ("fixtures", "marker"),
    [
        ((), "quick"),
        (("container",), "slow"),
        (("artifact", "training", "aws"), "server"),
        (("prefect_server",), "server"),
        (("laptop", "aws"), "e2e"),
    ],
)
def test_the_heaviest_fixture_gives_the_marker(fixtures: tuple[str, ...], marker: str) -> None:
    (item,) = collected(Item("a", fixtures=fixtures))
    assert item.markers == [marker]


def test_a_marker_that_is_written_stays() -> None:
    (item,) = collected(Item("a", "server"))
    assert item.markers == ["server"]


def test_what_ends_the_stack_of_a_module_is_the_last_of_the_module() -> None:
    ending, other, next_module = Item("a", "last"), Item("a"), Item("b")
    assert collected(ending, other, next_module) == [other, ending, next_module]


def test_a_flow_without_a_prefect_server_starts_none() -> None:
    with temporary_settings(restore_defaults={PREFECT_API_URL}), pytest.raises(ValueError, match="No Prefect API URL provided"):
        get_client(sync_client=True)


def test_prefect_toml_names_no_server_of_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prefect.toml").write_text('[api]\nurl = "http://127.0.0.1:9/api"\nauth_string = "a:secret"\n')
    monkeypatch.chdir(tmp_path)
    api = Settings().api
    assert (api.url, api.auth_string) == ("", SecretStr(""))


def test_a_thread_of_pytorch_that_waits_gives_its_core_away() -> None:
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert torch.get_num_threads() == int(os.environ["OMP_NUM_THREADS"]) <= max(1, (os.cpu_count() or 1) // 2)


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that says for each marker what its pytest does: its exit status and its result. `make test` changes how signals act."""
    (tmp_path / "pretended.py").write_text(PRETENDED)
    monkeypatch.setattr(suite, "PYTEST", [sys.executable, str(tmp_path / "pretended.py"), str(tmp_path)])
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield tmp_path
    for number, handler in before.items():
        signal.signal(number, handler)


PARTS = [" ".join(part).replace("/", ":") for part in suite.PARTS]  # as the pretended pytest calls them


def plan(status: int, *, tests: int, failures: int = 0, errors: int = 0) -> str:
    return f"{status} {RESULT.format(tests=tests, failures=failures, errors=errors)}"


def test_each_test_belongs_to_one_of_the_processes() -> None:
    chosen = [part[1] for part in suite.PARTS]
    assert sorted({name for expression in chosen for name in expression.split(" or ")}) == sorted({"quick", *MARKERS})
    *rooms, elsewhere = (part[2:] for part in suite.PARTS if part[1] == "server")
    assert list(elsewhere) == [f"--ignore={room}" for (room,) in rooms], "no test is in two of them, and none in none"


def test_the_last_line_counts_the_tests_of_all(plans: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for number, part in enumerate(PARTS):
        (plans / part).write_text(plan(0, tests=3 + number))
    assert suite.main([]) == 0
    *shown, last = capfd.readouterr().out.splitlines()
    assert " 20 passed, 5 skipped in " in last
    assert [line for line in shown if line] == [f"what {part} prints" for part in PARTS]


@pytest.mark.parametrize("failing", PARTS)
def test_a_failure_in_one_fails_all_and_is_shown(failing: str, plans: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for part in PARTS:
        (plans / part).write_text(plan(1, tests=9, failures=1, errors=1) if part == failing else plan(0, tests=5))
    assert suite.main([]) == 1
    output = capfd.readouterr().out
    assert " 2 failed, 22 passed, 5 skipped in " in output.splitlines()[-1]
    assert f"what {failing} prints" in output


@pytest.mark.parametrize("failing", PARTS)
def test_one_that_ends_without_a_result_is_a_failure(failing: str, plans: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for part in PARTS:
        (plans / part).write_text("3" if part == failing else plan(0, tests=5))
    assert suite.main([]) == 1
    assert " 1 failed, 16 passed, 4 skipped in " in capfd.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_all(number: signal.Signals, plans: Path) -> None:
    code = f"import sys; from tests import __main__ as suite; suite.PYTEST = {suite.PYTEST}; sys.exit(suite.main([]))"
    every = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    wait_until(lambda: len(list(plans.glob("* began"))) == len(PARTS))
    if number == signal.SIGINT:
        os.killpg(every.pid, number)  # as a terminal does
    else:
        every.send_signal(number)
    assert every.wait(timeout=30) == 1
    assert {path.name for path in plans.glob("* ended")} == {f"{part} ended" for part in PARTS}


def test_arguments_are_those_of_one_pytest(plans: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (plans / "-m e2e").write_text("5")
    assert suite.main(["-m", "e2e", "nowhere"]) == 5
    assert capfd.readouterr().out == "what -m e2e prints\n"
