"""Ranges of hyperparameters, and the values that a strategy draws from them."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from local_aws.call import AwsError

Values = dict[str, str]  # tuned hyperparameters as CreateTrainingJob takes them


@dataclass(frozen=True)
class Range:
    """One hyperparameter: from `low` to `high`, or one of `values`; `scaling` is a ScalingType of AWS."""

    name: str
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    scaling: str = "Linear"
    values: tuple[str, ...] = ()

    def draw(self, generator: random.Random) -> str:
        if self.values:
            return generator.choice(self.values)
        drawn = self._unscaled(generator.uniform(self._scaled(self.low), self._scaled(self.high)))
        return str(round(drawn)) if self.whole else repr(min(max(drawn, self.low), self.high))

    def _scaled(self, value: float) -> float:
        if self.scaling == "Logarithmic":
            return math.log(value)
        return -math.log1p(-value) if self.scaling == "ReverseLogarithmic" else value

    def _unscaled(self, value: float) -> float:
        if self.scaling == "Logarithmic":
            return math.exp(value)
        return -math.expm1(-value) if self.scaling == "ReverseLogarithmic" else value


def ranges_of(config: Mapping[str, Any]) -> list[Range]:
    """The ranges of a HyperParameterTuningJobConfig; ValidationException for bounds that its scaling does not allow."""
    given = config.get("ParameterRanges", {})
    numeric = [(each, True) for each in given.get("IntegerParameterRanges", [])]
    numeric += [(each, False) for each in given.get("ContinuousParameterRanges", [])]
    categorical = [Range(each["Name"], values=tuple(each["Values"])) for each in given.get("CategoricalParameterRanges", [])]
    found = [numeric_range(each, whole=whole) for each, whole in numeric] + categorical
    if len({each.name for each in found}) < len(found):
        raise AwsError("ValidationException", f"A hyperparameter has two ranges: {', '.join(each.name for each in found)}.")
    return found


def numeric_range(given: Mapping[str, str], *, whole: bool) -> Range:
    name, scaling = given["Name"], given.get("ScalingType", "Auto")
    try:
        low, high = float(given["MinValue"]), float(given["MaxValue"])
    except ValueError as error:
        raise AwsError("ValidationException", f"The bounds of parameter {name} must be numbers: {error}.") from error
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise AwsError("ValidationException", f"The MinValue of parameter {name} must not be greater than its MaxValue.")
    if scaling == "Logarithmic" and low <= 0:
        raise AwsError("ValidationException", f"Logarithmic scaling of parameter {name} needs values greater than 0.")
    if scaling == "ReverseLogarithmic" and not (low >= 0 and high < 1):
        raise AwsError("ValidationException", f"Reverse logarithmic scaling of parameter {name} needs values from 0 to below 1.")
    return Range(name, low, high, whole, scaling)


def combinations(ranges: Sequence[Range]) -> int:
    return math.prod(len(each.values) for each in ranges)


def draws(strategy: str, ranges: Sequence[Range], seed: int | None) -> Iterator[Values]:
    """The values of one training job after the other: all combinations for a grid, else random ones without end.

    Bayesian is served at random too: the API promises values within the ranges, and no particular ones.
    """
    if strategy == "Grid":
        for values in product(*(each.values for each in ranges)):
            yield dict(zip((each.name for each in ranges), values, strict=True))
        return
    generator = random.Random(seed)  # noqa: S311
    while True:
        yield {each.name: each.draw(generator) for each in ranges}
