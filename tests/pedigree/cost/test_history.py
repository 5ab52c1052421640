"""How long a job is expected to take, from jobs that are not there but described."""

from typing import Any

import pytest

from pedigree.cost.history import expected_training
from pedigree.settings import Training
from pedigree.training.training_job import hyperparameters

TRAINING = Training(epochs=10)


class Described:
    """SageMaker with one completed job of two epochs, which trained for 200 seconds."""

    def __init__(self, *, spot: bool, billed: int) -> None:
        self.job = {
            "TrainingJobName": "dogs--train-1",
            "HyperParameters": hyperparameters(TRAINING) | {"epochs": "2"},
            "ResourceConfig": {"InstanceType": TRAINING.instance_type, "InstanceCount": 1},
            "TrainingTimeInSeconds": 200,
            "BillableTimeInSeconds": billed,
            "EnableManagedSpotTraining": spot,
        }

    def list_training_jobs(self, **_: Any) -> dict[str, Any]:
        return {"TrainingJobSummaries": [self.job]}

    def describe_training_job(self, **_: Any) -> dict[str, Any]:
        return self.job


@pytest.mark.parametrize(
    ("was_spot", "asks_spot", "hours", "basis"),
    [
        (False, False, 1000 / 3600, "100 s each"),
        (True, False, 1000 / 3600, "100 s each"),
        (True, True, 300 / 3600, "30 billed s each"),
        (False, True, 1000 / 3600, "the saving is known afterwards"),
    ],
)
def test_only_a_spot_job_tells_what_a_spot_job_is_billed(*, was_spot: bool, asks_spot: bool, hours: float, basis: str) -> None:
    sagemaker: Any = Described(spot=was_spot, billed=60 if was_spot else 200)
    expected = expected_training(sagemaker, "dogs", TRAINING.model_copy(update={"spot": asks_spot}))
    assert expected.hours == pytest.approx(hours)
    assert expected.basis.endswith(basis)


def test_without_a_job_like_it_spot_is_planned_at_the_price_on_demand() -> None:
    other = Training(image_size=64, spot=True, max_runtime_seconds=3600)
    sagemaker: Any = Described(spot=True, billed=60)
    expected = expected_training(sagemaker, "dogs", other)
    assert (expected.hours, expected.basis.split("; ")[1]) == (
        1.0,
        "at the on-demand price, because AWS lists no spot price for training: the saving is known afterwards",
    )
