"""Capacity that AWS lacks, and quotas that are too low, in an account."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pedigree.aws.errors import OutOfAttempts, QuotaTooLow
from pedigree.settings import Mission, Serving, Training
from pedigree.trained_model import TrainedModel
from pedigree.training.jobs import train_model
from pedigree.values import Dataset
from tasks.cost import plan_costs
from tests.lab.inspected import inspected
from tests.lab.live_account import LiveAccount
from tests.pedigree.training.test_live import IMAGE, SCRIPT

WANTED, SECOND, THIRD = "ml.g5.xlarge", "ml.g5.2xlarge", "ml.c5.9xlarge"  # no other test asks for them


@pytest.fixture(autouse=True)
def supplied(live: LiveAccount) -> Iterator[None]:
    """What a test takes away is back afterwards."""
    yield
    for control in ("capacity", "quotas"):
        live.aws.control("DELETE", control)


@pytest.fixture
def train(live: LiveAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., TrainedModel]:
    """A training that ends at once, where there are instances."""
    files = {"model/__init__.py": tmp_path / "__init__.py", "model/train.py": tmp_path / "train.py"}
    files["model/__init__.py"].touch()
    files["model/train.py"].write_text(SCRIPT.format(body=""))
    monkeypatch.setattr("pedigree.training.jobs.package_files", lambda _package: files)
    for split in ("train", "valid", "test"):
        live.put(f"datasets/d1/{split}/00000.tar", split.encode())
    dataset = Dataset("d1", f"s3://{live.account.bucket}/datasets/d1/", ("a", "b"), {"train": 4, "valid": 4, "test": 8}, "created")
    return lambda **settings: train_model(live.account, dataset, Training(image=IMAGE, instance_type=WANTED, **settings))


def take_away(live: LiveAccount, *instance_types: str) -> None:
    for name in instance_types:
        live.aws.control("POST", "capacity", {"instance_type": name})


def asked_for(live: LiveAccount) -> list[str]:
    sagemaker = live.client("sagemaker")
    found = sagemaker.list_training_jobs(NameContains=live.account.project, SortBy="Name", SortOrder="Ascending")["TrainingJobSummaries"]
    jobs = [sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"]) for job in found]
    return [job["ResourceConfig"]["InstanceType"] for job in jobs]


def test_without_capacity_it_trains_on_the_next_type_and_says_so(live: LiveAccount, train: Callable[..., TrainedModel]) -> None:
    take_away(live, WANTED, SECOND)
    model = train(fallback_instance_types=(SECOND, THIRD))
    assert (model.instance_type, model.attempt, asked_for(live)) == (THIRD, 3, [WANTED, SECOND, THIRD])
    assert [gap.instance_type for gap in model.no_capacity] == [WANTED, SECOND]
    assert all(gap.reason.startswith("CapacityError: Unable to provision") for gap in model.no_capacity)
    adopted = train(fallback_instance_types=(SECOND, THIRD))
    assert (adopted.outcome, adopted.instance_type, adopted.no_capacity) == ("adopted", THIRD, model.no_capacity)


def test_where_there_is_capacity_nowhere_all_types_are_tried_and_one_that_is_named_later_too(
    live: LiveAccount, train: Callable[..., TrainedModel]
) -> None:
    take_away(live, WANTED, SECOND)
    with pytest.raises(OutOfAttempts, match=r"the last of 4 attempts: CapacityError.*\n.*other fallback_instance_types"):
        train(fallback_instance_types=(SECOND,))
    assert asked_for(live) == [WANTED, SECOND, WANTED, SECOND]
    assert train(fallback_instance_types=(SECOND, THIRD)).instance_type == THIRD


@pytest.mark.parametrize(
    ("settings", "quota"),
    [
        ({"instance_type": WANTED, "instance_count": 2}, f"{WANTED} for training job usage"),
        ({"instance_type": WANTED, "instance_count": 2, "spot": True}, f"{WANTED} for spot training job usage"),
        ({"instance_count": 2, "fallback_instance_types": (WANTED,)}, f"{WANTED} for training job usage"),
    ],
    ids=["wanted", "spot", "fallback"],
)
def test_a_quota_that_is_too_low_is_refused_before_anything_is_created(live: LiveAccount, settings: dict[str, Any], quota: str) -> None:
    live.aws.control("POST", "quotas", {"service": "sagemaker", "name": quota, "value": 1})
    with pytest.raises(QuotaTooLow) as refused:
        plan_costs.fn(live.account, Mission(training=Training(**settings)), inspected())
    assert refused.value.cause == f"the quota '{quota}' is 1, this run needs 2"
    command = "aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-"
    assert command in refused.value.action
    assert refused.value.action.endswith("--desired-value 2 --region us-east-1")
    assert live.writes() == []


def test_a_new_endpoint_needs_its_quota_before_anything_is_trained(live: LiveAccount) -> None:
    quota = f"{THIRD} for endpoint usage"
    live.aws.control("POST", "quotas", {"service": "sagemaker", "name": quota, "value": 0})
    with pytest.raises(QuotaTooLow, match=f"the quota '{quota}' is 0, this run needs 3"):
        plan_costs.fn(live.account, Mission(serving=Serving(instance_type=THIRD)), inspected())
