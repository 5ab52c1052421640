"""The instance type of a training in words, and the reason when it is not the wanted one."""

from pedigree.report.report import TrainingReport
from pedigree.text import duration


def placement_words(training: TrainingReport) -> str:
    """`ml.m5.xlarge; AWS had no capacity for ml.g5.xlarge`; empty when the training does not record its instances."""
    words = [training.instance_type] if training.instance_type else []
    if training.spot:
        words.append(f"on spot instances, {duration(training.billable_seconds)} billed of {duration(training.training_seconds)}")
    if lacked := dict.fromkeys(attempt.instance_type for attempt in training.no_capacity):
        words.append(f"AWS had no capacity for {', '.join(lacked)}")
    return "; ".join(words)
