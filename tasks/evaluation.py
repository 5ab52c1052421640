"""The candidate beside the champion."""

from pedigree.endpoint.champion import find_champion
from pedigree.evaluation.compare import evaluate
from pedigree.settings import Mission
from pedigree.trained_model import TrainedModel
from pedigree.values import Account, Comparison, Dataset
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("comparison", of="{trained.job_name}", **AWS_TASK)
def compare_with_champion(account: Account, trained: TrainedModel, dataset: Dataset, mission: Mission) -> Comparison:
    """The candidate and what is live on the same test images: asked now, or before by any other run.

    Skipped where nothing is live, the gate ignores it, or the candidate is live already. Raises JobFailed, JobStopped and OutOfAttempts
    as the training does, and SpecDiffers where what is live is not this project's.
    """
    if mission.gate.against_champion == "ignored":
        return Comparison(None, "skipped")
    champion = find_champion(account, mission.serving)
    if champion is None:
        return Comparison(None, "skipped")
    if champion.training_job == trained.job_name:
        return Comparison(champion, "skipped", already_live=True)
    return evaluate(account, trained, champion, dataset, mission.training)
