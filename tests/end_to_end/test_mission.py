"""The mission for real: `make run` on a stack of its own, once, and then what a person does next.

The tests share one stack. The runs that change it are fixtures, each on top of the one before, so a test has what it needs in any order.
"""

import base64
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from deployments.laptop.auth_string import read_auth_string
from docs.make import screenshots
from flows.operationalize import STAGES as EXPECTED
from pedigree.settings import Mission
from tasks.report import stage_names
from tests.end_to_end.laptop import Laptop, Run

STAGES = stage_names(EXPECTED, Mission())


@pytest.fixture(scope="module")
def first(laptop: Laptop, shapes: Path) -> Run:
    return laptop.run(shapes)


@pytest.fixture(scope="module")
def again(laptop: Laptop, shapes: Path, first: Run) -> Run:
    return laptop.run(shapes)


@pytest.fixture(scope="module")
def limited(laptop: Laptop, shapes: Path, again: Run) -> Run:
    """The same with another limit of autoscaling."""
    return laptop.run(shapes, autoscaling={"max_instances": 2})


@pytest.fixture(scope="module")
def timed(laptop: Laptop, shapes: Path, limited: Run) -> Run:
    """The same with another timeout of the function too."""
    return laptop.run(shapes, autoscaling={"max_instances": 2}, function={"timeout_seconds": 20})


@dataclass(frozen=True)
class Restarted:
    """The same once more, after `make down` and `make up`, with the logits of a picture before and after them."""

    run: Run
    before: list[float]
    after: list[float]


@pytest.fixture(scope="module")
def restarted(laptop: Laptop, shapes: Path, timed: Run, picture: bytes) -> Restarted:
    assert timed.status == 0, timed.output
    before = ask_endpoint(laptop, picture)
    for command in ("down", "up"):
        done = laptop.make(command)
        assert done.returncode == 0, done.stdout + done.stderr
    run = laptop.run(shapes, autoscaling={"max_instances": 2}, function={"timeout_seconds": 20})
    return Restarted(run, before, ask_endpoint(laptop, picture))


@pytest.fixture(scope="module")
def picture(shapes: Path) -> bytes:
    return next((shapes / "test").rglob("*.jpg")).read_bytes()


def test_a_folder_of_pictures_becomes_a_guarded_endpoint(first: Run) -> None:
    assert first.status == 0, first.output
    assert first.report["status"] == "Completed"
    assert [stage["name"] for stage in first.report["stages"]] == list(STAGES)
    assert {stage["status"] for stage in first.report["stages"]} == {"completed"}
    assert all(name in first.output for name in STAGES)


def test_the_report_says_all_that_was_made(first: Run) -> None:
    report = first.report
    assert all(part["key"] for part in (report["dataset"], report["trainings"][0], report["model_package"], report["function"]))
    assert report["dataset"]["counts"] == {"train": 960, "valid": 240, "test": 240}
    assert len(report["dataset"]["classes"]) == 8
    assert report["metrics"]["baseline"] == 0.125
    assert report["metrics"]["accuracy"] > 0.9
    assert report["model_package"]["arn"].endswith(":model-package/pedigree/1")
    assert report["endpoint"]["name"] == "pedigree"
    published = {
        "name": "pedigree",
        "version": "1",
        "alias": "live",
        "reserved": 5,
        "provisioned": 3,
        "most_provisioned": None,
        "url": None,
    }
    scaling = {"min_instances": 1, "max_instances": 3, "target": 3}
    assert report["function"] | published == report["function"]
    assert report["autoscaling"] | scaling == report["autoscaling"]
    assert report["smoke_test"]["passed"] is True
    assert len(report["smoke_test"]["predictions"]) == 8


@pytest.mark.usefixtures("first")
def test_anyone_with_the_permission_can_ask(laptop: Laptop, picture: bytes) -> None:
    logits = ask_endpoint(laptop, picture)
    assert len(logits) == 8
    through_lambda = ask_alias(laptop, {"image": base64.b64encode(picture).decode()})
    assert json.loads(through_lambda["body"]) == [pytest.approx(logits, abs=1e-4)]
    (best,) = json.loads(ask_alias(laptop, {"image": base64.b64encode(picture).decode(), "top": 1})["body"])
    assert best["label"] == sorted(LABELS)[logits.index(max(logits))]


LABELS = [
    "001.Ringed_disc",
    "002.Striped_triangle",
    "003.Checked_square",
    "004.Dotted_star",
    "005.Brick_cross",
    "006.Rippled_crescent",
    "007.Netted_flower",
    "008.Scaly_heart",
]


def ask_endpoint(laptop: Laptop, picture: bytes) -> list[float]:
    """The logits of one picture."""
    answer = laptop.client("sagemaker-runtime").invoke_endpoint(EndpointName="pedigree", ContentType="image/jpeg", Body=picture)
    (logits,) = json.loads(answer["Body"].read())
    return [*logits]


def ask_alias(laptop: Laptop, event: dict[str, Any]) -> dict[str, Any]:
    answer = laptop.client("lambda").invoke(FunctionName="pedigree", Qualifier="live", Payload=json.dumps(event))
    payload: dict[str, Any] = json.loads(answer["Payload"].read())
    assert payload["statusCode"] == 200, payload
    return payload


@pytest.mark.usefixtures("first")
def test_a_role_that_may_not_is_denied(laptop: Laptop, picture: bytes) -> None:
    iam = laptop.client("iam", "pedigree-admin")
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
    other = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/other"}
    role = iam.create_role(RoleName="stranger", AssumeRolePolicyDocument=policy(trust))["Role"]
    iam.put_role_policy(RoleName="stranger", PolicyName="other", PolicyDocument=policy(other))
    laptop.add_profile("stranger", role["Arn"])
    runtime = laptop.client("sagemaker-runtime", "stranger")
    with pytest.raises(ClientError, match="is not authorized to perform: sagemaker:InvokeEndpoint") as denied:
        runtime.invoke_endpoint(EndpointName="pedigree", ContentType="image/jpeg", Body=picture)
    assert denied.value.response["Error"]["Code"] == "AccessDeniedException"


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.usefixtures("first")
def test_the_auth_string_stays_with_those_who_need_it(laptop: Laptop) -> None:
    secret, services = read_auth_string(laptop.folder), laptop.stack.services
    for process in laptop.processes():
        assert secret not in " ".join(process.cmdline())
    foreign = psutil.Process(services["local_aws"].pid)
    hosts = [foreign, *foreign.children(recursive=True)]
    assert len(hosts) > 2  # a model server and a Lambda environment at least
    assert [host.cmdline() for host in hosts if secret in host.environ().values()] == []
    assert secret in psutil.Process(services["worker"].pid).environ().values()
    assert [log.name for log in (laptop.folder / "logs").iterdir() if secret in log.read_text()] == []


def test_a_run_that_is_created_by_itself_cannot_change_its_job_either(laptop: Laptop) -> None:
    known = laptop.api.get("/deployments/name/explain/local")
    wanted = {"flow_id": known["flow_id"], "deployment_id": known["id"], "work_pool_name": "local", "state": {"type": "SCHEDULED"}}
    run = laptop.api.post("/flow_runs/", {**wanted, "job_variables": {"env": {"PYTHONSTARTUP": "/tmp/other.py"}}})
    ended = laptop.wait_for(run["id"])
    assert ended.state["name"] == "Crashed"
    assert "'env' was unexpected" in ended.state["message"]


@pytest.mark.skipif(not screenshots.available(), reason="there is no chromium to look with")
@pytest.mark.usefixtures("first")
def test_the_ui_shows_what_people_look_for(laptop: Laptop, tmp_path: Path) -> None:
    stranger = screenshots.Picture("login", "dashboard", ("Login", "admin:pass"))  # the form wants the whole auth string
    for picture in (stranger, *screenshots.pictures(laptop.api)):
        page = screenshots.photograph(laptop.stack, picture, tmp_path, logged_in=picture is not stranger)
        assert [words for words in picture.says if words not in page] == [], picture.path
        assert (tmp_path / f"{picture.name}.png").stat().st_size > (0 if picture is stranger else BLANK)


BLANK = 20_000  # bytes: an empty page is far smaller


def test_the_same_again_creates_nothing(again: Run) -> None:
    assert again.status == 0, again.output
    assert set(again.outcomes().values()) == {"adopted", "passed", "skipped"}
    assert (again.outcomes()["comparison"], again.outcomes()["second comparison"]) == ("adopted", "skipped")
    assert again.writes() == set()


def test_another_limit_acts_on_autoscaling_and_its_alarm_alone(limited: Run) -> None:
    passed = dict.fromkeys(("inspect", "plan", "gate", "smoke test"), "passed")
    updated = dict.fromkeys(("autoscaling", "watching"), "updated")
    assert limited.outcomes() == {**dict.fromkeys(STAGES, "adopted"), **passed, "second comparison": "skipped", **updated}
    assert limited.writes() == {"application-autoscaling:RegisterScalableTarget", "cloudwatch:PutMetricAlarm"}


def test_another_timeout_publishes_a_version_and_deploys_no_model(timed: Run) -> None:
    assert timed.status == 0, timed.output
    assert timed.outcomes()["function"] == "updated"
    assert timed.report["function"]["version"] == "2"
    assert {action for action in timed.writes() if not action.startswith("lambda:")} == {"cloudwatch:PutMetricAlarm"}


def test_a_stack_that_was_down_has_everything_still(restarted: Restarted) -> None:
    assert restarted.run.status == 0, restarted.run.output
    assert set(restarted.run.outcomes().values()) == {"adopted", "passed", "skipped"}
    assert restarted.run.writes() == set()
    assert restarted.after == restarted.before


def test_a_script_that_raises_fails_the_run_with_its_own_traceback(laptop: Laptop, shapes: Path, first: Run) -> None:
    failed = laptop.run(shapes, training={"architecture": "squeezenet1_0", "freeze_backbone": False, "image_size": 16})
    assert failed.status == 1
    assert failed.report["status"] == "Failed"
    assert failed.outcomes() == {
        **dict.fromkeys(STAGES, "not reached"),
        "inspect": "passed",
        "plan": "passed",
        "dataset": "adopted",
        "training": "failed",
    }
    message = failed.report["stages"][STAGES.index("training")]["message"]
    told, *rest = message.splitlines()
    assert "RuntimeError: Given input size: (512x1x1)" in told  # the cause, before anything else
    assert "Its last lines:" in rest
    assert 'train.py", line' in message
    assert failed.writes() == {"sagemaker:CreateTrainingJob"}
    live = laptop.client("sagemaker").describe_endpoint(EndpointName="pedigree")
    assert live["EndpointConfigName"] == first.report["endpoint"]["config"]


def test_a_worse_model_is_refused_and_the_champion_stays(laptop: Laptop, shapes: Path, first: Run) -> None:
    refused = laptop.run(shapes, training={"epochs": 1})
    assert refused.status == 1, refused.output
    assert refused.outcomes()["comparison"] == "created"
    assert refused.outcomes()["gate"] == "refused"
    assert refused.outcomes()["registry"] == "not reached"
    message = refused.report["stages"][STAGES.index("gate")]["message"]
    assert first.report["trainings"][0]["job_name"] in message
    assert re.search(r"right on \d+ of 240 test images, .* right on \d+ .*95% interval -", message, re.DOTALL)
    live = laptop.client("sagemaker").describe_endpoint(EndpointName="pedigree")
    assert live["EndpointConfigName"] == first.report["endpoint"]["config"]


def test_a_run_over_its_budget_creates_nothing(laptop: Laptop, shapes: Path) -> None:
    refused = laptop.run(shapes, budget_usd=1, training={"instance_type": "ml.g4dn.xlarge", "epochs": 100})
    assert refused.status == 1, refused.output
    assert refused.outcomes() == {**dict.fromkeys(STAGES, "not reached"), "inspect": "passed", "plan": "failed"}
    assert refused.writes() == set()


def test_a_wrong_dataset_is_refused_before_anything_is_created(laptop: Laptop, tmp_path: Path) -> None:
    (tmp_path / "wrong" / "train" / "a").mkdir(parents=True)
    refused = laptop.run(tmp_path / "wrong")
    assert refused.status == 1
    assert "valid/ is missing or holds no image" in refused.report["stages"][STAGES.index("inspect")]["message"]
    assert refused.writes() == set()


@pytest.mark.usefixtures("first")
def test_a_dataset_without_a_class_of_the_live_model_is_refused_before_anything_is_created(
    laptop: Laptop, shapes: Path, tmp_path: Path
) -> None:
    shutil.copytree(shapes, tmp_path / "fewer", ignore=lambda _, names: [name for name in names if name == LABELS[0]])
    refused = laptop.run(tmp_path / "fewer")
    assert refused.status == 1
    assert refused.outcomes() == {**dict.fromkeys(STAGES, "not reached"), "inspect": "passed", "plan": "refused"}
    assert f"lacks 1 of the 8 classes that the live model knows: {LABELS[0]}" in refused.report["stages"][1]["message"]
    assert f"make run NAME=fewer DATASET={tmp_path / 'fewer'}" in refused.output
    assert refused.writes() == set()


@pytest.mark.last
@pytest.mark.usefixtures("first")
def test_nothing_outlives_local_aws_nor_the_stack(laptop: Laptop) -> None:
    children = laptop.kill_aws()
    assert len(children) >= 2  # a model server and a Lambda environment at least, each with its guard
    assert psutil.wait_procs(children, timeout=10)[1] == []
    ours = laptop.processes()
    assert laptop.make("down").returncode == 0
    assert psutil.wait_procs(ours, timeout=10)[1] == []
