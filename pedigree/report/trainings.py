"""The trainings of a run and what became of each, as data."""

from dataclasses import asdict
from typing import Any

from pedigree.evaluation.selection import Selection
from pedigree.report.placement import describe_placement
from pedigree.report.record import Record
from pedigree.statistics import binomial_interval
from pedigree.trained_model import TrainedModel
from pedigree.training.ways import SELECTION


def chosen_model(record: Record) -> TrainedModel | None:
    """The model that went on; None while it is not known which of several."""
    if selection := record.value(Selection):
        return selection.model
    return None if SELECTION in record.names else record.value(TrainedModel)


def describe_trainings(record: Record) -> list[dict[str, Any]]:
    """The completed ones, in the order of the stages; `reason` says of the chosen one of several why it was chosen."""
    trained = {name: value for name in record.names if isinstance(value := record.values.get(name), TrainedModel)}
    chosen, selection = chosen_model(record), record.value(Selection)
    return [
        describe_training(model)
        | {
            "stage": name,
            "seconds": record.stages[name].seconds,
            "chosen": model is chosen,
            "reason": selection.reason if selection and model is chosen else None,
        }
        for name, model in trained.items()
    ]


def describe_training(model: TrainedModel) -> dict[str, Any]:
    return {
        "kind": model.kind,
        "instances": model.instances,
        "job": model.job_name,
        "attempt": model.attempt,
        "artifact": model.artifact,
        "code_digest": model.code_key,
        "proof": asdict(model.proof) if model.proof else None,
        "metrics": describe_accuracies(model),
        **describe_placement(model),
        "billable_seconds": model.billable_seconds,
    }


def describe_accuracies(model: TrainedModel) -> dict[str, Any]:
    """Of the kept epoch on the validation split and once on the test split, the latter with its 95% interval."""
    kept, evaluation = model.kept_epoch, model.evaluation
    return {
        "epoch": kept["epoch"],
        "valid_loss": kept["valid_loss"],
        "valid_accuracy": kept["valid_accuracy"],
        "test_accuracy": evaluation.accuracy,
        "interval": list(binomial_interval(evaluation.correct, evaluation.images)),
    }
