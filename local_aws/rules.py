"""The rules of AWS that the service models do not say: each is declared where it is kept, and docs/local-aws.md lists them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True)
class Rule:
    """A rule of AWS: the calls, what AWS does, the page that says so, and the name of the function that keeps it here."""

    calls: str
    says: str
    page: str
    kept_by: str


RULES: list[Rule] = []


def rule(calls: str, says: str, page: str) -> Callable[[F], F]:
    """Declare that a function keeps a rule of AWS; a test of the same name, `test_<function>`, shows it."""

    def declare(function: F) -> F:
        RULES.append(Rule(calls, says, page, function.__name__))
        return function

    return declare
