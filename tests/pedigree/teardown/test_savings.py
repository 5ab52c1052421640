"""The monthly cost of what is billed, by hand-checked figures."""

import pytest

from pedigree.aws.resources.kind import NOTHING, Billed
from pedigree.prices.prices import HOURS_A_MONTH, read_table
from pedigree.teardown.savings import monthly_cost


@pytest.mark.parametrize(
    ("billed", "usd"),
    [
        (NOTHING, 0.0),
        (Billed({("hosting", "ml.m5.large"): 2}), 2 * 83.95),
        (Billed({("ec2", "m5.xlarge"): 1}), 0.192 * HOURS_A_MONTH),
        (Billed(units={"alarm": 2}), 0.20),
        (Billed({("hosting", "ml.m5.large"): 1}, {"alarm": 1}), 84.05),
        (Billed({("hosting", "ml.moon.large"): 1}), None),
    ],
)
def test_instances_and_units_are_paid_for_a_month(billed: Billed, usd: float | None) -> None:
    assert monthly_cost(billed, read_table()) == (None if usd is None else pytest.approx(usd, abs=0.01))
