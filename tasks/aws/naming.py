"""Names that say what a thing is: the same content gives the same key, the same key the same name."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from prefect.runtime import flow_run

PROJECT_TAG, KEY_TAG = "pedigree:project", "pedigree:key"
FLOW_RUN_TAG, EXPIRY_TAG = "pedigree:flow-run-id", "pedigree:expires-at"
NO_FLOW_RUN = "none"
KEY_LENGTH = 16  # hex digits: 64 bits, and every name stays under SageMaker's 63 characters


def key_of(**parts: Any) -> str:
    """Key of these parts: a hash of their canonical JSON. No clock, run id or expiry may be among them."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:KEY_LENGTH]


def job_name(project: str, kind: str, key: str, attempt: int = 1) -> str:
    """`<project>-<kind>-<key>`, with `-<attempt>` from the second attempt on."""
    return f"{project}-{kind}-{key}" + (f"-{attempt}" if attempt > 1 else "")


def first_attempt(name: str) -> str:
    """What all attempts at a job have in common: the name of the first."""
    return re.sub(rf"(?<=-[0-9a-f]{{{KEY_LENGTH}}})-\d+$", "", name)


def tags(project: str, key: str, *, expires_at: datetime | None = None) -> dict[str, str]:
    """What everything that can be tagged carries; what is past `expires_at` (aware) is deleted by the flow `reap`."""
    expiry = {EXPIRY_TAG: expires_at.astimezone(UTC).isoformat(timespec="seconds")} if expires_at else {}
    return {PROJECT_TAG: project, KEY_TAG: key, FLOW_RUN_TAG: flow_run.get_id() or NO_FLOW_RUN, **expiry}


def tag_list(project: str, key: str, *, expires_at: datetime | None = None) -> list[dict[str, str]]:
    """The tags in the shape SageMaker takes them."""
    return [{"Key": name, "Value": value} for name, value in tags(project, key, expires_at=expires_at).items()]
