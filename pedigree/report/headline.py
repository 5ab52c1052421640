"""How a run ended, in a line."""

from collections.abc import Mapping
from typing import Any

from pedigree.text import short_package

RIGHT, WRONG, STILL = "✓", "✗", "○"  # no emoji: not every machine has a font for them


def headline(summary: dict[str, Any]) -> str:
    """The verdict of a summary as a line of plain text, its mark first."""
    ended = {stage["status"]: stage["name"] for stage in reversed(summary["stages"])}
    live, package = summary["endpoint"], short_package(summary["model_package_arn"] or "")
    match summary["status"]:
        case "Completed":
            return f"{RIGHT} {live['name']} is live" if live else f"{RIGHT} Completed"
        case "Refused":
            return f"{STILL} Refused at the {ended['refused']}"
        case "Rejected":
            return f"{STILL} {package} was rejected"
        case "Waits for approval":
            return f"{STILL} {package} waits for a person's decision"
        case "Nothing to do":
            return f"{RIGHT} Nothing to do: this model is live already"
    return f"{WRONG} Failed at the stage {ended['failed']}" if "failed" in ended else f"{WRONG} Ended before its last stage"


def what_ended(stage: Mapping[str, Any]) -> str:
    """Of a stage with a message."""
    return "the model was refused" if stage["status"] == "refused" else f"{stage['name']} failed"
