"""The concurrency that the account has left for a reservation: Lambda keeps a part of it for the functions without one."""

import logging
from dataclasses import dataclass

from botocore.exceptions import ClientError

from pedigree.aws.clients import LambdaClient
from pedigree.aws.errors import QuotaTooLow, code_of
from pedigree.aws.quotas import increase
from pedigree.function.concurrency import reserved_of
from pedigree.settings import Function
from pedigree.values import Account

LOG = logging.getLogger(__name__)
UNRESERVED = 100  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
CODE = "L-B99A9384"  # "Concurrent executions" of Lambda, the same in every account
USUAL = 1000  # the quota of an account that has been used for a while


@dataclass(frozen=True)
class Reserve:
    """The account's quota, the part of it that one function may reserve or is left unreserved, and what that function has reserved."""

    quota: int
    free: int
    held: int

    def needed(self, reserved: int) -> int:
        """The free concurrency that a reservation needs; one that does not grow needs none."""
        return reserved + UNRESERVED if reserved > self.held else 0

    def enough(self, reserved: int) -> int:
        """The quota to ask for."""
        return max(USUAL, self.quota + self.needed(reserved) - self.free)


def read_reserve(aws_lambda: LambdaClient, name: str) -> Reserve:
    """The reserve for the function of this name; there need not be such a function."""
    limits = aws_lambda.get_account_settings()["AccountLimit"]
    try:
        held = reserved_of(aws_lambda, name) or 0
    except aws_lambda.exceptions.ResourceNotFoundException:
        held = 0
    return Reserve(limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"] + held, held)


def require_concurrency(aws_lambda: LambdaClient, name: str, function: Function, account: Account) -> None:
    """Raise QuotaTooLow when AWS would refuse the reserved concurrency of the function, which it does after the model is live.

    A bootstrap stack from before this was asked does not allow the question: a warning says so.
    """
    try:
        reserve = read_reserve(aws_lambda, name)
    except ClientError as error:
        if code_of(error) != "AccessDeniedException":
            raise
        LOG.warning("The concurrency of the account is not checked: deploy the bootstrap stack again, which allows to read it")
        return
    needed = reserve.needed(function.reserved_concurrency)
    if reserve.free >= needed:
        return
    cause = (
        f"reserved_concurrency {function.reserved_concurrency} needs {needed} unreserved concurrent executions,"
        f" of which Lambda keeps {UNRESERVED}, and {reserve.free} of {reserve.quota} are"
    )
    command = increase("lambda", CODE, reserve.enough(function.reserved_concurrency), f"--region {account.region}")
    raise QuotaTooLow("plan", name, cause, f"lower function.reserved_concurrency, or request more; nothing was created:\n{command}")
