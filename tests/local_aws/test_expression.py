"""Metric math of alarms, as a pure function."""

import pytest

from local_aws.call import AwsError
from local_aws.metrics.expression import check_expression, value_of_expression

pytestmark = pytest.mark.quick
VALUES = {"load": 6.0, "shares": 2.0, "none": 0.0}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("load", 6.0),
        ("load / shares - 1", 2.0),
        ("-(load + shares) * 2", -16.0),
        ("load > 3 AND load / shares > 2.5", 1.0),
        ("load > 3 && shares > 2.5", 0.0),
        ("load < 3 OR shares == 2", 1.0),
        ("load < 3 || shares != 2", 0.0),
        ("IF(load >= 6, shares, 0)", 2.0),
        ("IF(load <= 5, shares, 0.5)", 0.5),
        ("load / none", None),
    ],
)
def test_an_expression_has_the_value_that_aws_computes(expression: str, value: float | None) -> None:
    check_expression(expression, VALUES)
    assert value_of_expression(expression, VALUES) == value


def test_without_the_value_of_a_metric_there_is_none() -> None:
    assert value_of_expression("load + shares", {"load": 1.0, "shares": None}) is None


@pytest.mark.parametrize(
    "expression", ["other", "load +", "SUM(METRICS())", "load ** 2", "__import__('os')", "'text'", "IF(load, 1)", "(" * 999, "load\0"]
)
def test_what_is_not_evaluated_is_refused(expression: str) -> None:
    with pytest.raises(AwsError, match=r"knows no|cannot be parsed"):
        check_expression(expression, VALUES)
