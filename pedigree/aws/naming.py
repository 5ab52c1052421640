"""Names made from content: the same content gives the same key, and the same key the same name."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any, TypedDict

from pedigree.aws.errors import InvalidInput
from pedigree.settings import Serving
from pedigree.values import Account

PROJECT_TAG, KEY_TAG = "pedigree:project", "pedigree:key"
FLOW_RUN_TAG, EXPIRY_TAG = "pedigree:flow-run-id", "pedigree:expires-at"
SEPARATOR = "--"
KEY_LENGTH = 16  # hex digits: 64 bits, and every name stays under SageMaker's 63 characters


def key_of(**parts: Any) -> str:
    """Key of these parts: a hash of their canonical JSON. No clock, run id or expiry may be among them."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:KEY_LENGTH]


def within(owner: str, name: str) -> str:
    """The name of a resource of a project or endpoint; `--` keeps projects apart, because no project name holds it."""
    return f"{owner}{SEPARATOR}{name}"


def belongs_to(owner: str, name: str) -> bool:
    """Whether a name is the owner's own, or one that `within` made for it."""
    return name == owner or name.startswith(within(owner, ""))


def job_name(project: str, kind: str, key: str, attempt: int = 1) -> str:
    """`<project>--<kind>-<key>`, with `-<attempt>` from the second attempt on."""
    return within(project, f"{kind}-{key}") + (f"-{attempt}" if attempt > 1 else "")


def first_attempt(name: str) -> str:
    """The name of the first attempt at a job; later attempts add a number to it."""
    return re.sub(rf"(?<=-[0-9a-f]{{{KEY_LENGTH}}})-\d+$", "", name)


class Tag(TypedDict):
    """A tag in the shape of most AWS services."""

    Key: str
    Value: str


def tags(account: Account, key: str, *, expires_at: datetime | None = None) -> dict[str, str]:
    """Tags for every resource; the flow `reap` deletes a resource after `expires_at` (timezone-aware)."""
    expiry = {EXPIRY_TAG: expires_at.astimezone(UTC).isoformat(timespec="seconds")} if expires_at else {}
    return {PROJECT_TAG: account.project, KEY_TAG: key, FLOW_RUN_TAG: account.run, **expiry}


def tag_list(account: Account, key: str, *, expires_at: datetime | None = None) -> list[Tag]:
    """The tags in the shape SageMaker takes them."""
    return [{"Key": name, "Value": value} for name, value in tags(account, key, expires_at=expires_at).items()]


def endpoint_name(project: str, serving: Serving) -> str:
    """`<project>`, or `<project>--<serving.endpoint_name>`; InvalidInput for an endpoint name that begins with the project."""
    name = serving.endpoint_name
    if name is None:
        return project
    if name == project or name.startswith(f"{project}-"):
        short = name.removeprefix(project).removeprefix("-")
        action = f"set serving.endpoint_name to {short}" if short else "leave serving.endpoint_name empty for the project's own endpoint"
        raise InvalidInput("endpoint", name, f"its endpoint would be called {within(project, name)}", action)
    return within(project, name)


KEY, TRAINING_JOB = "pedigree-key", "pedigree-training-job"  # versions take no tags: their metadata carries what tags would
APPROVER, FLOW_RUN = "pedigree-approver", "pedigree-flow-run"
ARTIFACT_SHA256, CLASSES, DATASET = "pedigree-artifact-sha256", "pedigree-classes", "pedigree-dataset"
EVALUATION_JOB = "pedigree-comparison-job"
