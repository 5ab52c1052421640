"""The comparison of the candidate with the champion."""

from pedigree.endpoint.champion import find_champion
from pedigree.evaluation.compare import evaluate
from pedigree.settings import Mission
from pedigree.trained_model import TrainedModel
from pedigree.values import Account, Comparison, Dataset
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("comparison", of="{trained.job_name}", **AWS_TASK)
def compare_with_champion(account: Account, trained: TrainedModel, dataset: Dataset, mission: Mission) -> Comparison:
    """Compare the candidate with the live model on the same test images, or adopt the comparison of an earlier run.

    Skipped when no model is live, the gate ignores it, or the candidate is live already. Raises JobFailed, JobStopped and OutOfAttempts
    like the training, and SpecDiffers when another project owns the live model.
    """
    if mission.gate.against_champion == "ignored":
        return Comparison(None, "skipped")
    champion = find_champion(account, mission.serving)
    if champion is None:
        return Comparison(None, "skipped")
    if champion.training_job == trained.job_name:
        return Comparison(champion, "skipped", already_live=True)
    return evaluate(account, trained, champion, dataset, mission.training)
