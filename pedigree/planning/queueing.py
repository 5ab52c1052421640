"""The time that requests wait for an instance, when the rate changes and may exceed the capacity.

The number waiting follows the pointwise stationary fluid flow approximation (Wang, Tipper, Banerjee 1996) of an M/G/1 queue: at a
steady rate it becomes the Pollaczek-Khinchine formula, and above the capacity it grows by the excess.
"""

from dataclasses import dataclass

import numpy as np

from pedigree.planning.trace import Floats

NORMAL_99 = 2.326  # standard deviations from the median to the 99th percentile
RANDOM_UP_TO = 0.95  # utilisation; requests that wait beyond it are a backlog, which delays all requests equally
SLOW_SHARE = 0.02  # this share of the requests takes the 99th percentile of the service time, the others the median


@dataclass(frozen=True)
class Service:
    """One instance: `capacity` in requests per second, `p50` and `p99` in seconds for a request that does not wait.

    Several instances share one queue: an endpoint that sends each request to the instance with the fewest requests comes near to it.
    """

    capacity: float
    p50: float
    p99: float

    @property
    def variability(self) -> float:
        """(1 + squared coefficient of variation of the service time) / 2."""
        return (1 + ((self.p99 - self.p50) / (NORMAL_99 * self.p50)) ** 2) / 2


def advance(service: Service, waiting: Floats, rate: Floats | float, instances: Floats, seconds: float) -> tuple[Floats, Floats]:
    """The (number waiting, utilisation) after `seconds` at this rate, by an implicit step that is stable at any length."""
    served = service.capacity * instances * seconds
    load = waiting + rate * seconds
    # the root between 0 and 1 of load = waiting + served * u, where waiting = variability * u^2 / (1 - u)
    utilisation = 2 * load / (served + load + np.sqrt((served - load) ** 2 + 4 * load * service.variability))
    return load - served * utilisation, utilisation


@dataclass(frozen=True)
class Waits:
    """The waiting times: `backlog` seconds for all, and for a share of `utilisation` an exponential wait more, `mean` over all."""

    service: Service
    backlog: Floats
    mean: Floats
    utilisation: Floats

    @classmethod
    def of(cls, service: Service, waiting: Floats, utilisation: Floats, instances: Floats) -> "Waits":
        capacity = service.capacity * instances
        random = np.minimum(waiting, service.variability * RANDOM_UP_TO**2 / (1 - RANDOM_UP_TO))
        busy = np.maximum(utilisation, 1e-9)
        return cls(service, (waiting - random) / capacity, random / (capacity * busy), busy)

    @property
    def mean_latency(self) -> Floats:
        """The mean latency in seconds, with all waiting."""
        return self.service.p50 + self.backlog + self.mean

    def slower_than(self, seconds: Floats | float) -> Floats:
        """The share of the requests that take longer."""
        quick, slow = (self._wait_beyond(seconds - own) for own in (self.service.p50, self.service.p99))
        return (1 - SLOW_SHARE) * quick + SLOW_SHARE * slow

    def _wait_beyond(self, seconds: Floats | float) -> Floats:
        later = np.maximum(seconds - self.backlog, 0)
        scale = np.maximum(self.mean, 1e-12) / self.utilisation
        share: Floats = np.where(self.backlog > 0, 1.0, self.utilisation) * np.exp(-later / scale)
        return np.where(seconds < self.backlog, 1.0, share)
