import json
import re
import shutil
import signal
from pathlib import Path

import pytest

from model import contract, train
from model.course import Epoch
from tests.model.conftest import Training
from tests.model.containers import encoded, prepare, start, write_shard

NUMBER = r"(\d+\.\d{4})"
SPEED = r"epoch:seconds=\d+\.\d{3} epoch:images_per_second=\d+\.\d"
EPOCH = rf"^epoch=(\d+) train:loss={NUMBER} train:accuracy={NUMBER} valid:loss={NUMBER} valid:accuracy={NUMBER} {SPEED}$"


def test_a_job_logs_every_epoch_and_one_test_evaluation(training: Training) -> None:
    assert training.status == 0, training.errors
    lines = training.output.splitlines()
    assert [re.match(EPOCH, line) is not None for line in lines] == [True, True, False]
    assert re.fullmatch(rf"test:loss={NUMBER} test:accuracy={NUMBER}", lines[-1])


def test_the_history_holds_the_epochs_that_were_asked_for(training: Training) -> None:
    history = json.loads((training.root / "output/data/history.json").read_text())
    assert [epoch["epoch"] for epoch in history] == [1, 2]


def test_the_card_says_what_was_trained_on_what_and_how_well(training: Training) -> None:
    card = json.loads((training.root / "model/model.json").read_text())
    best = min(json.loads((training.root / "output/data/history.json").read_text()), key=lambda epoch: float(epoch["valid_loss"]))
    assert (card["architecture"], card["classes"], card["image_size"]) == ("small_cnn", ["blue", "green", "red"], 32)
    assert (card["dataset_digest"], card["code_digest"]) == ("dataset-1", "code-1")
    assert (card["metrics"]["valid_loss"], card["metrics"]["valid_accuracy"]) == (best["valid_loss"], best["valid_accuracy"])
    assert card["metrics"]["test_images"] == 7
    assert card["baseline"] == pytest.approx(3 / 7)


def test_nothing_is_pickled(training: Training) -> None:
    suffixes = {path.suffix for path in (training.root / "model").rglob("*") if path.is_file()}
    assert suffixes == {".safetensors", ".json", ".jpg", ".py", ".txt"}


def test_whoever_serves_the_model_may_read_it(training: Training) -> None:
    ordinary = (training.root / "output/data").stat().st_mode
    assert (training.root / "model").stat().st_mode == ordinary


def test_a_failed_job_leaves_its_reason_first_and_its_traceback(container: contract.Container) -> None:
    write_shard(container.channel("train") / "001.tar", [("red/broken.jpg", b"no picture")])
    with pytest.raises(ValueError, match=r"bad image red/broken\.jpg"):
        train.main()
    failure = container.failure.read_text()
    assert failure.startswith("ValueError: 001.tar holds a bad image red/broken.jpg")
    assert "Traceback (most recent call last)" in failure
    assert not container.model.exists()


def test_the_test_split_is_opened_after_the_last_epoch(container: contract.Container, capsys: pytest.CaptureFixture[str]) -> None:
    (container.channel("test") / "000.tar").write_bytes(b"not a tar file at all")
    with pytest.raises(Exception, match="header"):
        train.main()
    assert "epoch=2 " in capsys.readouterr().out


def test_the_weights_of_the_best_epoch_are_kept(container: contract.Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "warm_up_then_cosine", lambda progress: 1.0 if progress < 0.5 else 1e4)  # the second epoch ruins it
    train.main()
    history = json.loads((container.output_data / "history.json").read_text())
    metrics = json.loads((container.model / "model.json").read_text())["metrics"]
    assert history[1]["valid_loss"] > history[0]["valid_loss"]
    assert metrics["valid_loss"] == history[0]["valid_loss"]
    assert metrics["test_loss"] < history[1]["valid_loss"]


def test_a_training_that_diverges_stops_with_the_reason_and_leaves_no_model(
    container: contract.Container, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (container.root / "input/config/hyperparameters.json").write_text(json.dumps({"image_size": "16", "epochs": "5", "batch_size": "8"}))
    monkeypatch.setattr(train, "warm_up_then_cosine", lambda progress: 1.0 if progress < 0.2 else float("nan"))
    with pytest.raises(FloatingPointError, match=r"loss of epoch 2 is nan: lower learning_rate \(now 0\.01\)"):
        train.main()
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["epoch=1", "epoch=2"]
    assert container.failure.read_text().startswith("FloatingPointError: the training loss of epoch 2 is nan")
    assert not container.model.exists()


@pytest.mark.parametrize("losses", [(float("nan"), 0.5), (0.5, float("nan")), (float("inf"), 0.5), (0.5, float("inf"))])
def test_neither_loss_may_be_infinite(losses: tuple[float, float]) -> None:
    with pytest.raises(FloatingPointError, match="of epoch 7 is"):
        train.require_finite(Epoch(7, losses[0], 0.5, losses[1], 0.5), 0.01)


def test_a_class_that_only_test_has_is_an_error(container: contract.Container) -> None:
    write_shard(container.channel("test") / "002.tar", [("violet/00.jpg", encoded((150, 50, 200)))])
    with pytest.raises(ValueError, match="classes that the train split does not have: violet"):
        train.main()


def test_the_same_seed_gives_the_same_history(container: contract.Container) -> None:
    histories = []
    for _ in range(2):
        train.main()
        shutil.rmtree(container.checkpoints)
        histories.append((container.output_data / "history.json").read_text())
    assert histories[0] == histories[1]


@pytest.mark.slow
def test_a_stopped_job_ends_at_once_with_a_checkpoint_and_without_a_model(tmp_path: Path) -> None:
    process = start(prepare(tmp_path, epochs="100000"), "model.train", "input/data/code")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("epoch=1 ")
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert [(tmp_path / name).exists() for name in ("checkpoints/checkpoint-0", "model", "output/failure")] == [True, False, False]


@pytest.mark.parametrize(
    ("count", "batch_size", "ranks", "sizes"),
    [(10, 5, 1, [5, 5]), (12, 5, 1, [5, 5, 2]), (11, 5, 1, [5, 6]), (3, 5, 1, [3]), (21, 8, 2, [8, 8, 5]), (19, 8, 2, [8, 11])],
)
def test_a_last_batch_too_small_for_a_batch_norm_joins_the_one_before(count: int, batch_size: int, ranks: int, sizes: list[int]) -> None:
    assert train.batch_sizes(count, batch_size, ranks) == sizes


def test_batches_too_small_for_the_ranks_are_refused() -> None:
    with pytest.raises(ValueError, match="4 ranks need batches of at least 8: batch_size is 6, the split has 100 images"):
        train.batch_sizes(100, 6, 4)


def test_a_single_picture_that_is_left_over_does_no_harm(container: contract.Container) -> None:
    write_shard(container.channel("train") / "001.tar", [("red/extra.jpg", encoded((220, 50, 40)))])
    hyperparameters = container.root / "input/config/hyperparameters.json"
    hyperparameters.write_text(json.dumps({"image_size": "16", "epochs": "1", "batch_size": "8"}))
    train.main()
    assert (container.model / "model.json").is_file()
