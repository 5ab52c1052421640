"""Which errors are what: gone, taken, passing; and what a person reads."""

import pickle

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from pedigree.aws.errors import InvalidInput, JobFailed, OutOfAttempts, PedigreeError, is_missing, is_throttled, may_pass


def aws(code: str, message: str = "", status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"RequestId": "", "HostId": "", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0},
        },
        "Call",
    )


@pytest.mark.parametrize(
    "error",
    [
        aws("ValidationException", 'Could not find model "arn:..."'),
        aws("ValidationException", "Requested resource not found."),
        aws("ResourceNotFoundException"),
        aws("ProvisionedConcurrencyConfigNotFoundException"),
        aws("InvalidGroup.NotFound"),
        aws("404"),
        aws("NoSuchKey"),
        aws("ValidationError", "Stack with id pedigree does not exist"),
    ],
)
def test_what_is_missing(error: ClientError) -> None:
    assert is_missing(error)


@pytest.mark.parametrize(
    "error",
    [aws("ResourceInUse"), aws("ResourceConflictException"), aws("ValidationException", "Cannot create already existing endpoint")],
)
def test_what_is_there_already_is_not_missing(error: ClientError) -> None:
    assert not is_missing(error)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (aws("ThrottlingException"), True),
        (aws("Whatever", status=503), True),
        (EndpointConnectionError(endpoint_url="x"), True),
        (ReadTimeoutError(endpoint_url="x"), True),
        (OutOfAttempts("a", "b", "c", "d"), False),
        (aws("ValidationException"), False),
        (aws("AccessDeniedException"), False),
        (JobFailed("a", "b", "c", "d"), False),
        (KeyError("x"), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error: BaseException, *, passes: bool) -> None:
    assert may_pass(error) is passes


def test_an_error_says_what_where_why_and_what_to_do() -> None:
    error = InvalidInput("dataset", "here.zip", "it is empty", "fill it")
    assert str(error) == "dataset: here.zip: it is empty\nWhat to do: fill it"
    assert isinstance(error, ValueError)


def test_the_lines_of_a_job_come_after_the_cause_and_the_action() -> None:
    error = pickle.loads(pickle.dumps(JobFailed("training job", "job", "no memory", "buy some", ["epoch=1", "Killed"])))
    assert str(error) == "training job: job: no memory\nWhat to do: buy some\nIts last lines:\nepoch=1\nKilled"


def test_an_error_about_a_file_whose_name_is_not_utf_8_can_be_sent() -> None:
    assert str(InvalidInput("dataset", "a\udcff.jpg", "c", "d")).encode() == b"dataset: a?.jpg: c\nWhat to do: d"


def test_errors_survive_pickling_as_prefect_does_it() -> None:
    error = pickle.loads(pickle.dumps(JobFailed("a", "b", "c", "d")))
    assert isinstance(error, PedigreeError)
    assert (error.step, error.action) == ("a", "d")


def test_what_is_throttled() -> None:
    """By AWS's codes, by the status, or by the container behind an endpoint."""
    container = aws("ModelError", status=424)
    container.response["OriginalStatusCode"] = 429  # type: ignore[typeddict-unknown-key]
    for error in (aws("ThrottlingException"), aws("TooManyRequestsException", status=429), aws("Whatever", status=429), container):
        assert is_throttled(error)
    assert not is_throttled(aws("ModelError", status=424))
    assert not is_throttled(aws("ServiceUnavailable", status=503))
