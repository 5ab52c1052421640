"""Which instance type a training is asked for on, and how an interrupted job's time is counted."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from pedigree.cost.watch import seconds_with_instances
from pedigree.training.capacity import Places, gaps, lacked_capacity

PLACES = Places(("ml.a", "ml.b", "ml.c"), lambda name: f"image for {name}")
REQUEST = {
    "AlgorithmSpecification": {"TrainingImage": "image for ml.a", "X": 1},
    "ResourceConfig": {"InstanceType": "ml.a", "InstanceCount": 2},
}


def attempt(instance_type: str, reason: str = "CapacityError: Unable to provision", **job: Any) -> dict[str, Any]:
    resources = {"InstanceType": instance_type}
    return {"TrainingJobName": "job", "TrainingJobStatus": "Failed", "FailureReason": reason, "ResourceConfig": resources, **job}


@pytest.mark.parametrize(
    ("lacked", "chosen"), [("", "ml.a"), ("a", "ml.b"), ("ab", "ml.c"), ("abc", "ml.a"), ("abca", "ml.b"), ("aaa", "ml.b")]
)
def test_the_next_type_is_the_first_that_was_lacked_least_often(lacked: str, chosen: str) -> None:
    placed = PLACES.place(REQUEST, [attempt(f"ml.{name}") for name in lacked])
    assert placed == {
        "AlgorithmSpecification": {"TrainingImage": f"image for {chosen}", "X": 1},
        "ResourceConfig": {"InstanceType": chosen, "InstanceCount": 2},
    }


@pytest.mark.parametrize(
    ("job", "lacked"),
    [
        (attempt("ml.a"), True),
        (attempt("ml.a", "ClientError: InsufficientInstanceCapacity"), True),
        (attempt("ml.a", "InternalServerError: try again"), False),
        (attempt("ml.a", "AlgorithmError: CapacityError is in my words", TrainingJobStatus="Stopped"), False),
        (attempt("ml.a", "", TrainingJobStatus="Stopped", SecondaryStatus="MaxWaitTimeExceeded"), True),
        (attempt("ml.a", "", TrainingJobStatus="Stopped", SecondaryStatus="MaxRuntimeExceeded"), False),
    ],
)
def test_capacity_is_told_from_other_reasons(job: dict[str, Any], *, lacked: bool) -> None:
    assert lacked_capacity(job) is lacked


def test_what_was_lacked_is_told_in_the_words_of_aws() -> None:
    waited = attempt("ml.b", "", TrainingJobStatus="Stopped", SecondaryStatus="MaxWaitTimeExceeded")
    found = gaps([attempt("ml.a"), attempt("ml.a", "InternalServerError"), waited])
    assert [(gap.instance_type, gap.reason) for gap in found] == [
        ("ml.a", "CapacityError: Unable to provision"),
        ("ml.b", "MaxWaitTimeExceeded"),
    ]


def test_waiting_for_other_spot_instances_is_not_billed() -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1000)
    starts = {"Starting": -50, "Downloading": 0, "Training": 10, "Interrupted": 100, "Starting again": 600, "Downloading again": 700}
    steps = [{"Status": name.split()[0], "StartTime": begun + timedelta(seconds=start)} for name, start in starts.items()]
    for step, after in pairwise(steps):
        step["EndTime"] = after["StartTime"]
    job = {"TrainingStartTime": begun, "SecondaryStatusTransitions": steps}
    assert seconds_with_instances(job) == pytest.approx(1000 - 600, abs=5)
    still_waiting = {**job, "SecondaryStatusTransitions": [*steps[:3], {"Status": "Interrupted", "StartTime": steps[3]["StartTime"]}]}
    assert seconds_with_instances(still_waiting) == pytest.approx(100, abs=5)
