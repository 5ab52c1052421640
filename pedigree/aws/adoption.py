"""Adoption by name: describe the resource, adopt it when it matches, else create it; when that is refused, describe it again.

A run that dies on the way leaves resources that the next run finds by their names, so nothing is created twice. Every other write keeps
the same law: what is refused because it is so already is looked at, and the look decides.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.causes import tell
from pedigree.aws.errors import JobFailed, JobStopped, OutOfAttempts, SpecDiffers, is_missing, may_pass
from pedigree.aws.identity import Covered, differences
from pedigree.values import Outcome

MAX_WASTED_ATTEMPTS = 3
LAST_LINES = "LastLines"  # beside what AWS says in a description: the end of the job's log


@dataclass(frozen=True)
class Kind:
    """The calls that describe and create one kind of resource, and the members of its request that are its identity.

    `described` gives the members that a request and a description share.
    """

    title: str
    describe: Callable[[str], dict[str, Any]]
    create: Callable[[Mapping[str, Any]], Any]
    covered: Mapping[str, Covered]
    described: Callable[[], Collection[str]] = tuple


class Verdict(Enum):
    """The state of an existing job for a new run that needs the same job."""

    IN_PROGRESS = "in progress"
    DONE = "done"
    LOST = "done, but its artifact is gone"
    TEMPORARY = "failed by AWS's own fault"
    FAILED = "failed by its own fault"
    STOPPED = "stopped"


def describe(kind: Kind, name: str) -> dict[str, Any] | None:
    try:
        return kind.describe(name)
    except ClientError as error:
        if is_missing(error):
            return None
        raise


@contextmanager
def settled_by(is_so: Callable[[], bool]) -> Iterator[None]:
    """Ignore the refusal of a write when a look shows that it is so already.

    Somebody else was quicker, or it was our own call: boto3 makes a call again whose answer was lost, and AWS refuses the second one. The
    codes of such refusals are many (ResourceInUse, ResourceConflictException, ValidationException), so none of them decides.
    """
    try:
        yield
    except ClientError as error:
        if may_pass(error) or not is_so():
            raise


def ensure(kind: Kind, name: str, request: Mapping[str, Any]) -> tuple[dict[str, Any], Outcome]:
    """Describe the resource called `name`, or create it by `request`; SpecDiffers when somebody else made it."""
    found = describe(kind, name)
    outcome: Outcome = "adopted"
    if found is None:
        with settled_by(lambda: describe(kind, name) is not None):
            kind.create(request)
            outcome = "created"
        found = kind.describe(name)
    require_same(kind, name, request, found)
    return found, outcome


@dataclass(frozen=True)
class Attempt:
    """One attempt at a job, found or started, and the descriptions of those before it."""

    number: int
    name: str
    description: dict[str, Any]
    outcome: Outcome
    earlier: tuple[dict[str, Any], ...] = ()


Place = Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], Mapping[str, Any]]


def as_asked(request: Mapping[str, Any], _earlier: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return request


@dataclass(frozen=True)
class Wish:
    """A wanted job: the name of each attempt, the request for that name, and whether a person asks for one more attempt.

    `place` may change the request of a new attempt because of the earlier attempts.
    """

    name_of: Callable[[int], str]
    request_of: Callable[[str], Mapping[str, Any]]
    place: Place = as_asked
    retry_failed: bool = False


def ensure_attempt(
    kind: Kind, wish: Wish, verdict_of: Callable[[dict[str, Any]], Verdict], *, most_wasted: int = MAX_WASTED_ATTEMPTS
) -> Attempt:
    """Adopt the attempt that runs or is done, or start a new attempt where that can help.

    Raises JobFailed or JobStopped when a person must decide about an earlier attempt, and OutOfAttempts after `most_wasted` attempts that
    AWS wasted.
    """
    name_of, request_of, retry_failed = wish.name_of, wish.request_of, wish.retry_failed
    wasted, number, earlier = 0, 1, list[dict[str, Any]]()
    while (found := describe(kind, name_of(number))) is not None:
        name = name_of(number)
        require_same(kind, name, request_of(name), found)
        verdict = verdict_of(found)
        if verdict in (Verdict.IN_PROGRESS, Verdict.DONE):
            return Attempt(number, name, found, "adopted", tuple(earlier))
        require_retryable(kind, name, found, verdict, retry_failed=retry_failed)
        wasted += verdict in (Verdict.TEMPORARY, Verdict.LOST)
        if wasted >= most_wasted and not retry_failed:
            raise out_of_attempts(kind, name, found, verdict, wasted)
        earlier.append(found)
        number += 1
    name = name_of(number)
    description, outcome = ensure(kind, name, wish.place(request_of(name), earlier))
    return Attempt(number, name, description, outcome, tuple(earlier))


def require_retryable(kind: Kind, name: str, found: Mapping[str, Any], verdict: Verdict, *, retry_failed: bool) -> None:
    """Raise JobFailed or JobStopped when only a person may ask for another attempt, so that no schedule pays for ever."""
    if verdict is Verdict.FAILED and not retry_failed:
        told = tell(reason_of(found, verdict), found.get(LAST_LINES, ()))
        raise JobFailed(kind.title, name, told.cause, told.action, told.lines)
    if verdict is Verdict.STOPPED and not retry_failed:
        action = "run with retry_failed to start it again"
        raise JobStopped(kind.title, name, reason_of(found, verdict), action, found.get(LAST_LINES, ()))


def out_of_attempts(kind: Kind, name: str, found: Mapping[str, Any], verdict: Verdict, wasted: int) -> OutOfAttempts:
    cause = f"the last of {wasted} attempts: {reason_of(found, verdict)}"
    action = "run with retry_failed once AWS is well again, or where it lacks capacity with other fallback_instance_types"
    return OutOfAttempts(kind.title, name, cause, action, found.get(LAST_LINES, ()))


def reason_of(found: Mapping[str, Any], verdict: Verdict) -> str:
    return str(found.get("FailureReason") or f"{verdict.value} ({found.get('SecondaryStatus', 'no more is known')})")


def require_same(kind: Kind, name: str, request: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Raise SpecDiffers, which names each field that the description and the request do not share."""
    differing = differences(kind.covered, request, found, kind.described())
    if differing:
        cause = "; ".join(map(str, differing))
        raise SpecDiffers(kind.title, name, cause, "delete it or choose another project name; it was not made by this project")


def contains(found: Any, wanted: Any) -> bool:
    """Whether the description has every requested value; AWS may add defaults."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(contains(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(contains, found, wanted))
    return bool(found == wanted)
