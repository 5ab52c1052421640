"""SIGKILL of worker and flow process in the middle of a training: the run ends well by itself, and nothing is trained twice."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from deployments.laptop.processes import belonging_to, wait_until
from deployments.shapes import write_shapes
from tests.end_to_end.laptop import ROOT, Laptop, running_laptop

SMALL = {"training": {"image_size": 32, "epochs": 4, "learning_rate": 0.02}}
CREATE = "sagemaker:CreateTrainingJob"


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    with running_laptop(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="module")
def started(laptop: Laptop, tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """`make run`, as it waits for its training."""
    shapes = tmp_path_factory.mktemp("data") / "shapes"
    write_shapes(shapes)
    command = [sys.executable, "-m", "deployments.laptop.run", "--dataset", str(shapes), "--params", json.dumps(SMALL)]
    environment = {**os.environ, "PEDIGREE_STATE": str(laptop.folder)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert wait_until(lambda: created_jobs(laptop) == 1, seconds=180)
        yield process
        process.kill()


def created_jobs(laptop: Laptop) -> int:
    return [entry.action for entry in laptop.journal()].count(CREATE)


def worker(laptop: Laptop) -> psutil.Process:
    """The keeper's only child."""
    (process,) = psutil.Process(laptop.stack.services["worker"].pid).children()
    return process


def flow_processes(laptop: Laptop) -> list[psutil.Process]:
    return [process for process in belonging_to(laptop.folder) if process.cmdline()[-1:] == ["prefect.engine"]]


def test_the_run_begins_again_by_itself_and_adopts_its_training(laptop: Laptop, started: "subprocess.Popen[str]") -> None:
    killed = [worker(laptop), *flow_processes(laptop)]
    assert len(killed) == 2
    for process in killed:
        process.kill()
    output, _ = started.communicate(timeout=600)
    assert started.returncode == 0, output
    (run,) = laptop.runs_of("operationalize")
    assert (run["state_name"], run["run_count"]) == ("Completed", 2)
    states = [state["name"] for state in laptop.api.get(f"/flow_run_states/?flow_run_id={run['id']}")]
    assert states.count("Crashed") == 1
    assert created_jobs(laptop) == 1


@pytest.mark.usefixtures("started")
def test_the_worker_is_another_one(laptop: Laptop) -> None:
    first = worker(laptop)
    first.kill()
    assert wait_until(lambda: not first.is_running(), seconds=30)
    keeper = psutil.Process(laptop.stack.services["worker"].pid)
    assert wait_until(lambda: [child for child in keeper.children() if child != first] != [], seconds=30)


def test_a_killed_keeper_leaves_no_worker(laptop: Laptop) -> None:
    """The last one: it ends the stack."""
    kept = worker(laptop)
    psutil.Process(laptop.stack.services["worker"].pid).kill()
    assert wait_until(lambda: not kept.is_running() or kept.status() == psutil.STATUS_ZOMBIE, seconds=60)
    assert laptop.make("down").returncode == 0
    assert belonging_to(laptop.folder) == []
