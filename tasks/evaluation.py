"""The evaluation of the candidate, beside the champion."""

from pedigree.endpoint.champion import find_champion
from pedigree.evaluation.compare import evaluate
from pedigree.settings import Mission
from pedigree.trained_model import Comparison, TrainedModel
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
