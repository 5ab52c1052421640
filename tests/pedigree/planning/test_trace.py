"""Traffic: what a file or a shape comes to, and what is refused."""

import numpy as np
import pytest
from pydantic import ValidationError

from pedigree.aws.errors import InvalidInput
from pedigree.planning.trace import read_trace, shape_trace
from pedigree.settings import Traffic

HEAD = "seconds,requests_per_second\n"


def test_a_rate_of_a_file_holds_until_the_next_row_and_the_last_as_long_as_the_one_before() -> None:
    trace = read_trace(f"{HEAD}0,2\n30,8\n60,1\n", "it")
    assert trace.rates.tolist() == [2, 2, 2, 8, 8, 8, 1, 1, 1]
    assert (trace.seconds, trace.requests, trace.peak) == (90, 330, 8)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "its first line is not"),
        ("time,rate\n0,1\n", "its first line is not"),
        (HEAD, "needs two rows"),
        (f"{HEAD}0,1\n", "needs two rows"),
        (f"{HEAD}0,1\n10,many\n", "two numbers"),
        (f"{HEAD}0,1\n10\n", "two numbers"),
        (f"{HEAD}10,1\n0,1\n", "do not rise"),
        (f"{HEAD}0,1\n10,nan\n", "not finite numbers"),
        (f"{HEAD}0,1\n10,-1\n", "a negative rate"),
        (f"{HEAD}0,0\n10,0\n", "no request"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as refusal:
        read_trace(text, "my.csv")
    assert "my.csv" in str(refusal.value)


def test_the_shapes_keep_to_base_and_peak() -> None:
    shapes = {
        shape: shape_trace(Traffic(shape=shape, base_rps=2, peak_rps=20, hours=24, peak_minutes=60)).rates
        for shape in ("steady", "diurnal", "spike", "ramp")
    }
    assert set(shapes["steady"]) == {2}
    assert shapes["diurnal"].argmax() in range(4310, 4330)  # noon, in tens of seconds
    assert (shapes["spike"] == 20).sum() == 360
    assert np.diff(shapes["ramp"])[:4319].min() > 0 > np.diff(shapes["ramp"])[4321:].max()
    for rates in (shapes["diurnal"], shapes["ramp"]):
        assert (rates.min(), rates.max()) == pytest.approx((2, 20), abs=0.02)


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_rps": 20, "peak_rps": 10},
        {"base_rps": -1},
        {"shape": "spike", "hours": 1, "peak_minutes": 90},
    ],
)
def test_a_shape_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Traffic.model_validate(wrong)


def test_a_traffic_without_requests_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no request"):
        shape_trace(Traffic(shape="steady", base_rps=0))
