"""The result of one check; a check that could not be made is a result too."""

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
    """The answer of a check; `repair` is a command or an advice, one for each line, empty when there is nothing to do."""

    status: Status
    finding: str
    repair: str = ""


@dataclass(frozen=True)
class Check:
    """One line of the page."""

    name: str
    answer: Answer


class Unanswerable(Exception):
    """A check needs a resource that an earlier check did not find; the earlier check says what to do."""


def ok(finding: str) -> Answer:
    return Answer("OK", finding)


def missing(finding: str, repair: str) -> Answer:
    return Answer("MISSING", finding, repair)


def unknown(finding: str, repair: str = "") -> Answer:
    return Answer("UNKNOWN", finding, repair)


def look_at(name: str, look: Callable[[], Answer]) -> Check:
    """Make the check of this name; UNKNOWN, and never OK, when AWS refuses the request."""
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
