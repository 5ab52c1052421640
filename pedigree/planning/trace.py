"""A traffic as rates in buckets of time, from a csv or a named shape."""

import csv
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Traffic

Floats = NDArray[np.float64]
BUCKET = 10.0  # seconds; six buckets are the minute of an alarm
DAY = 86_400.0
COLUMNS = ["seconds", "requests_per_second"]


@dataclass(frozen=True)
class Trace:
    """The traffic over time; `rates` are requests per second, one for each `bucket` of seconds."""

    rates: Floats
    bucket: float = BUCKET

    @property
    def seconds(self) -> float:
        return len(self.rates) * self.bucket

    @property
    def requests(self) -> float:
        return float(self.rates.sum() * self.bucket)

    @property
    def peak(self) -> float:
        return float(self.rates.max())


def shape_trace(traffic: Traffic, *, bucket: float = BUCKET) -> Trace:
    """Make the traffic from its shape; InvalidInput for a traffic without requests."""
    length = traffic.hours * 3600
    times = middles(length, bucket)
    middle = length / 2
    heights = {
        "steady": np.zeros_like(times),
        "diurnal": (1 - np.cos(2 * np.pi * times / DAY)) / 2,
        "spike": (np.abs(times - middle) < traffic.peak_minutes * 30).astype(float),
        "ramp": 1 - np.abs(times - middle) / middle,
    }
    return checked(Trace(traffic.base_rps + (traffic.peak_rps - traffic.base_rps) * heights[traffic.shape], bucket), traffic.shape)


def read_trace(text: str, name: str, *, bucket: float = BUCKET) -> Trace:
    """Read a traffic from a csv; a rate holds until the next row, the last rate as long as the rate before it.

    InvalidInput for a csv that is not a traffic.
    """
    rows = list(csv.reader(io.StringIO(text.strip())))
    if not rows or [cell.strip() for cell in rows[0]] != COLUMNS:
        raise refused(name, f"its first line is not {','.join(COLUMNS)}")
    try:
        table = np.array([[float(cell) for cell in row] for row in rows[1:] if row])
    except ValueError as error:
        raise refused(name, f"not every row has two numbers: {error}") from error
    if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] != len(COLUMNS):
        raise refused(name, f"it needs two rows or more with two numbers each, got {len(rows) - 1} rows")
    starts, rates = table.T
    lengths = np.diff(starts)
    if not np.isfinite(table).all():
        raise refused(name, "some values are not finite numbers")
    if (lengths <= 0).any():
        raise refused(name, "its seconds do not rise from row to row")
    times = starts[0] + middles(float(starts[-1] - starts[0] + lengths[-1]), bucket)
    return checked(Trace(rates[np.searchsorted(starts, times, side="right") - 1], bucket), name)


def middles(seconds: float, bucket: float) -> Floats:
    return (np.arange(max(1, round(seconds / bucket)), dtype=np.float64) + 0.5) * bucket


def averages(values: Floats, each: int) -> Floats:
    """The average of each group of `each` values; the last group may be smaller."""
    starts = np.arange(0, len(values), each)
    sums: Floats = np.add.reduceat(values, starts)
    return sums / np.diff([*starts, len(values)])


def checked(trace: Trace, name: str) -> Trace:
    if (trace.rates < 0).any():
        raise refused(name, "it has a negative rate")
    if not trace.rates.any():
        raise refused(name, "it has no request")
    return trace


def refused(name: str, cause: str) -> InvalidInput:
    return InvalidInput("plan", f"traffic {name}", cause, f"give rates per second from 0 on, with the columns {','.join(COLUMNS)}")
