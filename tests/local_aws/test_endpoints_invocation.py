"""InvokeEndpoint: routing, SageMaker's errors, restarts and metrics."""

import contextlib
import datetime as dt
import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest
from botocore.config import Config

from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import Hosted, error_of, make_hosted

ONE_TRY = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def hosted(aws: RunningAws) -> Hosted:
    hosted = make_hosted(aws)
    hosted.runtime = aws.client("sagemaker-runtime", config=ONE_TRY)
    return hosted


@pytest.fixture(scope="module")
def endpoint(hosted: Hosted) -> Iterator[str]:
    name = hosted.endpoint(hosted.config_of())
    yield name
    hosted.delete(name)


def wait_for_answer(hosted: Hosted, name: str) -> int:
    """Process id of the server that answers, however long its restart takes."""
    pids: list[int] = []

    def answers() -> bool:
        with contextlib.suppress(hosted.runtime.exceptions.ClientError):
            pids.append(hosted.ask(name)["process"])
        return bool(pids)

    wait_until(answers)
    return pids[0]


def test_the_answer_names_type_and_variant(hosted: Hosted, endpoint: str) -> None:
    answer = hosted.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=b'"x"', ContentType="application/json", Accept="application/json;labels"
    )
    assert answer["ContentType"] == "application/json;labels"
    assert answer["InvokedProductionVariant"] == "main"


def test_an_error_of_the_script_is_a_model_error(hosted: Hosted, endpoint: str) -> None:
    error = error_of(lambda: hosted.ask(endpoint, "raise"))
    assert error["Error"]["Code"] == "ModelError"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["OriginalStatusCode"] == 500
    assert "ValueError: not today" in error["OriginalMessage"]
    assert error["LogStreamArn"].endswith(f":log-group:/aws/sagemaker/Endpoints/{endpoint}")
    assert error["Error"]["Message"].startswith("Received server error (500) from primary with message")
    assert any("ValueError: not today" in line for line in hosted.log(endpoint))


def test_a_script_chooses_the_status_of_a_refusal_by_the_toolkits_error(hosted: Hosted, endpoint: str) -> None:
    error = error_of(lambda: hosted.ask(endpoint, "refuse"))
    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 422)
    assert "no picture" in error["OriginalMessage"]


def test_a_server_that_dies_is_started_again(hosted: Hosted, endpoint: str) -> None:
    before = wait_for_answer(hosted, endpoint)
    error = error_of(lambda: hosted.ask(endpoint, "die"))
    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 0)
    assert wait_for_answer(hosted, endpoint) != before


def test_without_a_living_instance_the_service_is_unavailable(hosted: Hosted, endpoint: str) -> None:
    os.kill(wait_for_answer(hosted, endpoint), signal.SIGKILL)
    seen: list[tuple[str, int]] = []

    def unavailable() -> bool:
        try:
            hosted.ask(endpoint)
        except hosted.runtime.exceptions.ClientError as error:
            seen.append((error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]))
        return ("ServiceUnavailable", 503) in seen

    wait_until(unavailable, pause=0)
    assert set(seen) <= {("ServiceUnavailable", 503), ("ModelError", 424)}
    wait_for_answer(hosted, endpoint)


def test_unknown_endpoints_are_not_found(hosted: Hosted) -> None:
    error = error_of(lambda: hosted.ask("nobody"))["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationError", "Endpoint nobody of account 123456789012 not found.")


def test_a_body_has_a_limit(hosted: Hosted, endpoint: str) -> None:
    error = error_of(lambda: hosted.runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x" * 6_291_457))["Error"]
    assert error["Code"] == "ValidationError"
    assert "less than or equal to 6291456" in error["Message"]


def test_variants_share_by_weight_and_a_target_is_honoured(hosted: Hosted) -> None:
    heavy, light = (
        hosted.variant(hosted.model(name), VariantName=name, InitialVariantWeight=weight)
        for name, weight in (("heavy", 9.0), ("light", 1.0))
    )
    name = hosted.endpoint(hosted.config(heavy, light))
    counts = Counter(hosted.ask(name)["model"] for _ in range(60))
    assert counts["heavy"] > counts["light"]
    assert {hosted.ask(name, TargetVariant="light")["model"] for _ in range(5)} == {"light"}
    assert error_of(lambda: hosted.ask(name, TargetVariant="nobody"))["Error"]["Code"] == "ValidationError"
    hosted.delete(name)


def test_invocations_are_measured(hosted: Hosted) -> None:
    name = hosted.endpoint(hosted.config_of(InitialInstanceCount=2))
    for _ in range(4):
        hosted.ask(name)
    error_of(lambda: hosted.ask(name, "raise"))
    cloudwatch = hosted.aws.client("cloudwatch")
    dimensions = [{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": "main"}]

    def sum_of(metric: str) -> float:
        now = dt.datetime.now(dt.UTC)
        answer = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker", MetricName=metric, Dimensions=dimensions, Period=3600, Statistics=["Sum"],
            StartTime=now - dt.timedelta(minutes=10), EndTime=now + dt.timedelta(minutes=10),
        )  # fmt: skip
        return sum(float(point["Sum"]) for point in answer["Datapoints"])

    wait_until(lambda: sum_of("Invocations") >= 5, "the metrics never came")
    assert sum_of("InvocationsPerInstance") == 2.5
    assert (sum_of("Invocation4XXErrors"), sum_of("Invocation5XXErrors")) == (0, 1)
    assert sum_of("ModelLatency") > 0
    hosted.delete(name)
