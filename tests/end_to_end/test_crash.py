"""SIGKILL of worker and flow process in the middle of a training: the run ends well by itself, and nothing is trained twice."""

from pathlib import Path

import psutil
import pytest

from deployments.laptop.processes import belonging_to, wait_until
from tests.end_to_end.laptop import FlowRun, Laptop

SMALL = {"image_size": 32, "epochs": 3, "learning_rate": 0.02}
CREATE = "sagemaker:CreateTrainingJob"


@pytest.fixture(scope="module")
def crashed(laptop: Laptop, shapes: Path) -> str:
    """Id of a run that was training when it and its worker were killed."""
    run = laptop.start("retrain/local", dataset=str(shapes), training=SMALL)
    assert wait_until(lambda: created_jobs(laptop) == 1, seconds=180)
    killed = [worker(laptop), *flow_processes(laptop)]
    assert len(killed) == 2
    for process in killed:
        process.kill()
    return run


@pytest.fixture(scope="module")
def resumed(laptop: Laptop, crashed: str) -> FlowRun:
    """The same run at its end."""
    return laptop.wait_for(crashed)


def created_jobs(laptop: Laptop) -> int:
    return [entry.action for entry in laptop.journal()].count(CREATE)


def worker(laptop: Laptop) -> psutil.Process:
    """The keeper's only child."""
    (process,) = psutil.Process(laptop.stack.services["worker"].pid).children()
    return process


def flow_processes(laptop: Laptop) -> list[psutil.Process]:
    return [process for process in belonging_to(laptop.folder) if process.cmdline()[-1:] == ["prefect.engine"]]


def test_the_run_begins_again_by_itself_and_adopts_its_training(laptop: Laptop, resumed: FlowRun) -> None:
    assert resumed.state["name"] == "Completed", resumed.state["message"]
    assert laptop.api.get(f"/flow_runs/{resumed.id}")["run_count"] == 2
    states = [state["name"] for state in laptop.api.get(f"/flow_run_states/?flow_run_id={resumed.id}")]
    assert states.count("Crashed") == 1
    assert created_jobs(laptop) == 2  # the training, and the evaluation of its model


@pytest.mark.usefixtures("resumed")
def test_the_slot_of_the_dead_process_blocks_no_tick(laptop: Laptop, shapes: Path) -> None:
    tick = laptop.execute("retrain/local", dataset=str(shapes), training=SMALL)
    assert tick.state["name"] == "NothingToDo", tick.state["message"]


@pytest.mark.last
def test_a_killed_keeper_leaves_no_worker(laptop: Laptop) -> None:
    kept = worker(laptop)
    psutil.Process(laptop.stack.services["worker"].pid).kill()
    assert wait_until(lambda: not kept.is_running() or kept.status() == psutil.STATUS_ZOMBIE, seconds=60)
    assert laptop.make("down").returncode == 0
    assert belonging_to(laptop.folder) == []
