"""All settings of one run, as one value."""

from dataclasses import dataclass, field

from pedigree.settings.autoscaling import Autoscaling
from pedigree.settings.ec2 import Ec2
from pedigree.settings.function import Function
from pedigree.settings.gate import Gate
from pedigree.settings.serving import Serving
from pedigree.settings.training import Training


@dataclass(frozen=True, kw_only=True)
class Mission:
    """The settings groups of a run. Below the flow, a function takes the mission or one group of it, never both.

    `retrained_every_hours` is the longest time between two scheduled runs; None where no schedule starts them.
    """

    training: Training = field(default_factory=Training)
    ec2: Ec2 = field(default_factory=Ec2)
    gate: Gate = field(default_factory=Gate)
    serving: Serving = field(default_factory=Serving)
    autoscaling: Autoscaling = field(default_factory=Autoscaling)
    function: Function = field(default_factory=Function)
    budget_usd: float | None = None
    retrained_every_hours: float | None = None
