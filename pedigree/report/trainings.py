"""The trainings of a run and their results."""

from pedigree.evaluation.selection import Selection
from pedigree.report.record import Record
from pedigree.report.report import TrainingReport
from pedigree.statistics import binomial_interval
from pedigree.trained_model import TrainedModel
from pedigree.training.ways import SELECTION


def chosen_model(record: Record) -> TrainedModel | None:
    """The chosen model; None before the choice."""
    if selection := record.value(Selection):
        return selection.model
    return None if SELECTION in record.names else record.value(TrainedModel)


def describe_trainings(record: Record) -> tuple[TrainingReport, ...]:
    """The completed trainings, in the order of the stages."""
    trained = {name: value for name in record.names if isinstance(value := record.values.get(name), TrainedModel)}
    return tuple(describe_training(model, stage, record) for stage, model in trained.items())


def describe_training(model: TrainedModel, stage: str, record: Record) -> TrainingReport:
    chosen, selection = model is chosen_model(record), record.value(Selection)
    kept, evaluation = model.kept_epoch, model.evaluation
    return TrainingReport(
        stage=stage,
        chosen=chosen,
        reason=selection.reason if selection and chosen else None,
        kind=model.kind,
        key=model.key,
        job_name=model.job_name,
        attempt=model.attempt,
        artifact=model.artifact,
        code_key=model.code_key,
        proof=model.proof,
        kept_epoch=int(kept["epoch"]),
        valid_loss=kept["valid_loss"],
        valid_accuracy=kept["valid_accuracy"],
        test_accuracy=evaluation.accuracy,
        test_interval=binomial_interval(evaluation.correct, evaluation.images),
        instances=model.instances,
        instance_type=model.instance_type,
        spot=model.spot,
        no_capacity=model.no_capacity,
        seconds=record.stages[stage].seconds,
        training_seconds=model.training_seconds,
        billable_seconds=model.billable_seconds,
    )
