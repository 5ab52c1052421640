"""The constraints of botocore's shapes on one value, with the words of AWS for each."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import regex

Shape = Any  # of botocore, whose stubs know no members of its kinds
Kind = Literal["required", "type", "length", "range", "enum", "pattern", "items"]
MEASURED = ("string", "blob", "list", "map")
NUMBERS = ("integer", "long", "float", "double")
SURROGATES = re.compile(r"\\u(D[89AB][0-9A-F]{2})\\u(D[C-F][0-9A-F]{2})", re.IGNORECASE)


@dataclass(frozen=True)
class Constraint:
    """A condition on a value; `text` says in AWS's words that the value does not meet it, `limit` is what the shape says."""

    kind: Kind
    text: str
    limit: Any = None
    holds: Callable[[Any], bool] = bool


REQUIRED = Constraint("required", "Member must not be null")


def constraints(shape: Shape) -> list[Constraint]:
    """The constraints of a shape, in the order in which AWS lists them."""
    return [*bounds(shape), *texts(shape)]


def bounds(shape: Shape) -> Iterator[Constraint]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name not in (*MEASURED, *NUMBERS):
        return
    measured = shape.type_name in MEASURED
    kind: Kind = "length" if measured else "range"
    noun, size = ("length", len) if measured else ("value", float)
    if most is not None:
        yield Constraint(kind, f"Member must have {noun} less than or equal to {most}", most, lambda value: size(value) <= most)
    if least is not None:
        yield Constraint(kind, f"Member must have {noun} greater than or equal to {least}", least, lambda value: size(value) >= least)


def texts(shape: Shape) -> Iterator[Constraint]:
    pattern, names = shape.metadata.get("pattern"), shape.metadata.get("enum")
    if shape.type_name != "string":
        return
    if names:
        known = frozenset(names)
        yield Constraint("enum", f"Member must satisfy enum value set: [{', '.join(names)}]", names, known.__contains__)
    elif pattern is not None:
        matches = compiled(pattern).fullmatch
        yield Constraint(
            "pattern", f"Member must satisfy regular expression pattern: {pattern}", pattern, lambda value: matches(value) is not None
        )


@cache
def compiled(pattern: str) -> "regex.Pattern[str]":
    r"""A pattern of a service model, which AWS compiles with Java and matches with the whole value; regex.error when Python cannot.

    Java's `\w` and `\d` are ASCII; `\p{L}` is not, and `regex.ASCII` would make it so. Java writes a character beyond U+FFFF as two.
    """
    import regex  # loads slowly, and a start checks no request

    return regex.compile(SURROGATES.sub(joined, pattern), regex.UNICODE if r"\p" in pattern.lower() else regex.ASCII)


def joined(pair: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in pair.groups())
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"
