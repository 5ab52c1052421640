"""Where a training ran, and why not where it was wanted: as data and in words."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pedigree.text import duration
from pedigree.trained_model import TrainedModel


def describe_placement(model: TrainedModel) -> dict[str, Any]:
    """`no_capacity` are the attempts before it for which AWS had no instances."""
    return {
        "instance_type": model.instance_type,
        "spot": model.spot,
        "no_capacity": [asdict(gap) for gap in model.no_capacity],
        "training_seconds": model.training_seconds,
    }


def placement_words(training: Mapping[str, Any]) -> str:
    """Empty of a training that says nothing of it."""
    words = [training["instance_type"]] if training["instance_type"] else []
    if training["spot"]:
        trained, billed = training["training_seconds"], training["billable_seconds"]
        words.append(f"on spot instances, {duration(billed)} billed of {duration(trained)}")
    if lacked := dict.fromkeys(gap["instance_type"] for gap in training["no_capacity"]):
        words.append(f"AWS had no capacity for {', '.join(lacked)}")
    return "; ".join(words)
