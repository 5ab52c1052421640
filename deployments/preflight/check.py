"""One looked-at thing, and how a look that could not be taken becomes one too."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from pedigree.aws.errors import code_of

Status = Literal["OK", "MISSING", "UNKNOWN"]
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})
ADMINISTRATOR = "run it with an administrator's profile"


@dataclass(frozen=True)
class Answer:
    """What a look found; `mend` is a command or an advice, or one a line, empty where there is nothing to do."""

    status: Status
    finding: str
    mend: str = ""


@dataclass(frozen=True)
class Check:
    """One line of the page."""

    name: str
    answer: Answer


class Unanswerable(Exception):
    """A look needs what an earlier one did not find; that one says what to do."""


def ok(finding: str) -> Answer:
    return Answer("OK", finding)


def missing(finding: str, mend: str) -> Answer:
    return Answer("MISSING", finding, mend)


def unknown(finding: str, mend: str = "") -> Answer:
    return Answer("UNKNOWN", finding, mend)


def look_at(name: str, look: Callable[[], Answer]) -> Check:
    """The check of this name; UNKNOWN, and never OK, where AWS did not let us look."""
    try:
        answer = look()
    except Unanswerable as unanswerable:
        answer = unknown(str(unanswerable))
    except ClientError as error:
        answer = unanswered(error)
    except BotoCoreError as error:
        answer = unknown(f"AWS does not answer: {error}")
    return Check(name, answer)


def unanswered(error: ClientError) -> Answer:
    if code_of(error) in DENIED:
        return unknown(f"this profile may not call {error.operation_name}", ADMINISTRATOR)
    return unknown(str(error))
