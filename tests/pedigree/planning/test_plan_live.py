"""A real endpoint is measured because somebody asked, its curve is found again, and a plan made of it can be read in S3 and on a page."""

import json
from pathlib import Path

import pytest

from pedigree.aws.errors import InvalidInput
from pedigree.endpoint.deploy import confirm_endpoint, deploy_endpoint
from pedigree.planning.live import find_live
from pedigree.planning.measure import measure_latency
from pedigree.planning.plan import plan_capacity, read_traffic
from pedigree.planning.records import find_curve
from pedigree.settings import Function, Goal, Mission, Traffic
from tests.lab.live_account import LiveAccount
from tests.lab.planned import curve
from tests.lab.small_models import FIRST, SCRIPT, SERVING, registered

SLOW = "import time\ndef predict_fn(image, model):\n    time.sleep(0.02)\n    return [model]\n"
TRAFFIC = Traffic(shape="ramp", base_rps=1, peak_rps=20, hours=1)
MISSION = Mission(function=Function(reserved_concurrency=1, provisioned_concurrency=0))


def put_live(live: LiveAccount) -> None:
    version = registered(live, script=SCRIPT.format(logits=list(FIRST)) + SLOW)
    confirm_endpoint(live.account, deploy_endpoint(live.account, version, SERVING))


def invocations(live: LiveAccount) -> int:
    return sum(entry.action == "sagemaker:InvokeEndpoint" for entry in live.calls())


def test_nothing_is_asked_of_the_endpoint_before_somebody_wants_it_measured_and_then_its_curve_is_found(live: LiveAccount) -> None:
    put_live(live)
    before, serving = invocations(live), find_live(live.account, SERVING).endpoint
    with pytest.raises(InvalidInput, match="run `plan` once with `measure` on"):
        find_curve(live.account, SERVING, None)
    assert invocations(live) == before
    measured = measure_latency(live.account, SERVING, level_seconds=0.3)
    assert invocations(live) > before
    assert {entry.resource.rsplit("/", 1)[1] for entry in live.calls() if entry.action == "sagemaker:InvokeEndpoint"} - {serving} == {
        f"{serving}--measured"
    }
    assert [level.concurrency for level in measured.levels][:3] == [1, 2, 4]
    assert not any(level.errors for level in measured.levels)
    assert measured.levels[0].p50_ms > 20
    assert measured.capacity < 50  # one request after the other, each of 20 ms
    assert (measured.instance_type, measured.instances, measured.image) == (SERVING.instance_type, 1, SERVING.image)
    assert find_curve(live.account, SERVING, None) == measured
    live.put("runs/later/latency-curve.json", curve().model_dump_json().encode())  # of another model
    assert find_curve(live.account, SERVING, None) == measured


def test_without_an_endpoint_a_given_curve_is_enough(live: LiveAccount, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no model is live there"):
        find_curve(live.account, SERVING, None)
    file = tmp_path / "curve.json"
    file.write_text(curve(callers=64).model_dump_json())
    given = find_curve(live.account, SERVING, str(file))
    assert given == curve(callers=64)
    planned = plan_capacity(live.account, read_traffic(live.account, TRAFFIC), given, Goal(), MISSION)
    (key,) = live.keys("runs/none/capacity-plan")
    stored = json.loads(live.client("s3").get_object(Bucket=live.account.bucket, Key=key)["Body"].read())
    assert stored["recommended"] == planned.parameters
    assert planned.page.markdown.count("](data:image/png;base64,") == 2
    assert not [action for action in live.writes() if action != "s3:PutObject"]


def test_what_cannot_be_reached_fails_with_its_page(live: LiveAccount) -> None:
    trace = read_traffic(live.account, TRAFFIC)
    planned = plan_capacity(live.account, trace, curve(callers=64), Goal(p99_ms=10), MISSION)
    with pytest.raises(InvalidInput, match="reaches this goal"):
        planned.parameters  # noqa: B018
    assert planned.page.markdown.startswith("**No recommendation: p99 of 10 ms")


def test_traffic_and_curves_come_from_the_bucket_too_and_what_they_are_not_is_refused(live: LiveAccount, tmp_path: Path) -> None:
    uri = live.put("traffic.csv", b"seconds,requests_per_second\n0,1\n60,2\n")
    assert read_traffic(live.account, Traffic(csv=uri)).requests == 180
    with pytest.raises(InvalidInput, match="No such file"):
        read_traffic(live.account, Traffic(csv=str(tmp_path / "missing.csv")))
    with pytest.raises(InvalidInput, match=r"latency curve s3://.*validation error"):
        find_curve(live.account, SERVING, uri)


def test_a_model_that_answers_nothing_or_does_not_start_has_no_curve_and_nothing_stays(live: LiveAccount) -> None:
    put_live(live)
    live.aws.add_fault("sagemaker-runtime", "InvokeEndpoint", code="ModelError", status=424, times=10_000)
    with pytest.raises(InvalidInput, match="answered single callers with errors, or gave no answer"):
        measure_latency(live.account, SERVING, level_seconds=0.1)
    live.aws.clear_faults()
    artifact = find_live(live.account, SERVING).artifact.split("/", 3)[3]
    live.client("s3").delete_object(Bucket=live.account.bucket, Key=artifact)
    with pytest.raises(InvalidInput, match="Failed to download model data"):
        measure_latency(live.account, SERVING, level_seconds=0.1)
    assert not live.keys("runs/")
    (serving,) = live.client("sagemaker").list_endpoints(NameContains=live.account.project)["Endpoints"]
    assert serving["EndpointName"] == live.account.project
