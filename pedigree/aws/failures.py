"""Every error of AWS that lasts, as an error of ours: the class tells what a person can do about it.

The clients raise these errors themselves, after botocore's own retries, so that every caller gets them: flows, notebooks, threads.
An answer about the resource, such as missing or taken, stays a ClientError, because the caller knows what it means.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as ConnectionLost

from pedigree.aws.errors import (
    THROTTLED_CODES,
    UNAVAILABLE_CODES,
    AwsDenied,
    AwsFailed,
    AwsThrottled,
    AwsUnavailable,
    SignInNeeded,
    code_of,
    status_of,
)

DENIED_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AuthorizationError",
        "AuthorizationErrorException",
        "403",
        "Forbidden",
    }
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html
SIGN_IN_CODES = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "400",  # ExpiredToken of S3 to a HEAD, whose answer has no body
    }
)
NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, SSOError, TokenRetrievalError)
# AWS's words about every denied call: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
DENIAL = re.compile(r"User: (?P<who>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)")
NAMES = re.compile(r"(Name|NameContains|Id|Ids|Arn)$")
HEALTH = "https://health.aws.amazon.com/health/status"
AGAIN = "then run again: it continues where it stopped"


def raise_ours(made: Any, credentials: str) -> Any:
    """Let this boto3 client of these credentials raise an AwsFailed for each error that lasts."""
    events = made.meta.events
    events.register("provide-client-params", note_resource)
    events.register("after-call", partial(raise_refusal, credentials=credentials))
    events.register("after-call-error", partial(raise_lost_call, credentials=credentials))
    return made


def note_resource(params: dict[str, Any], context: dict[str, Any], model: Any, **_event: Any) -> None:
    context["pedigree"] = (model.name, resource_of(params))


def raise_refusal(http_response: Any, parsed: Any, context: dict[str, Any], *, credentials: str, **_event: Any) -> None:
    if http_response.status_code >= 300 and "Error" in parsed:
        raise_if_ours(ClientError(parsed, context["pedigree"][0]), context, credentials)


def raise_lost_call(exception: BaseException, context: dict[str, Any], *, credentials: str, **_event: Any) -> None:
    raise_if_ours(exception, context, credentials)


def raise_if_ours(error: BaseException, context: dict[str, Any], credentials: str) -> None:
    kind = kind_of(error)
    if kind is not None:
        operation, resource = context["pedigree"]
        raise kind(operation, resource, words_of(error), ACTIONS[kind](error, operation, credentials)) from error


def resource_of(params: dict[str, Any]) -> str:
    """The resource that a request names, by the first of its parameters that is a name; a request for a list may have none."""
    if bucket := params.get("Bucket"):
        return f"s3://{bucket}/{params.get('Key', params.get('Prefix', ''))}"
    named = (value for name, value in params.items() if NAMES.search(name))
    found = next(named, "the account")
    return ", ".join(map(str, found)) if isinstance(found, list | tuple) else str(found)


def kind_of(error: BaseException) -> type[AwsFailed] | None:
    """The class of an error that lasts; None for an answer about the resource, and for any other error."""
    if isinstance(error, ClientError):
        return kind_of_answer(code_of(error), status_of(error))
    if isinstance(error, NO_CREDENTIALS):
        return SignInNeeded
    return AwsUnavailable if isinstance(error, ConnectionLost | HTTPClientError) else None


def kind_of_answer(code: str, status: int) -> type[AwsFailed] | None:
    codes = {SignInNeeded: SIGN_IN_CODES, AwsDenied: DENIED_CODES, AwsThrottled: THROTTLED_CODES, AwsUnavailable: UNAVAILABLE_CODES}
    by_status = AwsThrottled if status == 429 else AwsUnavailable if status >= 500 else None
    return next((kind for kind, known in codes.items() if code in known), by_status)


def words_of(error: BaseException) -> str:
    """The code and the message, in AWS's words."""
    if isinstance(error, AwsFailed):
        return error.cause
    if not isinstance(error, ClientError):
        return f"{type(error).__name__}: {error}"
    return f"{code_of(error)}: {error.response['Error'].get('Message') or 'AWS gives no reason'}"


def after_denial(error: BaseException, operation: str, credentials: str) -> str:
    found = DENIAL.search(str(error))
    who = found["who"].partition("assumed-role/")[2].partition("/")[0] or found["who"] if found else ""
    whose = f"role {who}" if who else f"the role of the credentials {credentials}"
    wanted = found["action"] if found else operation
    return (
        f"{whose} needs the right to {wanted}: deploy deployments/bootstrap.yaml again (`make bootstrap`), or name credentials that have it"
    )


def after_expiry(_error: BaseException, _operation: str, credentials: str) -> str:
    return f"sign in again (`aws sso login`), or renew the keys of the credentials {credentials}; {AGAIN}"


def after_throttling(_error: BaseException, operation: str, _credentials: str) -> str:
    return f"wait some minutes, {AGAIN}; if it comes back, ask for a higher quota of {operation} in the Service Quotas console"


def after_outage(error: BaseException, _operation: str, _credentials: str) -> str:
    if isinstance(error, ClientError):
        return f"look at {HEALTH}, {AGAIN}"
    return f"check the network of this machine, on a laptop start the stack (`make up`), look at {HEALTH}; {AGAIN}"


ACTIONS: dict[type[AwsFailed], Callable[[BaseException, str, str], str]] = {
    SignInNeeded: after_expiry,
    AwsDenied: after_denial,
    AwsThrottled: after_throttling,
    AwsUnavailable: after_outage,
}


@contextmanager
def errors_told(step: str, resource: str) -> Iterator[None]:
    """Raise each error of AWS from the body as one of this step and resource."""
    try:
        yield
    except Exception as error:  # `told` gives back what is no error of AWS
        ours = told(error, step, resource)
        if ours is error:
            raise
        raise ours from error


def told(error: Exception, step: str, resource: str) -> Exception:
    """The error of AWS as one of this step and resource; any other error unchanged."""
    if isinstance(error, AwsFailed):
        return type(error)(step, resource or error.resource, f"{error.step} {error.resource}: {error.cause}", error.action)
    if not isinstance(error, ClientError | BotoCoreError):
        return error
    kind = kind_of(error)
    operation = error.operation_name if isinstance(error, ClientError) else "a call"
    action = (
        ACTIONS[kind](error, operation, "of this run") if kind else f"correct what AWS names, or raise the limit that it names; {AGAIN}"
    )
    return (kind or AwsFailed)(step, resource, f"{operation}: {words_of(error)}", action)
