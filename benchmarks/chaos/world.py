"""An embedded AWS and a Prefect server in which flows run, each in a process of its own that may be killed."""

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from PIL import Image
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.settings import get_current_settings
from prefect.states import Crashed
from prefect.testing.utilities import prefect_test_harness

from benchmarks.chaos.strikes import Strike
from benchmarks.chaos.wish import Ended, Wish, run
from tests.lab.live_account import LiveAccount
from tests.lab.running_aws import RunningAws, running_aws

SPEED = 600.0  # bakes, alarms and cooldowns pass so many times as fast
HEAVY = ["benchmarks.chaos.proof", "matplotlib.figure", "matplotlib.ticker"]  # what every run would import, and this process
FORK_SERVER = multiprocessing.get_context("forkserver")
CLASSES, IMAGES = ("rings", "stripes"), 10  # of each class in each split
UNFINISHED = {"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING", "PAUSED"]}}}
PATIENCE = 240  # seconds for one run


class Stuck(AssertionError):
    """A run that neither ended nor was killed."""


@dataclass(frozen=True)
class World:
    """One AWS and one Prefect server; each account in it has a project of its own."""

    aws: RunningAws
    folder: Path

    @property
    def pictures(self) -> Path:
        return self.folder / "pictures"

    def new_account(self) -> LiveAccount:
        live = LiveAccount.deploy(self.aws)
        live.credentials_block().save(live.account.project)
        return live

    def run(self, live: LiveAccount, wish: Wish, strike: Strike | None = None) -> Ended | None:
        """How the run ended; None if the strike killed it, and then Prefect knows it as a worker would have said it."""
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        process = FORK_SERVER.Process(target=run, args=(wish, strike, live.account.project, result))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise Stuck(f"{wish.flow} has not ended within {PATIENCE} s")
        if process.exitcode == -signal.SIGKILL:
            mark_crashed()
            return None
        assert result.exists(), f"{wish.flow} ended with the exit code {process.exitcode} and no answer"
        return Ended(**json.loads(result.read_text()))


@contextmanager
def new_world() -> Iterator[World]:
    """A world with servers of its own, which end with the body."""
    with prefect_test_harness(server_startup_timeout=120), running_aws() as aws, world_on(aws) as world:
        yield world


@contextmanager
def world_on(aws: RunningAws) -> Iterator[World]:
    """A world on these servers, Prefect's being that of the settings; with the pictures that its runs train on."""
    known = {"PREFECT_API_URL": str(get_current_settings().api.url), "PREFECT_LOGGING_TO_API_ENABLED": "false"}
    with TemporaryDirectory() as folder, patch.dict(os.environ, known):  # the fork server, which starts with the first run, inherits it
        FORK_SERVER.set_forkserver_preload(HEAVY)
        aws.control("POST", "pace", {"speed": SPEED})
        world = World(aws, Path(folder))
        draw(world.pictures)
        yield world


def draw(folder: Path) -> None:
    for position, split in enumerate(("train", "valid", "test")):
        for label, name in enumerate(CLASSES):
            for number in range(IMAGES):
                path = folder / split / name / f"{split}-{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (16, 16), (number * 20, label * 200, position * 60)).save(path)


def mark_crashed() -> None:
    """Do after a kill as the worker and the lease do: the dead run is Crashed, and holds no endpoint any more."""
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(UNFINISHED)):
            client.set_flow_run_state(run.id, Crashed(message="SIGKILL"), force=True)
        release_slots(client)


def release_slots(client: SyncPrefectClient) -> None:
    limits = client.read_global_concurrency_limits(limit=200, offset=0)
    for limit in limits:
        client.delete_global_concurrency_limit_by_name(name=limit.name)
