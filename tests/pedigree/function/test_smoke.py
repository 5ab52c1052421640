"""A front door that refuses is as wrong as one that answers wrong; one that is too busy is asked again."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pedigree.artifact.golden import Golden, GoldenImage
from pedigree.aws.errors import AwsDenied, SmokeTestFailed, Throttled
from pedigree.function import canary, smoke
from pedigree.values import Account, FunctionVersion, ModelVersion

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")
FUNCTION = FunctionVersion("pets", "k", "1", "live", 5, 3, "created")
VERSION = ModelVersion("arn:package/1", "k", "s3://bucket/model.tar.gz", "created")


class Refusing:
    def invoke(self, **_request: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, "Invoke")


THROTTLE = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}}, "Invoke")
BUSY = {"statusCode": 429, "body": json.dumps({"error": {"type": "Throttled", "message": "The model is busy. Try again."}})}
RIGHT = {"statusCode": 200, "body": "[[1.0, 0.0]]"}
GOLDEN = Golden(["a", "b"], 0.1, [GoldenImage("0.jpg", "a", b"", [1.0, 0.0])])


class FrontDoor:
    """A Lambda whose version 1 gives these answers, one after the other, and the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    def invoke(self, **_request: Any) -> dict[str, Any]:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"ExecutedVersion": "1", "Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Asks again at once, and gives up after a moment."""
    monkeypatch.setattr("pedigree.aws.waiting.FIRST_DELAY", 0.001)
    monkeypatch.setattr(smoke, "BUSY_SECONDS", 0.02)
    monkeypatch.setattr(smoke, "read_golden", lambda *_: GOLDEN)
    return monkeypatch


def test_a_door_that_is_too_busy_is_asked_again(quickly: pytest.MonkeyPatch) -> None:
    door = FrontDoor(THROTTLE, BUSY, THROTTLE, RIGHT)
    quickly.setattr(smoke, "client", lambda *_: door)
    assert [answer["predicted"] for answer in smoke.smoke_test(ACCOUNT, FUNCTION, VERSION).predictions] == ["a"]
    assert door.asked == 4


@pytest.mark.parametrize("answer", [THROTTLE, BUSY], ids=["by AWS", "by the function for its endpoint"])
def test_a_door_that_stays_too_busy_has_not_failed_the_test(quickly: pytest.MonkeyPatch, answer: Any) -> None:
    door: Any = FrontDoor(answer)
    quickly.setattr(smoke, "client", lambda *_: door)
    with pytest.raises(Throttled, match=r"pets:live: throttled for .* neither proven nor refuted"):
        smoke.smoke_test(ACCOUNT, FUNCTION, VERSION)
    with pytest.raises(Throttled):
        canary.wrong_answers(door, "pets", "1", GOLDEN, through="1")


def test_a_canary_that_is_too_busy_at_first_is_judged_by_its_answer(quickly: pytest.MonkeyPatch) -> None:
    wrong: Any = FrontDoor(THROTTLE, BUSY, {"statusCode": 200, "body": "[[9.0, 0.0]]"})
    (problem,) = canary.wrong_answers(wrong, "pets", "1", GOLDEN, through="1")
    assert "largest logit difference" in problem


def test_a_refused_call_fails_the_test_so_that_the_run_is_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "client", lambda *_: Refusing())
    monkeypatch.setattr(smoke, "read_golden", lambda *_: GOLDEN)
    with pytest.raises(SmokeTestFailed, match=r"0\.jpg: .*AccessDeniedException"):
        smoke.smoke_test(ACCOUNT, FUNCTION, VERSION)


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "Invoke")  # type: ignore[typeddict-item]


def test_a_canary_that_aws_refuses_to_ask_is_not_proven(quickly: pytest.MonkeyPatch) -> None:
    door: Any = FrontDoor(refused("InvalidRuntimeException"))
    for through in ("1", "live"):
        assert canary.wrong_answers(door, "pets", "1", GOLDEN, through=through) == ["0.jpg: InvalidRuntimeException: no"]
    door = FrontDoor(AwsDenied("Invoke", "pets", "AccessDeniedException: no", "make bootstrap"))
    with pytest.raises(AwsDenied):
        canary.wrong_answers(door, "pets", "1", GOLDEN, through="1")
    door = FrontDoor({"statusCode": 500})
    assert canary.wrong_answers(door, "pets", "2", GOLDEN, through="live") == [], "version 1 answered"
