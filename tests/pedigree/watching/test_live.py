"""What is live is watched: a person hears when the container breaks, when it is gone, and when no run reports."""

import json
import time
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pedigree.aws.alarms import ensure_alarms
from pedigree.aws.resources.table import WATCH_ALARM
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.settings import Autoscaling, Mission, Serving
from pedigree.values import Endpoint, FunctionVersion
from pedigree.watching.request import heard
from pedigree.watching.retrain import report_retrain, retrain_alarm
from pedigree.watching.watch import watch_live
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.small_models import FIRST, SERVING, registered

FRAGILE = """
import json, os
def model_fn(folder): return {logits}
def input_fn(body, content_type): return body
def predict_fn(image, model): return os._exit(9) if image == b"die" else [model]
def output_fn(prediction, accept): return json.dumps(prediction), accept
"""
MISSION = Mission(serving=SERVING)
SPEED = 120  # a minute of AWS is half a second, in which the slowest client asks once


class Mailbox:
    """A queue that subscribed to the account's topic: what a person would read."""

    def __init__(self, live: LiveAccount) -> None:
        self._sqs = live.client("sqs")
        self._url = self._sqs.create_queue(QueueName=f"queue-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        live.client("sns").subscribe(TopicArn=live.account.topic, Protocol="sqs", Endpoint=arn)
        self._messages: list[dict[str, Any]] = []

    def heard(self, name: str, state: str) -> bool:
        """Whether the alarm went on, or was over (OK after ALARM), since the mailbox is there."""
        while more := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in more:
                self._messages.append(json.loads(json.loads(message["Body"])["Message"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return self._found(name, state) is not None

    def wait_for(self, name: str, state: str) -> dict[str, Any]:
        wait_until(partial(self.heard, name, state), f"nobody heard of {name} in {state}")
        return self._found(name, state) or {}

    def _found(self, name: str, state: str) -> dict[str, Any] | None:
        mine = [each for each in self._messages if (each["AlarmName"], each["NewStateValue"]) == (name, state)]
        return next((each for each in mine if state == "ALARM" or each["OldStateValue"] == "ALARM"), None)


@pytest.fixture
def mailbox(live: LiveAccount) -> Iterator[Mailbox]:
    live.aws.control("POST", "pace", {"speed": SPEED})
    yield Mailbox(live)
    live.client("cloudwatch").delete_alarms(AlarmNames=list(alarms_of(live)))  # else they go on telling of what is gone


def go_live(live: LiveAccount, script: str = "") -> tuple[Endpoint, FunctionVersion]:
    """The endpoint; of its function only the name matters."""
    endpoint = deploy_endpoint(live.account, registered(live, script=script), SERVING)
    return endpoint, FunctionVersion(endpoint.name, "key", "1", "live", 5, 0, "created")


def alarms_of(live: LiveAccount) -> dict[str, dict[str, Any]]:
    found = live.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{live.account.project}--watch-")
    return {alarm["AlarmName"]: alarm for alarm in found["MetricAlarms"]}


def ask(live: LiveAccount, endpoint: Endpoint, body: bytes) -> None:
    try:
        live.client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint.name, Body=body, ContentType="image/jpeg")
    except ClientError:
        time.sleep(0.1)  # while the server starts again


def test_a_container_that_dies_is_heard_of_and_so_is_its_recovery(live: LiveAccount, mailbox: Mailbox) -> None:
    endpoint, function = go_live(live, FRAGILE.format(logits=list(FIRST)))
    first = watch_live(live.account, endpoint, function, MISSION)
    errors, unserved = f"{endpoint.name}--watch-5xx", f"{endpoint.name}--watch-unserved"
    assert (first.outcome, first.resource) == ("created", f"7 alarms on {endpoint.name}")
    assert set(first.alarms) == set(alarms_of(live))

    def broken() -> bool:
        ask(live, endpoint, b"die")
        return mailbox.heard(errors, "ALARM")

    wait_until(broken, "nobody heard of the container that dies")
    message = mailbox.wait_for(errors, "ALARM")
    assert message["AlarmDescription"].startswith("The endpoint answers with 5xx. What to do: docs/operations.md")
    assert message["Trigger"]["MetricName"] == "Invocation5XXErrors"
    mailbox.wait_for(errors, "OK")
    assert not mailbox.heard(unserved, "ALARM"), "the instance never went away"
    live.client("sagemaker").delete_endpoint(EndpointName=endpoint.name)
    mailbox.wait_for(unserved, "ALARM")


def test_the_same_again_changes_nothing_and_other_settings_change_their_alarm(live: LiveAccount) -> None:
    endpoint, function = go_live(live)
    watch_live(live.account, endpoint, function, MISSION)
    before = live.writes()
    again = watch_live(live.account, endpoint, function, MISSION)
    assert (again.outcome, live.writes()) == ("adopted", before)
    changed = watch_live(live.account, endpoint, function, Mission(serving=SERVING, autoscaling=Autoscaling(max_instances=2)))
    assert (changed.outcome, live.writes()[len(before) :]) == ("updated", ["cloudwatch:PutMetricAlarm"])
    found = {resource.name: resource for resource in WATCH_ALARM.find(live.account)}
    assert set(found) == set(again.alarms)
    assert {resource.of for resource in found.values()} == {endpoint.name}
    saturated = found[f"{endpoint.name}--watch-saturated"]
    assert WATCH_ALARM.billed(live.account, saturated).units == {"alarm": 2}


def test_where_no_scheduled_run_reports_a_person_hears_of_it(live: LiveAccount, mailbox: Mailbox) -> None:
    live.aws.control("POST", "pace", {"speed": 600})
    account, name = live.account, f"{live.account.project}--watch-retrain"
    waiting = heard(retrain_alarm(account.project, account.project, 3), account.topic)
    del waiting["WarmUpConfiguration"]  # it would wait two hours
    ensure_alarms(account, account.project, [waiting])
    mailbox.wait_for(name, "ALARM")
    report_retrain(account, Mission(serving=Serving(endpoint_name="other")))
    report_retrain(account, MISSION)
    mailbox.wait_for(name, "OK")


def test_a_scheduled_run_watches_for_the_next_one(live: LiveAccount) -> None:
    report_retrain(live.account, MISSION)
    assert alarms_of(live) == {}, "nothing is scheduled"
    scheduled = Mission(serving=SERVING, retrained_every_hours=24)
    report_retrain(live.account, scheduled)
    assert [alarm["EvaluationPeriods"] for alarm in alarms_of(live).values()] == [30]
    before = live.writes()
    report_retrain(live.account, scheduled)
    report_retrain(live.account, Mission(serving=SERVING, retrained_every_hours=168))
    assert live.writes()[len(before) :] == ["cloudwatch:PutMetricData"] * 2
    live.client("cloudwatch").delete_alarms(AlarmNames=list(alarms_of(live)))


def test_the_role_puts_metrics_of_its_project_only(live: LiveAccount) -> None:
    cloudwatch = live.aws.client("cloudwatch", live.aws.assume(live.orchestrator))
    with pytest.raises(ClientError, match="not authorized to perform: cloudwatch:PutMetricData"):
        cloudwatch.put_metric_data(Namespace=f"{live.account.project}-two", MetricData=[{"MetricName": "m", "Value": 1}])
