"""The gate a model must pass."""

from pedigree.evaluation import gate as rules
from pedigree.settings import Gate
from pedigree.trained_model import Candidate, TrainedModel
from pedigree.values import Comparison
from tasks.runs.stage import stage


@stage("gate", of="{trained.job_name}")
def pass_gate(trained: TrainedModel, comparison: Comparison, gate: Gate) -> Candidate:
    """The model as a candidate for the registry; GateRefused says by how much it falls short."""
    return rules.pass_gate(trained, comparison, gate)
