"""How images become chunks, requests, estimates and files: pure functions."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from pyarrow import parquet

from pedigree.aws.errors import BudgetExceeded, InvalidInput
from pedigree.scoring.answers import row_of
from pedigree.scoring.gather import Scores, write_jsonl, write_parquet
from pedigree.scoring.images import LARGEST, BadImage, Image, Images, find_images, require_readable, why_bad
from pedigree.scoring.model import choose_model
from pedigree.scoring.page import page_of
from pedigree.scoring.plan import ScoringPlan, expected
from pedigree.scoring.transform_job import COUNT, cut, manifest_of, transform_job_request
from pedigree.scoring.watch import ScoreWatch
from pedigree.settings import Scoring
from tests.pedigree.training.test_requests import ACCOUNT

SIX = tuple(Image(f"images/{number}.jpg", f"etag{number}") for number in range(6))
IMAGES = Images("bucket", "images/", SIX, ())
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/pedigree/1"


def keys(images: tuple[Image, ...], package: str = PACKAGE) -> list[str]:
    return [chunk.key for chunk in cut(ACCOUNT, Images("bucket", "images/", images, ()), package, Scoring(images_per_job=2))]


def test_each_image_is_in_one_chunk() -> None:
    chunks = cut(ACCOUNT, IMAGES, PACKAGE, Scoring(images_per_job=4))
    assert [image for chunk in chunks for image in chunk.images] == list(SIX)
    assert [(chunk.first, chunk.last) for chunk in chunks] == [(1, 4), (5, 6)]


def test_a_chunk_is_named_by_what_is_asked_and_whom() -> None:
    assert keys(SIX) == keys(SIX)
    assert keys((*SIX, Image("images/7.jpg", "new")))[:3] == keys(SIX), "what comes last leaves the full ones as they were"
    other = (*SIX[:2], Image(SIX[2].key, "other content"), *SIX[3:])
    assert [mine == theirs for mine, theirs in zip(keys(SIX), keys(other), strict=True)] == [True, False, True]
    assert not set(keys(SIX)) & set(keys(SIX, PACKAGE.replace("/1", "/2")))


def test_the_request_fits_the_call_and_is_small_enough_for_it() -> None:
    chunk = cut(ACCOUNT, IMAGES, PACKAGE, Scoring(images_per_job=4))[0]
    request = transform_job_request("pedigree--score-1", account=ACCOUNT, model="m", chunk=chunk, scoring=Scoring())
    shape: Any = botocore.session.get_session().get_service_model("sagemaker").operation_model("CreateTransformJob").input_shape
    report = ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()
    assert request["MaxPayloadInMB"] * 1_000_000 >= LARGEST
    assert request["MaxPayloadInMB"] * request["MaxConcurrentTransforms"] <= 100
    assert request["Environment"][COUNT] == "4"


def test_all_attempts_at_a_job_share_a_folder() -> None:
    chunk = cut(ACCOUNT, IMAGES, PACKAGE, Scoring(images_per_job=6))[0]
    first, second = (
        transform_job_request(name, account=ACCOUNT, model="m", chunk=chunk, scoring=Scoring())
        for name in (chunk.name("pedigree"), f"{chunk.name('pedigree')}-2")
    )
    assert first["TransformOutput"] == second["TransformOutput"]
    assert manifest_of(chunk)[:2] == [{"prefix": "s3://bucket/"}, "images/0.jpg"]


@pytest.mark.parametrize(
    ("key", "size", "reason"),
    [
        ("a/b.JPG", 10, ""),
        ("a/b.png", LARGEST, ""),
        ("a/b.png", LARGEST + 1, "the limit is 6,291,456"),
        ("a/b.jpeg", 0, "it is empty"),
        ("a/jpg", 10, "does not end in .jpeg, .jpg, .png"),
    ],
)
def test_what_need_not_be_asked_about_is_told_by_name_and_size(key: str, size: int, reason: str) -> None:
    assert bool(reason) == bool(why_bad(key, size))
    assert reason in why_bad(key, size)


@pytest.mark.parametrize("prefix", ["", "datasets/d1/", "imagesof/"])
def test_what_the_role_could_not_read_is_refused_at_once(prefix: str) -> None:
    with pytest.raises(InvalidInput, match="s3://bucket/images/ and s3://bucket/inputs/"):
        require_readable(ACCOUNT, f"s3://bucket/{prefix}", "bucket", prefix)
    require_readable(ACCOUNT, f"s3://bucket-of-others/{prefix}", "bucket-of-others", prefix)


def test_a_stack_of_before_there_was_scoring_is_told() -> None:
    with pytest.raises(InvalidInput, match="make bootstrap"):
        choose_model(ACCOUNT, Scoring())


def test_a_folder_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pedigree.scoring.images.client", lambda *_: None)
    with pytest.raises(InvalidInput, match="no such file or folder"):
        find_images(ACCOUNT, "/nowhere/images")


class Sagemaker:
    """Has completed jobs, a name, a type, images and seconds each."""

    def __init__(self, *jobs: tuple[str, str, int, float]) -> None:
        self.jobs = {name: (instance_type, images, seconds) for name, instance_type, images, seconds in jobs}

    def list_transform_jobs(self, **_asked: Any) -> dict[str, Any]:
        return {"TransformJobSummaries": [{"TransformJobName": name} for name in self.jobs]}

    def describe_transform_job(self, *, TransformJobName: str) -> dict[str, Any]:  # noqa: N803  as boto3 calls it
        instance_type, images, seconds = self.jobs[TransformJobName]
        begun = datetime(2026, 1, 5, tzinfo=UTC)
        return {
            "TransformJobName": TransformJobName,
            "Environment": {COUNT: str(images)},
            "TransformResources": {"InstanceType": instance_type},
            "TransformStartTime": begun,
            "TransformEndTime": begun + timedelta(seconds=seconds),
        }


def test_the_estimate_goes_by_the_largest_job_of_the_instance_type() -> None:
    jobs: Any = Sagemaker(
        ("pedigree--score-1", "ml.m5.large", 10, 300.0),
        ("pedigree--score-2", "ml.m5.large", 1000, 500.0),
        ("pedigree--score-3", "ml.g4dn.xlarge", 5000, 100.0),
        ("xpedigree-score-1", "ml.m5.large", 9000, 1.0),
    )
    assert expected(jobs, ACCOUNT, cut(ACCOUNT, IMAGES, PACKAGE, Scoring(images_per_job=4)), "ml.m5.large") == (
        3.0,
        "as 1,000 images took 8 min in pedigree--score-2",
    )


def test_without_a_job_to_go_by_the_estimate_says_that_it_is_assumed() -> None:
    jobs: Any = Sagemaker()
    seconds, basis = expected(jobs, ACCOUNT, cut(ACCOUNT, IMAGES, PACKAGE, Scoring(images_per_job=4)), "ml.m5.large")
    assert seconds == pytest.approx(2 * 300 + 6 * 0.3)
    assert basis.startswith("assumed")


def answer(*labels: str) -> list[dict[str, Any]]:
    return [{"label": label, "probability": 1 / (rank + 2)} for rank, label in enumerate(labels)]


ROWS = [row_of(f"s3://bucket/{number}.jpg", answer("dog", "cat"), PACKAGE) for number in range(3)]


@pytest.mark.parametrize("write", [write_parquet, write_jsonl])
def test_the_file_holds_the_rows_of_all_chunks_in_their_order(write: Callable[..., int], tmp_path: Path) -> None:
    path = tmp_path / "predictions"
    with path.open("wb") as file:
        assert write(file, iter([ROWS[:2], [], ROWS[2:]])) == 3
    if write is write_jsonl:
        assert [json.loads(line) for line in path.read_text().splitlines()] == ROWS
    else:
        table = parquet.read_table(BytesIO(path.read_bytes())).to_pylist()
        assert [{**row, "probabilities": dict(row["probabilities"])} for row in table] == ROWS


def plan(budget_usd: float | None) -> ScoringPlan:
    return ScoringPlan(jobs=2, seconds=600, basis="assumed", usd_per_hour=3600.0, budget_usd=budget_usd)


def described(status: str, seconds: float) -> dict[str, Any]:
    now = datetime.now(UTC)
    ended = {"TransformEndTime": now} if status == "Completed" else {}
    return {
        "TransformJobName": f"job of {seconds}",
        "TransformJobStatus": status,
        "TransformStartTime": now - timedelta(seconds=seconds),
    } | ended


def test_a_job_is_stopped_once_all_together_have_cost_too_much() -> None:
    stopped: list[str] = []
    watch = ScoreWatch(100, plan(budget_usd=100.0))
    watch.billed({"TransformJobName": "not begun", "TransformJobStatus": "InProgress"}, lambda: stopped.append("a"))
    watch.billed(described("InProgress", 60), lambda: stopped.append("b"))
    watch.billed(described("Completed", 50), lambda: stopped.append("c"))
    assert stopped == [], "one that has ended cannot be stopped"
    with pytest.raises(BudgetExceeded, match=r"have cost \$110\..*the budget is \$100"):
        watch.billed(described("InProgress", 60), lambda: stopped.append("d"))
    assert stopped == ["d"]


def test_progress_counts_the_images_of_all_jobs(caplog: pytest.LogCaptureFixture) -> None:
    watch = ScoreWatch(100, plan(None))
    with caplog.at_level("INFO", "pedigree"):
        for chunk, images in (("a", 0), ("a", 5), ("a", 20), ("b", 30), ("b", 30), ("a", 70)):
            watch.answered(chunk, images)
    assert caplog.messages == [f"{done} of 100 images are answered" for done in (20, 50, 100)]


def test_the_page_names_files_classes_and_bad_images() -> None:
    bad = tuple(BadImage(f"images/{number}.jpg", "it is empty") for number in range(25))
    scores = Scores(PACKAGE, "s3://b/scores/k/predictions.parquet", "s3://b/scores/k/bad.jsonl", {"dog": 3, "cat": 1}, bad)
    page = page_of(scores, plan(None), 0.25)
    assert "# 4 predictions and 25 bad images in s3://b/scores/k/" in page
    assert "| dog | 3 | 75.0% |" in page
    assert "| `images/19.jpg` | it is empty |" in page
    assert "... and 5 more" in page
    assert "Cost: $0.25" in page
