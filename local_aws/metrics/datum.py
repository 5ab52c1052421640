"""One MetricDatum of PutMetricData: what it must and must not hold, and the values in it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from local_aws.call import AwsError

WAYS = ("Value", "Values", "StatisticValues")
STATISTICS = ("SampleCount", "Sum", "Minimum", "Maximum")


def check_datum(item: Mapping[str, Any], number: int) -> None:
    """Raise AwsError for a datum without values, with values in two ways, or with values that are no numbers; they count from 1."""
    place = f"MetricData.member.{number}"
    for one, other in combinations(WAYS, 2):
        if one in item and other in item:
            both = f"The parameters {place}.{one} and {place}.{other} are mutually exclusive and you have specified both."
            raise AwsError("InvalidParameterValue" if other == "Values" else "InvalidParameterCombination", both, status=400)
    if not any(way in item for way in WAYS):
        raise AwsError("MissingParameter", "At least one of Value, Values and StatisticValues is required in MetricData.", status=400)
    if "Counts" in item and len(item["Counts"]) != len(item.get("Values", [])):
        sizes = f"The parameters {place}.Values and {place}.Counts must be of the same size."
        raise AwsError("InvalidParameterValue", sizes, status=400)
    for name, value in numbers(item):
        if not math.isfinite(value):
            shown = "NaN" if math.isnan(value) else value
            raise AwsError("InvalidParameterValue", f"The value {shown} for parameter {place}.{name} is invalid.", status=400)


def numbers(item: Mapping[str, Any]) -> Iterable[tuple[str, float]]:
    """Every number of a datum, with its name."""
    if "Value" in item:
        yield "Value", item["Value"]
    for name in ("Values", "Counts"):
        for place, value in enumerate(item.get(name, ()), 1):
            yield f"{name}.member.{place}", value
    given = item.get("StatisticValues", {})
    yield from ((f"StatisticValues.{name}", given[name]) for name in STATISTICS if name in given)


def values_of(item: Mapping[str, Any]) -> Sequence[float]:
    """The values of one MetricDatum, each repeated by its count."""
    if "Values" not in item:
        return [item["Value"]]
    counts = item.get("Counts") or [1.0] * len(item["Values"])
    return [value for value, count in zip(item["Values"], counts, strict=True) for _ in range(int(count))]
