"""Names that say what a thing is: the same content gives the same key, the same key the same name."""

import hashlib
import json
from typing import Any

from prefect.runtime import flow_run

KEY_LENGTH = 16  # hex digits: 64 bits, and every name stays under SageMaker's 63 characters


def key_of(**parts: Any) -> str:
    """Key of these parts: a hash of their canonical JSON. No clock, run id or expiry may be among them."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:KEY_LENGTH]


def job_name(project: str, kind: str, key: str, attempt: int = 1) -> str:
    """`<project>-<kind>-<key>`, with `-<attempt>` from the second attempt on."""
    return f"{project}-{kind}-{key}" + (f"-{attempt}" if attempt > 1 else "")


def tags(project: str, key: str) -> dict[str, str]:
    return {"pedigree:project": project, "pedigree:key": key, "pedigree:flow-run-id": flow_run.get_id() or "none"}


def tag_list(project: str, key: str) -> list[dict[str, str]]:
    """The tags in the shape SageMaker takes them."""
    return [{"Key": name, "Value": value} for name, value in tags(project, key).items()]
