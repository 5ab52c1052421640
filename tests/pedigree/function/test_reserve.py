"""The concurrency that is left for a reservation, and a role that may not ask for it."""

import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pedigree.aws.errors import QuotaTooLow
from pedigree.function.reserve import read_reserve, require_concurrency
from pedigree.settings import Function
from pedigree.values import Account

ACCOUNT = Account("block", "dogs", "us-east-1", "bucket", "arn", "arn", "arn", "arn")


class NotFound(Exception): ...


class Exceptions:
    ResourceNotFoundException = NotFound


class Lambda:
    """An account with one function, or none where nothing is held."""

    exceptions = Exceptions()

    def __init__(self, quota: int, unreserved: int, held: int | None = None, refusal: str = "") -> None:
        self.limits = {"ConcurrentExecutions": quota, "UnreservedConcurrentExecutions": unreserved}
        self.held, self.refusal = held, refusal

    def get_account_settings(self) -> dict[str, Any]:
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal, "Message": "no"}}, "GetAccountSettings")
        return {"AccountLimit": self.limits}

    def get_function_concurrency(self, **_: str) -> dict[str, int]:
        if self.held is None:
            raise NotFound
        return {"ReservedConcurrentExecutions": self.held} if self.held else {}


def ask(account: Any, reserved: int = 5) -> None:
    require_concurrency(account, "dogs", Function(reserved_concurrency=reserved, provisioned_concurrency=0), ACCOUNT)


@pytest.mark.parametrize("account", [Lambda(1000, 105), Lambda(1000, 100, held=5), Lambda(1000, 102, held=3), Lambda(10, 5, held=5)])
def test_a_reservation_that_leaves_enough_or_does_not_grow(account: Lambda) -> None:
    ask(account)


@pytest.mark.parametrize(
    ("account", "enough"),
    [(Lambda(10, 10), 1000), (Lambda(1000, 104), 1001), (Lambda(2000, 100, held=4), 2001), (Lambda(500, 0, held=0), 1000)],
)
def test_a_reservation_that_leaves_too_little(account: Lambda, enough: int) -> None:
    with pytest.raises(QuotaTooLow, match=f"lower function.reserved_concurrency(.|\n)*--desired-value {enough} --region us-east-1"):
        ask(account)


def test_what_the_function_holds_is_free_for_it() -> None:
    aws_lambda: Any = Lambda(1000, 300, held=40)
    reserve = read_reserve(aws_lambda, "dogs")
    assert (reserve.free, reserve.needed(40), reserve.needed(41)) == (340, 0, 141)


def test_a_role_that_may_not_ask_is_told_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        ask(Lambda(10, 10, refusal="AccessDeniedException"))
    assert "deploy the bootstrap stack again" in caplog.text
    with pytest.raises(ClientError):
        ask(Lambda(10, 10, refusal="ServiceException"))
