"""Checkpoint files, and trainings that go on from them as if nothing had happened."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from model import train
from model.augment import augment
from model.checkpoint import NAMES, Checkpoints
from model.contract import Hyperparameters
from model.data import ImageSet, class_names, read_index
from model.distributed import ALONE, World
from model.interruption import STOPPED
from model.network import build_network
from model.train import Fitted, fit
from tests.model.containers import coloured, write_shard

EPOCHS, BATCHES = 5, 3  # of 9 pictures each


def write(checkpoints: Checkpoints, epoch: int, batches: int = 0, ranks: int = 1) -> None:
    checkpoints.write({"number": epoch}, epoch=epoch, batches=batches, ranks=ranks)


def newest(folder: Path, world: World = ALONE) -> int | None:
    state = Checkpoints(folder).newest(world)
    return None if state is None else int(state["number"])


def test_the_newest_of_two_counts(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    assert newest(tmp_path) is None
    for epoch in (1, 2, 3):
        write(checkpoints, epoch)
    assert newest(tmp_path) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)


def test_one_that_is_further_within_the_epoch_is_newer(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.write({"number": 10}, epoch=2, batches=10, ranks=1)
    checkpoints.write({"number": 9}, epoch=2, batches=9, ranks=1)
    assert newest(tmp_path) == 10


@pytest.mark.parametrize("kept", [0, 5, 200, -1])
def test_a_truncated_one_is_passed_over(tmp_path: Path, kept: int, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoints = Checkpoints(tmp_path)
    write(checkpoints, 1)
    write(checkpoints, 2)
    file = tmp_path / NAMES[1]
    file.write_bytes(file.read_bytes()[:kept])
    assert newest(tmp_path) == 1
    assert capsys.readouterr().out == f"{NAMES[1]} is damaged: it is ignored\n"
    (tmp_path / NAMES[0]).write_bytes(b"[]\n")
    assert newest(tmp_path) is None


def test_the_one_that_was_gone_on_from_stays_until_the_next_but_one(tmp_path: Path) -> None:
    first = Checkpoints(tmp_path)
    write(first, 1)
    second = Checkpoints(tmp_path)
    assert second.newest(ALONE) == {"number": 1}
    write(second, 2)
    (tmp_path / NAMES[1]).write_bytes(b"")
    assert newest(tmp_path) == 1


def test_another_number_of_ranks_begins_anew(tmp_path: Path) -> None:
    write(Checkpoints(tmp_path), 1, ranks=2)
    assert newest(tmp_path) is None


@dataclass(frozen=True)
class LacksThe(World):
    """Two ranks of which the other one has not got the checkpoints of this epoch."""

    size: int = 2
    epoch: int = 0

    def collect(self, value: list) -> list:  # type: ignore[type-arg, override]
        return [value, [mark for mark in value if mark.epoch != self.epoch]]


def test_ranks_go_on_from_one_that_all_of_them_have(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    write(checkpoints, 1, ranks=2)
    write(checkpoints, 2, ranks=2)
    assert [newest(tmp_path, LacksThe(epoch=missing)) for missing in (0, 1, 2)] == [2, 2, 1]


@dataclass
class Lesson:
    """Trains small networks on the same pictures and counts the batches; SIGTERM or a crash comes in one of them."""

    images: ImageSet
    batches: int = 0
    sigterm_in: int = 0
    crash_in: int = 0

    def run(self, folder: Path) -> tuple[Fitted, dict[str, torch.Tensor]]:
        self.batches = 0
        torch.manual_seed(7)
        network = build_network("small_cnn", 3)
        parameters = Hyperparameters(epochs=EPOCHS, batch_size=9, learning_rate=0.003)
        fitted = fit(network, self.images, self.images, parameters, Checkpoints(folder))
        return fitted, network.state_dict()

    def augment(self, batch: torch.Tensor) -> torch.Tensor:
        self.batches += 1
        if self.batches == self.sigterm_in:
            signal.raise_signal(signal.SIGTERM)
        if self.batches == self.crash_in:
            raise ConnectionError("the machine is gone")
        return augment(batch)


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lesson]:
    write_shard(tmp_path / "train/000.tar", coloured(9, seed=3))
    pictures = read_index(tmp_path / "train")
    lesson = Lesson(ImageSet(pictures, class_names(pictures), 16))
    monkeypatch.setattr(train, "augment", lesson.augment)
    before, threads = signal.getsignal(signal.SIGTERM), torch.get_num_threads()
    torch.set_num_threads(1)  # several for so little wait for each other
    yield lesson
    torch.set_num_threads(threads)
    assert signal.getsignal(signal.SIGTERM) == before


def require_equal(one: tuple[Fitted, dict[str, torch.Tensor]], other: tuple[Fitted, dict[str, torch.Tensor]]) -> None:
    assert one[0] == other[0]
    assert one[1].keys() == other[1].keys()
    assert all(torch.equal(one[1][name], other[1][name]) for name in one[1])


@pytest.mark.parametrize("batch", [1, 4, 5, 6, EPOCHS * BATCHES])
def test_a_training_told_to_end_saves_in_the_middle_of_its_epoch_and_ends_as_without(lesson: Lesson, tmp_path: Path, batch: int) -> None:
    whole = lesson.run(tmp_path / "whole")
    lesson.sigterm_in = batch
    with pytest.raises(SystemExit) as ended:
        lesson.run(tmp_path / "interrupted")
    assert (ended.value.code, lesson.batches) == (STOPPED, batch)
    lesson.sigterm_in = 0
    require_equal(lesson.run(tmp_path / "interrupted"), whole)
    assert lesson.batches == EPOCHS * BATCHES - batch


def test_a_training_that_is_killed_goes_on_after_its_last_epoch(lesson: Lesson, tmp_path: Path) -> None:
    whole = lesson.run(tmp_path / "whole")
    lesson.crash_in = BATCHES + 2
    with pytest.raises(ConnectionError):
        lesson.run(tmp_path / "killed")
    lesson.crash_in = 0
    require_equal(lesson.run(tmp_path / "killed"), whole)
    assert lesson.batches == (EPOCHS - 1) * BATCHES


def test_with_a_truncated_checkpoint_one_epoch_more_is_trained(lesson: Lesson, tmp_path: Path) -> None:
    whole = lesson.run(tmp_path / "whole")
    lesson.crash_in = 2 * BATCHES + 1
    with pytest.raises(ConnectionError):
        lesson.run(tmp_path / "killed")
    lesson.crash_in = 0
    newest = tmp_path / "killed" / NAMES[1]
    newest.write_bytes(newest.read_bytes()[:-1])
    require_equal(lesson.run(tmp_path / "killed"), whole)
    assert lesson.batches == (EPOCHS - 1) * BATCHES


def test_a_training_that_was_done_trains_nothing(lesson: Lesson, tmp_path: Path) -> None:
    whole = lesson.run(tmp_path)
    require_equal(lesson.run(tmp_path), whole)
    assert lesson.batches == 0


def test_the_best_epoch_is_remembered(lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "warm_up_then_cosine", lambda progress: 1.0 if progress < 2 / EPOCHS else 1e3)  # ruined from the third on
    whole = lesson.run(tmp_path / "whole")
    assert whole[0].best.epoch <= 2
    lesson.sigterm_in = 3 * BATCHES + 1
    with pytest.raises(SystemExit):
        lesson.run(tmp_path / "interrupted")
    lesson.sigterm_in = 0
    require_equal(lesson.run(tmp_path / "interrupted"), whole)
