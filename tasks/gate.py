"""The gate that a model must pass."""

from pedigree.evaluation import gate as rules
from pedigree.settings import Gate
from pedigree.trained_model import Candidate, Comparison, TrainedModel
from tasks.runs.options import PLAIN_TASK
from tasks.runs.stage import stage


@stage("gate", of="{trained.job_name}", **PLAIN_TASK)
def pass_gate(trained: TrainedModel, comparison: Comparison, gate: Gate) -> Candidate:
    """Check the model against the gate and return a candidate for the registry; GateRefused says how much is missing."""
    return rules.pass_gate(trained, comparison, gate)
