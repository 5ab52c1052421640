"""Ranks as real processes that find each other on this machine."""

import json
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from model.distributed import PORTS, World, port_of
from model.interruption import STOPPED
from model.proof import Shares, prove, shares_of
from tests.model.containers import coloured, prepare, start, write_cluster, write_shard

HOSTS = ("algo-1", "algo-2")
# trains two epochs of a network without batch norm, whose gradient is the same however its batch is shared out
SCRIPT = """
import sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from torch import nn
from model import train
from model.checkpoint import Checkpoints
from model.contract import Container, Hyperparameters, running_job
from model.data import ImageSet, class_names, read_index
from model.distributed import World, run_ranks

train.augment = lambda batch: batch

def work(container: Container, world: World) -> None:
    torch.manual_seed(world.rank)
    pictures = read_index(container.channel("train"))
    images = ImageSet(pictures, class_names(pictures), 8)
    if world.rank == 1 and sys.argv[1] == "fail":
        raise ValueError("the second rank has a reason")
    network = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    checkpoints = Checkpoints(container.root / f"checkpoints-{world.size}")
    train.fit(network, images, images, Hyperparameters(epochs=2, batch_size=11, learning_rate=0.001), checkpoints, world)
    if world.rank == 0:
        save_file(network.state_dict(), container.root / f"weights-{world.size}")
    world.leave()
    threads = [thread.read_text().strip() for thread in Path("/proc/self/task").glob("*/comm")]
    (container.root / f"threads-{world.rank}-of-{world.size}").write_text(" ".join(threads))

if __name__ == "__main__":
    with running_job() as container:
        run_ranks(work, container, ranks_here=int(sys.argv[2]))
"""

# trains in one go, then again with a SIGTERM for the second rank in the middle of an epoch, then goes on; ends as if told to
INTERRUPTED = """
import os
import signal
import sys
import torch
from safetensors.torch import save_file
from model import train
from model.checkpoint import Checkpoints
from model.contract import Container, Hyperparameters, running_job
from model.data import ImageSet, class_names, read_index
from model.distributed import World, join, run_ranks
from model.interruption import STOPPED
from model.network import build_network

augment = train.augment

def work(container: Container, world: World) -> None:
    pictures = read_index(container.channel("train"))
    images = ImageSet(pictures, class_names(pictures), 16)

    def lesson(name: str, sigterm_after: int = -1) -> None:
        def told(batch: torch.Tensor) -> torch.Tensor:
            if world.rank == 1 and next(batches) == sigterm_after:
                signal.raise_signal(signal.SIGTERM)
            return augment(batch)

        batches, train.augment = iter(range(1000)), told
        torch.manual_seed(world.rank)
        network = build_network("small_cnn", 3)
        checkpoints = Checkpoints(container.root / f"checkpoints-{name}")
        fitted = train.fit(network, images, images, Hyperparameters(epochs=3, batch_size=8, learning_rate=0.01), checkpoints, world)
        if world.rank == 0:
            weights = {key: tensor.contiguous() for key, tensor in network.state_dict().items()}
            save_file(weights, container.root / f"weights-{name}")
            (container.root / f"history-{name}").write_text(f"{fitted.history} {fitted.shares}")

    lesson("whole")
    try:
        lesson("interrupted", sigterm_after=5)
    except SystemExit as told:
        assert told.code == STOPPED
    os.environ["TRAINING_JOB_NAME"] += "-2"  # all have left: they meet again at another port
    join(world, container.cluster())
    lesson("interrupted")
    world.leave()
    sys.exit(STOPPED)

if __name__ == "__main__":
    with running_job() as container:
        run_ranks(work, container, ranks_here=int(sys.argv[2]))
"""


@dataclass(frozen=True)
class Host:
    root: Path
    process: subprocess.Popen[str]

    def ended(self) -> tuple[int, str, str]:
        output, errors = self.process.communicate(timeout=120)
        return self.process.returncode, output, errors


def start_hosts(folder: Path, **hyperparameters: str) -> list[Host]:
    """Two hosts of one job with 64 pictures to train on."""
    job, hosts = uuid.uuid4().hex, []
    for name in HOSTS:
        root = prepare(folder / name, batch_size="16", **hyperparameters)
        write_shard(root / "input/data/train/000.tar", coloured(22, seed=100)[:64])
        write_cluster(root, HOSTS, name)
        hosts.append(Host(root, start(root, "model.train", "input/data/code", MASTER_ADDR="127.0.0.1", TRAINING_JOB_NAME=job)))
    return hosts


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, str]]:
    """The folders and outputs of both hosts of a job that has ended well."""
    hosts = start_hosts(tmp_path_factory.mktemp("hosts"))
    ends = [host.ended() for host in hosts]
    assert [status for status, _, _ in ends] == [0, 0], ends
    return [(host.root, output) for host, (_, output, _) in zip(hosts, ends, strict=True)]


@pytest.mark.slow
def test_only_the_first_rank_speaks_and_writes(job: list[tuple[Path, str]]) -> None:
    (first, said), (second, nothing) = job
    assert [line.split("=")[0] for line in said.splitlines()] == ["epoch", "epoch", "distributed:ranks", "test:loss"]
    assert nothing == ""
    assert (first / "model/model.safetensors").is_file()
    assert [(second / name).exists() for name in ("model", "output")] == [False, False]


@pytest.mark.slow
def test_the_job_proves_that_the_ranks_trained_one_model_on_every_picture_once(job: list[tuple[Path, str]]) -> None:
    (root, said), _ = job
    proof = json.loads((root / "output/data/distributed.json").read_text())
    assert "distributed:ranks=2 distributed:disjoint=1 distributed:covered=1 distributed:equal_hashes=1" in said.splitlines()
    assert (proof["ranks"], proof["disjoint"], proof["covered"], proof["equal_hashes"]) == (2, True, True, True)
    assert [epoch["pictures"] for epoch in proof["epochs"]] == [[32, 32], [32, 32]]
    assert len(proof["hashes"]) == 2


@pytest.mark.slow
def test_the_metrics_are_those_of_all_pictures(job: list[tuple[Path, str]]) -> None:
    (root, _), _ = job
    metrics = json.loads((root / "model/model.json").read_text())["metrics"]
    assert metrics["test_images"] == 7
    assert metrics["valid_accuracy"] * 12 == pytest.approx(round(metrics["valid_accuracy"] * 12), abs=1e-4)
    assert len(json.loads((root / "output/data/evaluation.json").read_text())["images"]) == 7


@pytest.mark.slow
@pytest.mark.parametrize("killed", [0, 1])
def test_a_host_that_dies_ends_the_other(killed: int, tmp_path: Path) -> None:
    hosts = start_hosts(tmp_path, epochs="100000")
    try:
        stdout = hosts[0].process.stdout
        assert stdout is not None
        assert stdout.readline().startswith("epoch=1 ")
        hosts[killed].process.kill()
        status, _, errors = hosts[1 - killed].ended()  # well before the timeout of the process group
    finally:
        for host in hosts:
            host.process.kill()
            host.process.communicate()
    survivor = hosts[1 - killed].root
    assert status == 1, errors
    assert (survivor / "output/failure").read_text().startswith(f"LostRank: rank {1 - killed} of 2 lost the connection to another rank")
    assert not (survivor / "model").exists()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A container that runs SCRIPT on 31 pictures."""
    root = prepare(tmp_path)
    write_shard(root / "input/data/train/000.tar", coloured(11, seed=100)[:31])
    (root / "input/data/code/script.py").write_text(SCRIPT)
    return root


def run(root: Path, how: str, *, ranks: int) -> tuple[int, str]:
    host = Host(
        root, start(root, "script", "input/data/code", how, str(ranks), MASTER_ADDR="127.0.0.1", TRAINING_JOB_NAME=uuid.uuid4().hex)
    )
    status, _, errors = host.ended()
    return status, errors


@pytest.mark.slow
def test_the_objective_does_not_change_with_the_number_of_ranks(root: Path) -> None:
    for ranks in (1, 3):
        status, errors = run(root, "work", ranks=ranks)
        assert status == 0, errors
    alone, together = load_file(root / "weights-1"), load_file(root / "weights-3")
    assert alone.keys() == together.keys()
    assert all(torch.allclose(alone[name], together[name], atol=1e-5) for name in alone)
    threads = [(root / f"threads-{rank}-of-3").read_text() for rank in range(3)]
    assert "gloo" not in " ".join(threads), "a thread of the process group may abort its rank while the interpreter ends"


@pytest.mark.slow
def test_of_several_ranks_on_a_host_the_first_to_fail_says_why(root: Path) -> None:
    status, _ = run(root, "fail", ranks=2)
    assert status == 1
    assert (root / "output/failure").read_text().startswith("ValueError: the second rank has a reason")


@pytest.mark.slow
def test_ranks_that_are_interrupted_go_on_together_and_end_as_without(root: Path) -> None:
    """Only one of the two is told to end; the batch norms of both have seen other pictures by then."""
    (root / "input/data/code/script.py").write_text(INTERRUPTED)
    status, errors = run(root, "work", ranks=2)
    assert status == STOPPED, errors
    assert not (root / "output/failure").exists()
    whole, resumed = (load_file(root / f"weights-{name}") for name in ("whole", "interrupted"))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    histories = [(root / f"history-{name}").read_text() for name in ("whole", "interrupted")]
    assert histories[0] == histories[1]


@dataclass(frozen=True)
class Pretended(World):
    """Two ranks of which the second one's tensors are larger by `difference`."""

    size: int = 2
    difference: int = 0

    def sum(self, tensor: torch.Tensor) -> torch.Tensor:
        return 2 * tensor + self.difference

    def gather(self, tensor: torch.Tensor) -> list[torch.Tensor]:
        return [tensor, tensor + self.difference]


@pytest.mark.parametrize(
    ("seen", "disjoint", "covered"),
    [([1, 1, 1], True, True), ([1, 2, 1], False, True), ([1, 0, 1], True, False), ([2, 0, 1], False, False)],
)
def test_pictures_seen_twice_or_never_are_told(seen: list[int], *, disjoint: bool, covered: bool) -> None:
    shares = shares_of(1, torch.tensor(seen), World())
    assert (shares.disjoint, shares.covered, shares.pictures) == (disjoint, covered, (sum(seen),))


def test_ranks_with_other_parameters_write_no_model(tmp_path: Path) -> None:
    network = nn.Linear(2, 2)
    prove(network, [Shares(1, (1, 1), disjoint=True, covered=True)], Pretended(), tmp_path)
    with pytest.raises(RuntimeError, match="the 2 ranks did not train one model"):
        prove(network, [Shares(1, (1, 1), disjoint=True, covered=True)], Pretended(difference=1), tmp_path)
    assert json.loads((tmp_path / "distributed.json").read_text())["equal_hashes"] is False


def test_a_picture_that_no_rank_saw_leaves_no_model(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="distributed:covered=0"):
        prove(nn.Linear(2, 2), [Shares(1, (1, 1), disjoint=True, covered=False)], Pretended(), tmp_path)


def test_the_port_follows_from_the_job() -> None:
    assert port_of("job-1") == port_of("job-1") != port_of("job-2")
    assert port_of("job-1") in PORTS
