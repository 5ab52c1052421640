"""The alarms on what is live, as pure requests: what each watches, from which settings, and what AWS takes."""

from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from local_aws.metrics.watched import check_watched
from pedigree.aws.alarms import metrics_in
from pedigree.settings import Autoscaling, CpuStep, Function, Guardrails, Mission, Schedule, Serving
from pedigree.watching.request import MEANINGS, heard
from pedigree.watching.retrain import hours_watched, retrain_alarm
from pedigree.watching.watch import alarms, billed_metrics

TOPIC = "arn:aws:sns:us-east-1:123456789012:pets-notifications"
VARIANT = [{"Name": "EndpointName", "Value": "pets"}, {"Name": "VariantName", "Value": "AllTraffic"}]


def made(**groups: Any) -> dict[str, dict[str, Any]]:
    """The requests by what they watch."""
    requests = alarms("pets", "AllTraffic", "live", Mission(**groups))
    return {request["AlarmName"].removeprefix("pets--"): dict(request) for request in requests}


def expression(**autoscaling: Any) -> str:
    return str(made(autoscaling=Autoscaling(**autoscaling))["watch-saturated"]["Metrics"][0]["Expression"])


def test_every_alarm_has_a_meaning_and_every_meaning_an_alarm() -> None:
    names = {*made(), retrain_alarm("pets", "pets", 30)["AlarmName"].removeprefix("pets--")}
    assert names == MEANINGS.keys()


@pytest.mark.parametrize("policy", ["invocations", "latency", "cpu steps"])
def test_aws_takes_every_request(policy: str) -> None:
    shape = botocore.session.get_session().get_service_model("cloudwatch").operation_model("PutMetricAlarm").input_shape
    assert shape is not None
    wanted = [*alarms("pets", "AllTraffic", "live", Mission(autoscaling=Autoscaling(policy=policy))), retrain_alarm("pets", "pets", 168)]
    for request in (heard(each, TOPIC) for each in wanted):
        report = ParamValidator().validate(request, shape)
        assert not report.has_errors(), report.generate_report()
        check_watched(request)
        assert (request["AlarmActions"], request["OKActions"]) == ([TOPIC], [TOPIC])
        period = request.get("Period", 60)
        assert period * request["EvaluationPeriods"] <= (86_400 if period < 3600 else 604_800)


def test_the_guardrails_of_an_update_are_the_thresholds() -> None:
    found = made(serving=Serving(guardrails=Guardrails(max_errors=2, max_p99_seconds=1.5)))
    assert (found["watch-5xx"]["Statistic"], found["watch-5xx"]["Period"], found["watch-5xx"]["Threshold"]) == ("Sum", 300, 10)
    latency = found["watch-latency"]
    assert (latency["ExtendedStatistic"], latency["Threshold"], "Statistic" in latency) == ("p99", 1_500_000, False)
    assert latency["Dimensions"] == VARIANT


@pytest.mark.parametrize(
    ("autoscaling", "wanted"),
    [
        ({"target": 7, "max_instances": 4}, "IF(shares > 7.0 AND invocations / shares > 3.5, 1, 0)"),
        ({"policy": "latency", "latency_target_ms": 80}, "IF(latency > 80000.0 AND invocations / shares > 2.5, 1, 0)"),
        (
            {"policy": "cpu steps", "cpu_steps": (CpuStep(cpu=90, change=2), CpuStep(cpu=70, change=1), CpuStep(cpu=20, change=-1))},
            "IF(cpu >= 70.0 AND invocations / shares > 2.5, 1, 0)",
        ),
        (
            {"schedules": (Schedule(name="night", when="cron(0 22 * * ? *)", min_instances=1, max_instances=2),)},
            "IF(shares > 3.0 AND invocations / shares > 1.5, 1, 0)",
        ),
    ],
)
def test_saturated_is_a_load_above_the_target_of_the_policy_at_the_lowest_maximum(autoscaling: dict[str, Any], wanted: str) -> None:
    assert expression(**autoscaling) == wanted


def test_where_nothing_is_measured_there_is_no_instance_and_nobody_asks() -> None:
    found = made()
    assert [kind for kind, request in found.items() if request["TreatMissingData"] == "breaching"] == ["watch-unserved"]
    assert (found["watch-unserved"]["MetricName"], found["watch-unserved"]["Dimensions"]) == ("CPUUtilization", VARIANT)


def test_a_function_is_slow_at_four_fifths_of_its_timeout() -> None:
    slow = made(function=Function(timeout_seconds=20))["watch-function-slow"]
    assert (slow["MetricName"], slow["Statistic"], slow["Threshold"]) == ("Duration", "Maximum", 16_000)
    assert slow["Dimensions"] == [{"Name": "FunctionName", "Value": "pets"}, {"Name": "Resource", "Value": "pets:live"}]


@pytest.mark.parametrize(("every", "hours"), [(None, None), (1.0, 3), (24.0, 30), (72.0, 90), (134.4, 168), (168.0, None)])
def test_an_alarm_waits_a_quarter_longer_than_the_schedule_and_a_week_at_most(every: float | None, hours: int | None) -> None:
    assert hours_watched(every) == hours


def test_aws_bills_each_metric_of_an_alarm() -> None:
    assert [metrics_in(request) for request in made().values()] == [1, 1, 2, 1, 1, 1, 1]
    assert billed_metrics(Mission()) == 8
    assert billed_metrics(Mission(autoscaling=Autoscaling(policy="latency"), retrained_every_hours=24)) == 10
    assert billed_metrics(Mission(retrained_every_hours=168)) == 8
