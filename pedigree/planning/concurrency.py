"""The number of environments that a function needs, by Erlang's loss formula. The formula holds for any distribution of the
time of a request."""

import math

import numpy as np

from pedigree.planning.trace import Floats

# an environment takes at most ten requests a second: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
SHORTEST = 0.1  # seconds that a request occupies an environment at least


def environments(rates: Floats, latencies: Floats, *, lost: float, most: int = 100_000) -> int:
    """The smallest number with which at most the share `lost` of the requests finds all environments busy, at least 1.

    Both arrays are by time: requests per second, and seconds for each request.
    """
    offered = rates * np.maximum(latencies, SHORTEST)
    shares = rates / rates.sum()
    inverse = np.ones_like(offered)  # 1 / the probability that all environments are busy
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for number in range(1, most + 1):
            inverse = np.where(offered > 0, 1 + inverse * number / offered, math.inf)
            if float((shares / inverse).sum()) <= lost:
                return number
    return most
