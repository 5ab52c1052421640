"""Three trainings of one run: on two instances, on one, and on EC2; the best of them is deployed, and nothing is trained twice."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from flows.operationalize import STAGES as EXPECTED
from pedigree.settings import Ec2, Mission, Training
from tasks.report import stage_names
from tests.end_to_end.laptop import Laptop, Run

ASKED: dict[str, Any] = {
    "training": {"instance_count": 2, "compare": True, "image_size": 32, "epochs": 4, "learning_rate": 0.02},
    "ec2": {"enabled": True},
}
STAGES = stage_names(EXPECTED, Mission(training=Training(instance_count=2, compare=True), ec2=Ec2(enabled=True)))


@pytest.fixture(scope="module")
def run(laptop: Laptop, shapes: Path) -> Run:
    return laptop.run(shapes, **ASKED)


def test_every_training_is_in_the_report_with_its_proof(run: Run) -> None:
    assert run.status == 0, run.output
    assert run.outcomes().keys() == set(STAGES)
    several, one, on_ec2 = run.report["trainings"]
    kinds = [(each["kind"], each["instances"]) for each in run.report["trainings"]]
    assert kinds == [("multi-instance", 2), ("single-instance", 1), ("ec2", 1)]
    assert several["proof"] == {"disjoint": True, "covered": True, "equal_hashes": True}
    assert (one["proof"], on_ec2["proof"]) == (None, None)
    assert all(each["billable_seconds"] > 0 and each["seconds"] > 0 for each in run.report["trainings"])
    assert "disjoint, all covered, equal parameters" in run.output


@pytest.mark.usefixtures("run")
def test_they_ran_at_the_same_time(laptop: Laptop) -> None:
    sagemaker = laptop.client("sagemaker")
    names = [job["TrainingJobName"] for job in sagemaker.list_training_jobs(NameContains="pedigree--train-")["TrainingJobSummaries"]]
    first, second = (sagemaker.describe_training_job(TrainingJobName=name) for name in names)
    assert first["TrainingStartTime"] < second["TrainingEndTime"]
    assert second["TrainingStartTime"] < first["TrainingEndTime"]


def test_they_are_equally_good_as_far_as_their_test_images_tell(run: Run) -> None:
    intervals = [each["test_interval"] for each in run.report["trainings"]]
    assert all(low < other_high and other_low < high for (low, high), (other_low, other_high) in combinations(intervals, 2))


def test_the_chosen_one_is_deployed_and_answers(laptop: Laptop, run: Run) -> None:
    (chosen,) = (each for each in run.report["trainings"] if each["chosen"])
    assert chosen["reason"]
    package = laptop.client("sagemaker").describe_model_package(ModelPackageName=run.report["model_package"]["arn"])
    assert package["CustomerMetadataProperties"]["pedigree-training-job"] == chosen["job_name"]
    assert run.report["metrics"]["accuracy"] == chosen["test_accuracy"] > 0.25
    assert run.report["smoke_test"]["passed"] is True


@pytest.mark.usefixtures("run")
def test_again_each_of_them_is_adopted(laptop: Laptop, shapes: Path) -> None:
    again = laptop.run(shapes, **ASKED)
    assert again.status == 0, again.output
    assert set(again.outcomes().values()) == {"adopted", "passed", "skipped"}
    assert again.writes() == set()
