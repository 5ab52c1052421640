"""The store of all datapoints, by namespace, metric and dimensions; services and PutMetricData write to it."""

import threading
import time
from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from local_aws.pace import Pace

MOST = 20_000  # most datapoints of a series; the oldest are dropped
TIME = attrgetter("time")


@dataclass(frozen=True)
class Series:
    """One metric; `dimensions` are sorted (name, value) pairs."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> "Series":
        return cls(namespace, name, tuple(sorted(dimensions.items())))


@dataclass
class Datum:
    """The data of one tick, `time` in seconds since the epoch; a client's statistic set has no single `values`."""

    time: float
    unit: str
    count: float = 0.0
    total: float = 0.0
    lowest: float = float("inf")
    highest: float = float("-inf")
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, *, count: float, total: float, lowest: float, highest: float) -> None:
        self.count += count
        self.total += total
        self.lowest, self.highest = min(self.lowest, lowest), max(self.highest, highest)


class MetricStore:
    """A store of datapoints that any thread may use."""

    def __init__(self, pace: Pace, data: dict[Series, list[Datum]]) -> None:
        self._pace, self._data = pace, data
        self._lock = threading.Lock()

    def put(self, series: Series, values: Iterable[float], *, unit: str = "None", at: float | None = None) -> None:
        """Put values with the time `at`, by default now."""
        with self._lock:
            datum = self._datum(series, unit, at)
            for value in values:
                datum.add(count=1, total=value, lowest=value, highest=value)
                datum.values.append(value)

    def put_statistics(
        self, series: Series, *, count: float, total: float, lowest: float, highest: float, unit: str = "None", at: float | None = None
    ) -> None:
        with self._lock:
            self._datum(series, unit, at).add(count=count, total=total, lowest=lowest, highest=highest)

    def between(self, series: Series, start: float, end: float, *, unit: str | None = None) -> list[Datum]:
        """The data from `start` to before `end`, the oldest first, of one unit if it is given."""
        with self._lock:
            data = self._data.get(series, [])
            found = data[bisect_left(data, start, key=TIME) : bisect_left(data, end, key=TIME)]
        return [datum for datum in found if unit in (None, datum.unit)]

    def series(self) -> list[Series]:
        with self._lock:
            return list(self._data)

    def _datum(self, series: Series, unit: str, at: float | None) -> Datum:
        """The datum of a tick; a tick is a second, or a tenth of AWS's minute when time runs faster."""
        tick = min(1.0, self._pace.seconds(6))
        moment = int((time.time() if at is None else at) / tick) * tick
        data = self._data.setdefault(series, [])
        if data and data[-1].time == moment and data[-1].unit == unit:
            return data[-1]
        datum = Datum(moment, unit)
        insort(data, datum, key=TIME)
        del data[:-MOST]
        return datum
