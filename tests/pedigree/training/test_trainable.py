"""A training that could only fail is refused by what is known of its images, with what to do."""

from dataclasses import replace
from typing import Any

import pytest

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Ec2, Training, Tuning
from pedigree.training.trainable import require_trainable
from pedigree.training.ways import ways_of
from pedigree.tuning.plan import forecast_study
from pedigree.values import Account, Dataset
from tasks.training import train_model, train_on_ec2

ACCOUNT = Account("block", "dogs", "us-east-1", "bucket", "arn", "arn", "arn", "arn")
COUNTS = {"train": 100, "valid": 20, "test": 20}


@pytest.mark.parametrize(
    ("training", "counts", "advice"),
    [
        ({"instance_count": 20, "batch_size": 30}, {}, "raise training.batch_size to 40"),
        ({"instance_count": 20}, {"train": 30}, "add images, or choose fewer instances"),
        ({"instance_type": "ml.p4d.24xlarge", "batch_size": 8}, {}, "raise training.batch_size to 16"),
        ({"fallback_instance_types": ("ml.g5.48xlarge",), "batch_size": 8}, COUNTS, "fewer instances or GPUs"),
        ({"instance_count": 8}, COUNTS | {"valid": 7}, "add images"),
        ({"instance_count": 8}, COUNTS | {"test": 0}, "add images"),
        ({"batch_size": 1, "freeze_backbone": False}, {}, "raise training.batch_size to 2 or more"),
        ({"architecture": "vgg11_bn", "freeze_backbone": False}, {"train": 1}, "set training.freeze_backbone"),
        ({"architecture": "small_cnn"}, COUNTS, "set training.pretrained to false"),
    ],
)
def test_a_training_that_could_only_fail_is_refused(training: dict[str, Any], counts: dict[str, int], advice: str) -> None:
    with pytest.raises(InvalidInput, match=f"What to do: .*{advice}"):
        require_trainable(Training(**training), counts)


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"instance_count": 20, "batch_size": 40},
        {"batch_size": 1},
        {"batch_size": 1, "architecture": "vgg11", "freeze_backbone": False},
        {"instance_type": "ml.p4d.24xlarge", "batch_size": 16},
    ],
)
def test_a_training_that_can_begin_is_taken(training: dict[str, Any]) -> None:
    require_trainable(Training(**training), COUNTS)


def test_the_stage_asks_before_it_makes_a_call() -> None:
    dataset = Dataset("d1", "s3://bucket/datasets/d1/", ("a", "b"), COUNTS | {"valid": 3}, "created")
    alone = ways_of(Training(instance_count=4), Ec2())[0]
    elsewhere = ways_of(Training(), Ec2(enabled=True))[-1]
    with pytest.raises(InvalidInput, match="valid has 3"):
        train_model.fn(ACCOUNT, dataset, alone)
    with pytest.raises(InvalidInput, match="train has 0"):
        train_on_ec2.fn(ACCOUNT, replace(dataset, counts=COUNTS | {"train": 0}), elsewhere)


def test_a_study_asks_before_it_makes_a_call() -> None:
    with pytest.raises(InvalidInput, match=r"raise training.batch_size to 8"):
        forecast_study(ACCOUNT, Training(instance_count=4), Tuning(batch_sizes=(4, 64)), None)
