"""What a training on EC2 may cost, from those that were."""

import json

import pytest
from prefect.logging import disable_run_logger

from pedigree.cost.ec2 import expected_on_ec2
from pedigree.cost.history import Expected
from pedigree.cost.lines import ec2_lines
from pedigree.cost.receipt import received
from pedigree.prices.prices import read_table
from pedigree.settings import Ec2, Training
from pedigree.trained_model import Evaluation, TrainedModel
from pedigree.training.ec2.launch import job_of, on_one_instance
from pedigree.training.training_job import JobParts
from pedigree.values import CostLine, CostPlan, Dataset
from tests.lab.live_account import LiveAccount

STAGE = "training on EC2"
TRAINING = on_one_instance(Training(epochs=10, max_runtime_seconds=3600, volume_gb=25), Ec2())


def record(live: LiveAccount, key: str, seconds: int, *, status: str = "Completed", **other: int) -> None:
    name, dataset = f"{live.account.project}--ec2-{key}", Dataset("d1", "s3://bucket/datasets/d1/", (), {}, "created")
    job = job_of(name, JobParts(live.account, dataset, "s3://b/code/", TRAINING.model_copy(update=other), "image"))
    live.put(f"training/{name}/job.json", json.dumps(job | {"TrainingStartTime": "2026-01-05T02:00:00+00:00"}).encode())
    live.put(f"training/{name}/ended.json", json.dumps({"TrainingJobStatus": status, "BillableTimeInSeconds": seconds}).encode())


def test_without_one_like_it_all_the_time_that_it_is_allowed(live: LiveAccount) -> None:
    record(live, "1", 5, status="Failed")
    assert expected_on_ec2(live.account, TRAINING) == Expected(1.0, "no similar job yet: all of max_runtime_seconds, 3600 s")


def test_epochs_as_long_as_in_the_newest_one_like_it(live: LiveAccount) -> None:
    record(live, "1", 1000, image_size=64)
    record(live, "2", 200, epochs=5)
    expected = expected_on_ec2(live.account, TRAINING)
    assert (expected.hours, expected.basis) == (400 / 3600, f"10 epochs as in {live.account.project}--ec2-2, 40 s each")


def test_the_receipt_has_the_seconds_that_the_instance_ran() -> None:
    instance, disk = ec2_lines(STAGE, Expected(1.0, "planned"), read_table(), TRAINING)
    assert (instance.resource, instance.usd_per_hour) == ("training on EC2, 1 x m5.xlarge", 0.192)
    assert disk.resource == "training on EC2, 100 GB of disk"
    assert disk.usd_per_hour == pytest.approx(100 * 0.08 / 730)
    with disable_run_logger():
        billed = received(instance, trained(seconds=900), CostPlan((instance, disk), (), (), "a table"))
    assert billed == CostLine(instance.resource, 0.192, 0.25, "15 min billed for pets--ec2-1")


def trained(seconds: int) -> TrainedModel:
    evaluation = Evaluation(("a", "b"), [[1, 0], [0, 1]], [])
    return TrainedModel("k", "pets--ec2-1", 1, "s3://b/m", "c", "d", seconds, [], evaluation, "created", "ec2")
