"""What one service sends to another arrives: alarms at topics, topics at their subscribers, buckets at queues, rules and functions."""

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws
from tests.local_aws.deployed import Deployed, Deployer

HANDLER = "import json\ndef handler(event, context): print('got', json.dumps(event))"


class Inbox:
    """An HTTP subscriber: headers and body of each POST; it refuses the first one."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], dict[str, Any]]] = []
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                inbox.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200 if len(inbox.posts) > 1 else 503)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Write nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/inbox"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    thread = threading.Thread(target=inbox.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield inbox
    inbox.server.shutdown()
    inbox.server.server_close()


@pytest.fixture
def queue(aws: RunningAws) -> Iterator[str]:
    url = aws.client("sqs").create_queue(QueueName=f"queue-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    yield str(url)
    aws.client("sqs").delete_queue(QueueUrl=url)


@pytest.fixture
def topic(aws: RunningAws) -> Iterator[str]:
    arn = aws.client("sns").create_topic(Name=f"topic-{uuid.uuid4().hex[:8]}")["TopicArn"]
    yield str(arn)
    aws.client("sns").delete_topic(TopicArn=arn)


def arn_of(aws: RunningAws, queue: str) -> str:
    return str(aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def messages(aws: RunningAws, queue: str) -> list[Any]:
    """All that is in the queue, which is empty afterwards."""
    found: list[Any] = []
    while more := aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in more]
        for message in more:
            aws.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def let(function: Deployed, service: str, source: str) -> str:
    """Let a service invoke the function for a source; the ARN of the function."""
    arn = function.client.get_function_configuration(FunctionName=function.name)["FunctionArn"]
    function.client.add_permission(
        FunctionName=function.name,
        StatementId=service,
        Action="lambda:InvokeFunction",
        Principal=f"{service}.amazonaws.com",
        SourceArn=source,
    )
    return str(arn)


def event_of(function: Deployed) -> Any:
    """The event of the first invocation, when it has come."""
    wait_until(lambda: any(line.startswith("got ") for line in lines_of(function)), "the function was not invoked")
    return next(json.loads(line.removeprefix("got ")) for line in lines_of(function) if line.startswith("got "))


def lines_of(function: Deployed) -> list[str]:
    try:
        return list(function.log_lines())
    except ClientError:  # nothing has run yet
        return []


def test_an_alarm_reaches_the_subscribers_of_its_topic(aws: RunningAws, topic: str, queue: str, inbox: Inbox) -> None:
    sns, cloudwatch, name = aws.client("sns"), aws.client("cloudwatch"), f"alarm-{uuid.uuid4().hex[:8]}"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(aws, queue))
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=inbox.url)
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="N",
        MetricName=name,
        Statistic="Sum",
        Period=86_400,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
        OKActions=[topic],
        TreatMissingData="ignore",
    )
    for state in ("ALARM", "ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")
    wait_until(lambda: len(inbox.posts) == 3, "the HTTP subscriber did not get two messages, the first of them twice")
    cloudwatch.delete_alarms(AlarmNames=[name])
    told = [json.loads(message["Message"]) for message in messages(aws, queue)]
    assert [(each["AlarmName"], each["OldStateValue"], each["NewStateValue"]) for each in told] == [
        (name, "INSUFFICIENT_DATA", "ALARM"),
        (name, "ALARM", "OK"),
    ]
    assert {headers["x-amz-sns-topic-arn"] for headers, _ in inbox.posts} == {topic}
    posted = {json.loads(body["Message"])["NewStateValue"] for _, body in inbox.posts}
    assert posted == {"ALARM", "OK"}
    history = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [f"Successfully executed action {topic}"] * 2


def test_a_topic_reaches_a_function_that_lets_it(aws: RunningAws, topic: str, deploy: Deployer) -> None:
    function = deploy(HANDLER)
    arn = let(function, "sns", topic)
    aws.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    aws.client("sns").publish(TopicArn=topic, Message="hello", Subject="s")
    (record,) = event_of(function)["Records"]
    assert (record["Sns"]["Message"], record["Sns"]["Subject"], record["Sns"]["TopicArn"]) == ("hello", "s", topic)


def test_a_bucket_reaches_a_queue_and_the_functions_that_let_it(aws: RunningAws, queue: str, deploy: Deployer) -> None:
    bucket, start = aws.make_bucket(), aws.journal_size()
    function, closed = deploy(HANDLER), deploy(HANDLER)
    arn = let(function, "s3", f"arn:aws:s3:::{bucket}")
    other = let(closed, "s3", "arn:aws:s3:::another-bucket")
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn_of(aws, queue), "Events": ["s3:ObjectCreated:*"]}],
            "LambdaFunctionConfigurations": [{"LambdaFunctionArn": each, "Events": ["s3:ObjectCreated:*"]} for each in (arn, other)],
        },
    )
    aws.client("s3").put_object(Bucket=bucket, Key="images/a", Body=b"1")
    for event in (event_of(function), messages(aws, queue)[-1]):
        assert [record["s3"]["object"]["key"] for record in event["Records"]] == ["images%2Fa"]
    told = [(entry.resource, entry.outcome) for entry in aws.journal(start) if entry.principal == "s3.amazonaws.com"]
    assert told == [(arn, "ok"), (other, "AccessDeniedException")]


def test_a_bucket_reaches_the_targets_of_a_rule_while_it_is_enabled(aws: RunningAws, queue: str, deploy: Deployer) -> None:
    events, s3, bucket, name = aws.client("events"), aws.client("s3"), aws.make_bucket(), f"rule-{uuid.uuid4().hex[:8]}"
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}
    rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    function = deploy(HANDLER)
    targets = [{"Id": "1", "Arn": let(function, "events", rule)}, {"Id": "2", "Arn": arn_of(aws, queue)}]
    events.put_targets(Rule=name, Targets=targets)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    events.disable_rule(Name=name)
    s3.put_object(Bucket=bucket, Key="b", Body=b"1")
    assert event_of(function)["detail"]["object"]["key"] == "a"
    assert [event["detail"]["object"]["key"] for event in messages(aws, queue)] == ["a"]
    events.remove_targets(Rule=name, Ids=["1", "2"])
    events.delete_rule(Name=name)


def test_a_schedule_and_an_unknown_target_are_refused(aws: RunningAws) -> None:
    events = aws.client("events")
    with pytest.raises(ClientError, match="does not act on ScheduleExpression of PutRule"):
        events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    events.put_rule(Name="patterned", EventPattern='{"source": ["mine"]}')
    with pytest.raises(ClientError, match="sends events to sqs, logs, sns, lambda only"):
        events.put_targets(Rule="patterned", Targets=[{"Id": "1", "Arn": "arn:aws:batch:us-east-1:123456789012:job-queue/q"}])
    events.delete_rule(Name="patterned")
