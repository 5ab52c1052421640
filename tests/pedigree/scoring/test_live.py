"""Scoring against a running local_aws, as its roles may: what is done is not done again, and what fails says why."""

import json
import uuid
from typing import Any

import pytest

from pedigree.aws.errors import BudgetExceeded, InvalidInput, JobFailed, JobStopped, OutOfAttempts, QuotaTooLow
from pedigree.aws.naming import FLOW_RUN_TAG, tag_list
from pedigree.aws.resources.table import SCORES, TRANSFORM_JOB
from pedigree.scoring.chunk import ScoredChunk, score_chunk
from pedigree.scoring.gather import Scores, gather_predictions
from pedigree.scoring.images import Images, find_images
from pedigree.scoring.model import choose_model, prepare_model
from pedigree.scoring.plan import plan_scoring
from pedigree.scoring.transform_job import Chunk, cut, manifest_of, transform_job_request
from pedigree.scoring.watch import ScoreWatch
from pedigree.settings import Scoring
from pedigree.teardown.delete import in_progress, stop_resource
from pedigree.training.stop import stop_training_jobs
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.scoring_images import image, scorer

CREATE = "sagemaker:CreateTransformJob"
POISON = b"poison"


def put_images(live: LiveAccount, count: int, prefix: str = "images/") -> str:
    for number in range(count):
        live.put(f"{prefix}{number:02}.jpg", image(number))
    return f"s3://{live.account.bucket}/{prefix}"


def prepared(live: LiveAccount, uri: str, scoring: Scoring, budget_usd: float | None = None) -> tuple[Images, list[Chunk], ScoreWatch]:
    images = find_images(live.account, uri)
    chunks = cut(live.account, images, choose_model(live.account, scoring), scoring)
    plan = plan_scoring(live.account, chunks, scoring, budget_usd)
    return images, chunks, ScoreWatch(len(images.good), plan)


def scored(live: LiveAccount, chunks: list[Chunk], scoring: Scoring, watch: ScoreWatch) -> list[ScoredChunk]:
    model = prepare_model(live.account, choose_model(live.account, scoring))
    return [score_chunk(live.account, model, chunk, scoring, watch) for chunk in chunks]


def score(live: LiveAccount, uri: str, scoring: Scoring) -> Scores:
    images, chunks, watch = prepared(live, uri, scoring)
    done = scored(live, chunks, scoring, watch)
    return gather_predictions(live.account, choose_model(live.account, scoring), images, done, scoring.format)


def rows(live: LiveAccount, uri: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in live.get(uri.removeprefix(f"s3://{live.account.bucket}/")).splitlines()]


@pytest.fixture
def scoring(live: LiveAccount) -> Scoring:
    return Scoring(images_per_job=2, format="jsonl", package=scorer(live, poison=POISON))


def test_images_stay_where_they_are_and_only_new_ones_are_asked_about(live: LiveAccount, scoring: Scoring) -> None:
    uri = put_images(live, 3)
    live.put("images/bad.png", b"no image")
    first = score(live, uri, scoring)
    assert [row["image"] for row in rows(live, first.predictions)] == [f"{uri}{number:02}.jpg" for number in range(3)]
    assert rows(live, first.bad_images) == [{"image": f"{uri}bad.png", "reason": "this is not a JPEG or PNG"}]
    assert sum(first.counts.values()) == first.predicted == 3
    wrote = live.writes()
    assert wrote.count(CREATE) == 2
    assert score(live, uri, scoring) == first
    assert live.writes() == wrote, "the same again does nothing"
    live.put("images/new.jpg", image(7))
    second = score(live, uri, scoring)
    assert (second.predicted, live.writes().count(CREATE)) == (4, 3)
    assert second.predictions != first.predictions


def test_answers_that_are_gone_are_asked_for_again(live: LiveAccount, scoring: Scoring) -> None:
    uri = put_images(live, 2)
    first = score(live, uri, scoring)
    for prefix in {f"scores/{key.split('/')[1]}/" for key in live.keys("scores/")}:
        SCORES.delete(live.account, prefix)
    assert score(live, uri, scoring) == first
    assert live.writes().count(CREATE) == 2


def test_an_image_that_no_answer_comes_for_fails_its_job_and_the_next_run_says_so_too(live: LiveAccount, scoring: Scoring) -> None:
    uri = put_images(live, 1)
    live.put("images/01.jpg", b"\xff\xd8\xff" + POISON)
    live.put("images/02.jpg", image(2))
    _, (first, last), watch = prepared(live, uri, scoring)
    with pytest.raises(
        JobFailed, match=r"(?s)1 of its 2 images have no answer.*images/01\.jpg: Bad HTTP status received from algorithm: 500"
    ):
        scored(live, [first], scoring, watch)
    (done,) = scored(live, [last], scoring, watch)
    assert sum(done.counts.values()) == 1
    with pytest.raises(JobFailed, match="1 of its 2 images have no answer"):
        scored(live, [first], scoring, watch)
    assert live.writes().count(CREATE) == 2, "a failed job is not paid for again unless somebody asks"


def test_what_aws_itself_fails_is_tried_three_times(live: LiveAccount, scoring: Scoring) -> None:
    _, chunks, watch = prepared(live, put_images(live, 1), scoring)
    live.aws.control("POST", "capacity", {"instance_type": "ml.m5.large"})
    try:
        with pytest.raises(OutOfAttempts, match="CapacityError"):
            scored(live, chunks, scoring, watch)
    finally:
        live.aws.control("DELETE", "capacity")
    assert live.writes().count(CREATE) == 3
    again = scoring.model_copy(update={"retry_failed": True})
    (done,) = scored(live, chunks, again, watch)
    assert done.job_name == f"{chunks[0].name(live.account.project)}-4"


def test_what_may_cost_too_much_is_refused_before_anything_is_created(live: LiveAccount, scoring: Scoring) -> None:
    uri, before = put_images(live, 2), live.writes()
    with pytest.raises(BudgetExceeded, match="nothing was created"):
        prepared(live, uri, scoring, budget_usd=0.001)
    with pytest.raises(InvalidInput, match=r"ml\.p2\.xlarge"):
        prepared(live, uri, scoring.model_copy(update={"instance_type": "ml.p2.xlarge"}), budget_usd=1.0)
    live.aws.control("POST", "quotas", {"service": "sagemaker", "name": "ml.m5.large for transform job usage", "value": 0})
    try:
        with pytest.raises(QuotaTooLow, match=r"ml\.m5\.large for transform job usage"):
            prepared(live, uri, scoring)
    finally:
        live.aws.control("DELETE", "quotas")
    assert live.writes() == before


def test_without_images_or_a_model_there_is_nothing_to_do(live: LiveAccount, scoring: Scoring) -> None:
    with pytest.raises(InvalidInput, match="it has no image to score"):
        find_images(live.account, f"s3://{live.account.bucket}/images/none/")
    with pytest.raises(InvalidInput, match="no model is live"):
        choose_model(live.account, Scoring())
    live.client("sagemaker").update_model_package(ModelPackageArn=scoring.package, ModelApprovalStatus="Rejected")
    with pytest.raises(InvalidInput, match="its approval status is Rejected"):
        choose_model(live.account, scoring)


def start_slow_job(live: LiveAccount, run: str) -> tuple[str, Chunk, Scoring]:
    """As the flow run of this id starts it, which is dead now; one image takes it ten minutes."""
    scoring = Scoring(package=scorer(live, seconds=600))
    _, (chunk,), _ = prepared(live, put_images(live, 1), scoring)
    name = chunk.name(live.account.project)
    live.put(f"scores/{name}/manifest.json", json.dumps(manifest_of(chunk)).encode())
    tags = [{**tag, "Value": run} if tag["Key"] == FLOW_RUN_TAG else tag for tag in tag_list(live.account, chunk.key)]
    model = prepare_model(live.account, str(scoring.package))
    request = transform_job_request(name, account=live.account, model=model.name, chunk=chunk, scoring=scoring) | {"Tags": tags}
    live.client("sagemaker").create_transform_job(**request)
    return name, chunk, scoring


def status(live: LiveAccount, name: str) -> str:
    return str(live.client("sagemaker").describe_transform_job(TransformJobName=name)["TransformJobStatus"])


def test_a_cancelled_runs_job_is_stopped_and_begins_again_only_when_asked(live: LiveAccount) -> None:
    run = str(uuid.uuid4())
    name, chunk, scoring = start_slow_job(live, run)
    assert stop_training_jobs(live.account, str(uuid.uuid4())) == []
    assert stop_training_jobs(live.account, run) == [name]
    wait_until(lambda: status(live, name) == "Stopped")
    watch = ScoreWatch(1, plan_scoring(live.account, [chunk], scoring, None))
    with pytest.raises(JobStopped, match="retry_failed"):
        scored(live, [chunk], scoring, watch)


def test_a_job_under_way_is_found_and_taken_away_and_one_that_ended_is_not_there(live: LiveAccount) -> None:
    run = str(uuid.uuid4())
    name, *_ = start_slow_job(live, run)
    (found,) = TRANSFORM_JOB.find(live.account)
    assert (found.name, found.flow_run_id) == (name, run)
    assert in_progress([found]) == [found]
    stop_resource(live.account, found)
    TRANSFORM_JOB.delete(live.account, name)
    assert status(live, name) == "Stopped"
    assert list(TRANSFORM_JOB.find(live.account)) == []


def test_the_role_of_the_jobs_reads_images_and_models_and_writes_answers_only(live: LiveAccount) -> None:
    wanted = {
        "s3:GetObject": {"images/a.jpg", "inputs/k/a.jpg", "models/k/model.tar.gz", "scores/j/manifest.json"},
        "s3:PutObject": {"scores/j/answers/images/a.jpg.out"},
    }
    others = {
        "datasets/d/manifest.json",
        "training/j/output/model.tar.gz",
        "runs/r/report.json",
        "scores/k/predictions.parquet",
        "checkpoints/j/a",
    }
    for action, keys in wanted.items():
        asked = {f"arn:aws:s3:::{live.account.bucket}/{key}": key for key in set().union(*wanted.values(), others)}
        answer = live.client("iam").simulate_principal_policy(
            PolicySourceArn=live.account.scoring_role, ActionNames=[action], ResourceArns=list(asked)
        )
        may = {asked[each["EvalResourceName"]] for each in answer["EvaluationResults"] if each["EvalDecision"] == "allowed"}
        assert may == keys
