"""The choice between the models of several trainings."""

from collections.abc import Mapping

from pedigree.evaluation import selection
from pedigree.evaluation.selection import Selection
from pedigree.trained_model import TrainedModel
from pedigree.training.ways import SELECTION
from pedigree.values import CostPlan, Dataset
from tasks.runs.options import PLAIN_TASK
from tasks.runs.stage import stage


@stage(SELECTION, of="{dataset.key}", **PLAIN_TASK)
def select_model(trained: Mapping[str, TrainedModel], dataset: Dataset, plan: CostPlan) -> Selection:
    """Select the cheapest model whose validation accuracy is within one standard error of the highest."""
    return selection.select_model(trained, dataset, plan)
