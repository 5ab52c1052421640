"""The statistics of CloudWatch: Sum, Average, Minimum, Maximum, SampleCount and percentiles such as p99 or p99.9."""

import math
import re
from collections.abc import Sequence

from local_aws.call import AwsError
from local_aws.series import Datum

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")
PLAIN = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


def statistic_of(data: Sequence[Datum], statistic: str, *, parameter: str = "Stat") -> float | None:
    """Compute a statistic; None without data, or for a percentile without single values.

    InvalidParameterValue, which names the parameter, for an unknown statistic.
    """
    percentile = PERCENTILE.fullmatch(statistic)
    if percentile is None and statistic not in PLAIN:
        raise AwsError("InvalidParameterValue", f"The value {statistic} for parameter {parameter} is not supported.")
    if not data:
        return None
    if percentile:
        return percentile_of(sorted(value for datum in data for value in datum.values), float(percentile[1]))
    count, total = sum(datum.count for datum in data), sum(datum.total for datum in data)
    values = {
        "SampleCount": count,
        "Sum": total,
        "Average": total / count if count else None,
        "Minimum": min(datum.lowest for datum in data),
        "Maximum": max(datum.highest for datum in data),
    }
    return values[statistic]


def percentile_of(ordered: Sequence[float], percent: float) -> float | None:
    """The percentile by the nearest-rank method."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else None
