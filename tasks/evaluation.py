"""The evaluation of the candidate, beside the champion."""

from dataclasses import replace

from pedigree.cost.receipt import AGAIN
from pedigree.endpoint.champion import find_champion
from pedigree.endpoint.classes import require_kept_classes
from pedigree.evaluation.compare import evaluate
from pedigree.evaluation.gate import pass_gate
from pedigree.settings import Mission
from pedigree.trained_model import Candidate, Comparison, TrainedModel
from pedigree.values import Account, Dataset
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("comparison", of="{trained.job_name}", **AWS_TASK)
def compare_with_champion(account: Account, trained: TrainedModel, dataset: Dataset, mission: Mission) -> Comparison:
    """Evaluate the candidate in a job of its own, beside the live model; the job of an earlier run is adopted.

    Alone when no model is live, the gate ignores it, or the candidate is live already. Raises JobFailed, JobStopped and OutOfAttempts
    like the training, and SpecDiffers when another project owns the live model.
    """
    champion = None if mission.gate.against_champion == "ignored" else find_champion(account, mission.serving)
    return evaluate(account, trained, champion, dataset, mission.training)


@stage(AGAIN, of="{candidate.model.job_name}", **AWS_TASK)
def compare_again(account: Account, candidate: Candidate, dataset: Dataset, mission: Mission) -> Comparison:
    """Look at the live model once more; where another run has changed it, the candidate must pass the gate beside the new one.

    Call it while the run holds the endpoint. Skipped where the live model is the same, or is the candidate itself; raises GateRefused,
    also for a class that the new live model knows and the dataset lacks, and what `compare_with_champion` raises.
    """
    require_kept_classes(account, mission, dataset)
    known = replace(candidate.comparison, outcome="skipped", billable_seconds=0)
    if mission.gate.against_champion == "ignored":
        return known
    champion, compared = find_champion(account, mission.serving), known.champion
    if champion is None or champion.training_job == candidate.model.job_name:
        return known
    if compared and champion.package_arn == compared.package_arn:
        return known
    again = evaluate(account, candidate.model, champion, dataset, mission.training)
    return pass_gate(candidate.model, again, mission.gate).comparison
