"""The page's section on the trainings: what `trainings` describes."""

from collections.abc import Mapping, Sequence
from typing import Any

from pedigree.text import code, table

HEADER = ("Training", "Instances", "Valid", "Test", "Proof", "Billed")


def chosen_training(trainings: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((training for training in trainings if training["chosen"]), None)


def is_worth_a_table(trainings: Sequence[Mapping[str, Any]]) -> bool:
    """A single training of one process is told by its stage."""
    return len(trainings) > 1 or any(training["proof"] for training in trainings)


def training_section(trainings: Sequence[Mapping[str, Any]]) -> str:
    if not is_worth_a_table(trainings):
        return ""
    rows = [(*training_cells(training), code(training["job"])) for training in trainings]
    return "\n\n".join(["### Trainings", table((*HEADER, "Job"), rows), *selection_sentences(trainings)])


def training_cells(training: Mapping[str, Any]) -> tuple[str, ...]:
    """Cells of HEADER, as plain text."""
    metrics = training["metrics"]
    return (
        f"{training['stage']}, chosen" if training["reason"] else training["stage"],
        str(training["instances"]),
        f"{metrics['valid_accuracy']:.1%}",
        f"{metrics['test_accuracy']:.1%}",
        proof_words(training["proof"]),
        f"{training['billable_seconds']:.0f} s",
    )


def proof_words(proof: Mapping[str, bool] | None) -> str:
    """What the ranks found out together; nothing for one rank, which has nobody to agree with."""
    if proof is None:
        return ""
    words = {"disjoint": "disjoint", "covered": "all covered", "equal_hashes": "equal parameters"}
    return ", ".join(words[name] if holds else f"NOT {words[name]}" for name, holds in proof.items())


def selection_sentences(trainings: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"Chosen: {training['stage']}; {training['reason']}." for training in trainings if training["reason"]]
