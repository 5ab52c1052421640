"""A shared server: Prefect on a real Postgres with two workers; the server and one of the workers are killed in the middle of two runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from _pytest.outcomes import Failed, Skipped
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.workers.process import ProcessWorker

from deployments.job_templates import process_template
from deployments.laptop.processes import end_of, environment_of, stop, wait_until
from deployments.laptop.stack import ROOT
from deployments.pools import LOCAL, create_pool
from tasks.runs.tags import OURS, RESUMABLE
from tests.lab import postgres
from tests.lab.patient import patient
from tests.lab.postgres import free_port, running_postgres

PATIENCE = 300.0  # seconds; a busy machine is slow
SPEED = "4"  # a run is dead after 30 s


@dataclass
class Shared:
    """Processes of a shared server, as docs/operations.md starts them, with their logs in `folder`."""

    folder: Path
    database: str
    port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *module: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),  # for the flow, which is one of the tests
            "PREFECT_HOME": str(self.folder),
            "PREFECT_API_URL": self.url,
            "PREFECT_API_DATABASE_CONNECTION_URL": self.database,
            "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "deployments.ordering",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        }
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, env=environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def serve(self) -> subprocess.Popen[bytes]:
        """A server that answers."""
        server = self.start("prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.port))
        with get_client(sync_client=True) as client:
            self.wait(lambda: client.api_healthcheck() is None)
        return server

    def work(self, name: str) -> subprocess.Popen[bytes]:
        return self.start("prefect", "worker", "start", "--pool", LOCAL, "--type", "process", "--name", name)

    def wait(self, condition: Callable[[], bool]) -> None:
        assert wait_until(condition, seconds=PATIENCE), end_of(self.folder / "log")

    def end(self) -> None:
        """End every process, and the flow runs that outlived their worker."""
        stop([process for process in psutil.process_iter() if environment_of(process).get("PREFECT_HOME") == str(self.folder)])
        for started in self.processes:
            started.wait(timeout=60)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    with running_postgres() as database:
        processes = Shared(tmp_path, database)
        try:
            with temporary_settings({PREFECT_API_URL: processes.url}):
                yield processes
        finally:
            processes.end()


@pytest.fixture
def client(shared: Shared) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as connected:
        yield connected


@pytest.mark.server
def test_what_dies_is_continued_by_the_other_worker_and_what_lives_goes_on(shared: Shared, client: SyncPrefectClient) -> None:
    server, done = shared.serve(), shared.folder / "done"
    dead, living = begin(client, done)
    for name in ("one", "two"):
        shared.work(name)
    shared.start("deployments.watch", "--speed", SPEED)
    shared.wait(lambda: states(client, dead, living) == {"Running"})
    server.kill()
    kill(shared, dead)
    shared.serve()
    shared.wait(lambda: client.read_flow_run(dead).run_count == 2)
    done.touch()
    shared.wait(lambda: states(client, dead, living) == {"Completed"})
    assert [client.read_flow_run(run).run_count for run in (dead, living)] == [2, 1]
    assert "Crashed" not in [state.name for state in client.read_flow_run_states(living)]


def begin(client: SyncPrefectClient, file: Path) -> tuple[UUID, UUID]:
    """Two runs that wait for the file."""
    create_pool(client, LOCAL, ProcessWorker.type, process_template())
    tags = [OURS, RESUMABLE]
    entrypoint = "tests.lab.patient:patient"
    deployment = client.create_deployment(
        client.create_flow(patient), "shared", work_pool_name=LOCAL, entrypoint=entrypoint, pull_steps=[], tags=tags
    )
    first, second = (client.create_flow_run_from_deployment(deployment, parameters={"file": str(file)}, tags=tags) for _ in range(2))
    return first.id, second.id


def kill(shared: Shared, run: UUID) -> None:
    """SIGKILL the process of the run and the worker that started it; an orphan of another run lives on."""
    for process in psutil.process_iter():
        if environment_of(process).get("PREFECT__FLOW_RUN_ID") in (str(run), run.hex):
            worker = next(each for each in process.parents() if each.pid in [started.pid for started in shared.processes])
            worker.send_signal(signal.SIGKILL)
            process.send_signal(signal.SIGKILL)
            return
    raise AssertionError(end_of(shared.folder / "log"))


def states(client: SyncPrefectClient, *runs: UUID) -> set[str | None]:
    return {client.read_flow_run(run).state_name for run in runs}


@pytest.mark.parametrize(("ci", "on_path", "outcome"), [("", True, Skipped), ("true", False, Skipped), ("true", True, Failed)])
def test_only_a_ci_that_has_a_postgres_may_not_do_without(
    ci: str, outcome: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, on_path: bool
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    if on_path:
        (tmp_path / "postgres").touch(mode=0o700)
    with pytest.raises(outcome, match="Postgres is not installed: neither the PATH nor /usr/lib/postgresql has both postgres and initdb"):
        postgres.postgres_folder()
