"""What an alarm makes of its datapoints, row by row as CloudWatch's documentation has it."""

import pytest

from local_aws.metrics.statistics import statistic_of
from local_aws.metrics.verdict import Rule, judge
from local_aws.series import Datum

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
SHORT = {"OK": "OK", "ALARM": "ALARM", "none": "INSUFFICIENT_DATA", "keep": None}


@pytest.mark.parametrize(
    ("datapoints", "states"),
    [
        ("0X-X0", "OK OK OK OK"),
        ("----0", "OK OK OK OK"),
        ("-----", "none keep ALARM OK"),
        ("0XX-X", "ALARM ALARM ALARM ALARM"),
        ("--X--", "ALARM keep ALARM OK"),
        ("----X", "OK keep ALARM OK"),
    ],
)
def test_missing_datapoints_count_as_the_alarm_says(datapoints: str, states: str) -> None:
    values = [{"0": 0.0, "X": 9.0, "-": None}[letter] for letter in reversed(datapoints)]
    judged = [judge(Rule("GreaterThanThreshold", 3.0, 3, 3, treatment), values) for treatment in TREATMENTS]
    assert judged == [SHORT[state] for state in states.split()]


def test_m_out_of_n_breach() -> None:
    rule = Rule("LessThanThreshold", 3.0, 3, 2)
    assert judge(rule, [1.0, 5.0, 1.0, 5.0, 5.0]) == "ALARM"
    assert judge(rule, [1.0, 5.0, 5.0, 1.0, 1.0]) == "OK"


def test_statistics_are_those_of_all_datapoints() -> None:
    one, two = Datum(0, "None"), Datum(1, "None")
    for datum, values in ((one, range(1, 51)), (two, range(51, 101))):
        for value in values:
            datum.add(count=1, total=value, lowest=value, highest=value)
            datum.values.append(value)
    names = ("SampleCount", "Sum", "Average", "Minimum", "Maximum", "p50", "p99", "p99.9")
    assert [statistic_of([one, two], name) for name in names] == [100, 5050, 50.5, 1, 100, 50, 99, 100]
    assert statistic_of([], "p99") is None
