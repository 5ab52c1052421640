"""The page's section on the trainings of a run."""

from collections.abc import Sequence

from pedigree.report.report import TrainingReport
from pedigree.text import code, table
from pedigree.trained_model import Proof

HEADER = ("Training", "Instances", "Valid", "Test", "Proof", "Billed")


def training_section(trainings: Sequence[TrainingReport]) -> str:
    if not is_worth_a_table(trainings):
        return ""
    rows = [(*training_cells(training), code(training.job_name)) for training in trainings]
    return "\n\n".join(["### Trainings", table((*HEADER, "Job"), rows), *selection_sentences(trainings)])


def is_worth_a_table(trainings: Sequence[TrainingReport]) -> bool:
    """Whether the section is needed beside the stage's row: for several trainings, or for a training of several processes."""
    return len(trainings) > 1 or any(training.proof for training in trainings)


def training_cells(training: TrainingReport) -> tuple[str, ...]:
    """The cells of HEADER, as plain text."""
    return (
        f"{training.stage}, chosen" if training.reason else training.stage,
        str(training.instances),
        f"{training.valid_accuracy:.1%}",
        f"{training.test_accuracy:.1%}",
        proof_words(training.proof),
        f"{training.billable_seconds} s",
    )


def proof_words(proof: Proof | None) -> str:
    """The findings of the ranks in words; empty for a training of one process, which has no other ranks."""
    if proof is None:
        return ""
    found = {"disjoint": proof.disjoint, "all covered": proof.covered, "equal parameters": proof.equal_hashes}
    return ", ".join(words if holds else f"NOT {words}" for words, holds in found.items())


def selection_sentences(trainings: Sequence[TrainingReport]) -> list[str]:
    return [f"Chosen: {training.stage}; {training.reason}." for training in trainings if training.reason]
