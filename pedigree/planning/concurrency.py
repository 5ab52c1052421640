"""How many environments a function needs so that few requests find none: Erlang's loss formula, which holds for any distribution of the
time that a request takes."""

import math

import numpy as np

from pedigree.planning.trace import Floats

# an environment takes at most ten requests a second: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
SHORTEST = 0.1  # seconds for which a request occupies an environment


def environments(rates: Floats, latencies: Floats, *, lost: float, most: int = 100_000) -> int:
    """The fewest with which no more than the share `lost` of the requests finds all of them busy, at least 1.

    Both arrays by time: requests per second, and seconds that one takes.
    """
    offered = rates * np.maximum(latencies, SHORTEST)
    shares = rates / rates.sum()
    inverse = np.ones_like(offered)  # of the probability that all environments are busy
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for number in range(1, most + 1):
            inverse = np.where(offered > 0, 1 + inverse * number / offered, math.inf)
            if float((shares / inverse).sum()) <= lost:
                return number
    return most
