"""A trial of a tuning: what it leaves, what it never sees, and that its objective compares settings and nothing else."""

import json
import shutil

import pytest

from model import contract, trial


def histories(container: contract.Container) -> list[dict[str, float]]:
    found: list[dict[str, float]] = json.loads((container.output_data / "history.json").read_text())
    return found


def test_a_trial_needs_no_test_split_and_leaves_no_model(container: contract.Container, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(container.channel("test"))
    trial.main()
    assert [row["epoch"] for row in histories(container)] == [1, 2]
    assert "test:" not in capsys.readouterr().out
    assert not container.model.exists()


def test_its_evaluation_is_of_the_validation_split_with_the_weights_of_the_best_epoch(container: contract.Container) -> None:
    trial.main()
    evaluation = json.loads((container.output_data / "evaluation.json").read_text())
    assert evaluation["classes"] == ["blue", "green", "red"]
    assert [sum(row) for row in evaluation["confusion"]] == [4, 4, 4]
    best = min(histories(container), key=lambda row: row["valid_loss"])
    right = sum(row[index] for index, row in enumerate(evaluation["confusion"]))
    assert right / 12 == pytest.approx(best["valid_accuracy"])


def test_the_objective_does_not_change_with_the_batch_size(container: contract.Container) -> None:
    """One network, which hardly moves, validated in trainings with batches that divide the 12 pictures and others that do not."""
    losses = []
    for batch_size in ("5", "8", "24"):
        settings = {"image_size": "16", "epochs": "1", "learning_rate": "1e-30", "freeze_backbone": "true", "batch_size": batch_size}
        (container.root / "input/config/hyperparameters.json").write_text(json.dumps(settings))
        shutil.rmtree(container.checkpoints, ignore_errors=True)  # another trial is another job
        trial.main()
        losses.append(histories(container)[0]["valid_loss"])
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-6)
    assert losses[0] > 0.5
