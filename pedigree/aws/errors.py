"""Everything that can go wrong, as one small tree.

PedigreeError
+-- InvalidInput          a person's mistake, found before anything was created
+-- QuotaTooLow           the account may not have as many instances as the run needs
+-- SpecDiffers           the name is taken by something else
+-- JobFailed             a training job ended without a model, by its own fault
+-- JobStopped            a training job was stopped, or ran out of time
+-- OutOfAttempts         AWS failed the job or lost its artifact, or the run lost its process, too many times
+-- BudgetExceeded        it would cost more than was allowed
+-- TimedOut              it did not end within the time we give it
+-- Throttled             it was too busy to answer within the time we give it, which proves nothing
+-- GivenUp               nobody waits for it any more
+-- GateRefused           the model is not good enough
+-- DeploymentFailed      the endpoint does not serve what was wanted
+-- SmokeTestFailed       the front door gives wrong answers
+-- AwsFailed             AWS does not do what it was asked, after all retries
    +-- AwsDenied         these credentials may not do it
    +-- SignInNeeded      the credentials have expired, or there are none
    +-- AwsThrottled      too many requests
    +-- AwsUnavailable    an error of AWS's own, no capacity, or no connection
"""

from collections.abc import Iterable, Sequence

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionLost

from pedigree.text import printable

TOO_MANY_REQUESTS = 429  # HTTP status
THROTTLED_CODES = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "EC2ThrottledException",
        "503",  # SlowDown of S3 to a HEAD, whose answer has no body
    }
)
UNAVAILABLE_CODES = frozenset(
    {
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "InternalFailure",
        "InternalServerError",
        "InternalError",
        "ServiceException",
        "RequestTimeout",
        "CapacityError",
        "InsufficientInstanceCapacity",
    }
)


class PedigreeError(Exception):
    """An error with the step, the resource, the cause, and the next action of a person; `lines` are the last lines of a job's log."""

    def __init__(self, step: str, resource: str, cause: str, action: str, lines: Sequence[str] = ()) -> None:
        text = [f"{step}: {resource}: {cause}", f"What to do: {action}", *(["Its last lines:", *lines] if lines else [])]
        super().__init__(printable("\n".join(text)))
        self.step, self.resource, self.cause, self.action, self.lines = step, resource, cause, action, tuple(lines)

    def __reduce__(self) -> tuple[type, tuple[str, str, str, str, tuple[str, ...]]]:
        return type(self), (self.step, self.resource, self.cause, self.action, self.lines)


class InvalidInput(PedigreeError, ValueError): ...


class QuotaTooLow(PedigreeError): ...


class SpecDiffers(PedigreeError): ...


class JobFailed(PedigreeError): ...


class JobStopped(PedigreeError): ...


class OutOfAttempts(PedigreeError): ...


class BudgetExceeded(PedigreeError): ...


class TimedOut(PedigreeError): ...


class Throttled(PedigreeError): ...


class GivenUp(PedigreeError): ...


class GateRefused(PedigreeError): ...


class DeploymentFailed(PedigreeError): ...


class SmokeTestFailed(PedigreeError): ...


class AwsFailed(PedigreeError): ...


class AwsDenied(AwsFailed): ...


class SignInNeeded(AwsFailed): ...


class AwsThrottled(AwsFailed): ...


class AwsUnavailable(AwsFailed): ...


ANY_AWS_ERROR = (ClientError, BotoCoreError, AwsFailed)


def code_of(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def status_of(error: ClientError) -> int:
    """The HTTP status of the answer; 0 where it is not known."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_missing(error: ClientError, words: Iterable[str] = ("could not find", "not found", "does not exist", "cannot find")) -> bool:
    """Whether the resource does not exist: AWS says so by a code, or in the words of a ValidationException."""
    code, message = code_of(error), str(error.response["Error"].get("Message", "")).lower()
    by_words = code in ("ValidationException", "ValidationError") and any(word in message for word in words)
    return by_words or code.endswith(("NotFound", "NotFoundException")) or code in ("404", "NoSuchKey")


def is_throttled(error: BaseException) -> bool:
    """Whether AWS, or the container behind an endpoint, has too many requests now: asked later it answers."""
    if not isinstance(error, ClientError):
        return isinstance(error, AwsThrottled)
    behind: object = error.response.get("OriginalStatusCode")
    return code_of(error) in THROTTLED_CODES or TOO_MANY_REQUESTS in (status_of(error), behind)


def may_pass(error: BaseException) -> bool:
    """Whether trying again can help: throttling, capacity, 5xx and lost connections, never a person's mistake."""
    if isinstance(error, ClientError):
        return code_of(error) in THROTTLED_CODES | UNAVAILABLE_CODES or status_of(error) >= 500
    return isinstance(error, ConnectionLost | HTTPClientError | AwsThrottled | AwsUnavailable)
