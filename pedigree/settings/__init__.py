"""The settings groups, one module for each group; the forms of the Prefect UI show their fields."""

from pedigree.settings.autoscaling import Autoscaling, CpuStep, Schedule
from pedigree.settings.base import Settings
from pedigree.settings.ec2 import Ec2
from pedigree.settings.environment import Environment
from pedigree.settings.function import Function, ProvisionedSchedule
from pedigree.settings.gate import Gate
from pedigree.settings.mission import Mission
from pedigree.settings.planning import Goal, Traffic
from pedigree.settings.scoring import Scoring
from pedigree.settings.serving import Guardrails, Serving
from pedigree.settings.training import Training
from pedigree.settings.tuning import Tuning

__all__ = [
    "Autoscaling",
    "CpuStep",
    "Ec2",
    "Environment",
    "Function",
    "Gate",
    "Goal",
    "Guardrails",
    "Mission",
    "ProvisionedSchedule",
    "Schedule",
    "Scoring",
    "Serving",
    "Settings",
    "Traffic",
    "Training",
    "Tuning",
]
