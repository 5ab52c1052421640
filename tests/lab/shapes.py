"""Inputs of AWS operations for hypothesis: those that botocore's input shape allows, and those in which one thing is wrong."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.model import Shape
from hypothesis import strategies as st

from local_aws.validation.constraints import compiled, constraints

PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
DEEPEST, MOST_OPTIONAL, MOST_ITEMS, LONGEST = 5, 3, 3, 40
CLASSES = {  # Java's classes of characters, as Python's `re` writes them
    "L": "a-zA-Z",
    "N": "0-9",
    "Z": " ",
    "S": "+",
    "P": ".",
    "M": "",
    "ASCII": " -~",
    "Alnum": "a-zA-Z0-9",
    "Print": " -~",
}
UNSENT = ("ContentLength",)  # a wrong one makes the server wait for a body that never comes
KNOWN: dict[str, Any] = {}  # member -> a value of something that exists


def valid(shape: Shape) -> st.SearchStrategy[Any]:
    """Parameters that the shape allows: every required member, and some of the others."""
    return value_of(shape, "", 0)


def value_of(shape: Any, member: str, depth: int) -> st.SearchStrategy[Any]:
    strategy = MADE.get(shape.type_name, text)(shape, member, depth)
    known = KNOWN.get(member)
    fits = known is not None and shape.type_name in ("string", "blob") and all(rule.holds(known) for rule in constraints(shape))
    return st.one_of(st.just(known), strategy) if fits else strategy


@st.composite
def structure(draw: st.DrawFn, shape: Any, _member: str, depth: int) -> dict[str, Any]:
    if getattr(shape, "is_document_type", False):
        return {}
    others = [name for name in shape.members if name not in (*shape.required_members, *UNSENT)]
    if getattr(shape, "is_tagged_union", False):
        chosen = [draw(st.sampled_from(others))]
    else:
        most = MOST_OPTIONAL if depth < DEEPEST else 0
        chosen = draw(st.lists(st.sampled_from(others), max_size=most, unique=True)) if others else []
    return {name: draw(value_of(shape.members[name], name, depth + 1)) for name in (*shape.required_members, *chosen)}


def items(shape: Any, member: str, depth: int) -> st.SearchStrategy[Any]:
    least = shape.metadata.get("min", 0)
    most = max(least, min(shape.metadata.get("max", MOST_ITEMS), MOST_ITEMS if depth < DEEPEST else 0))
    return st.lists(value_of(shape.member, member, depth + 1), min_size=least, max_size=most)


def mapping(shape: Any, member: str, depth: int) -> st.SearchStrategy[Any]:
    least = shape.metadata.get("min", 0)
    most = max(least, min(shape.metadata.get("max", 2), 2))
    return st.dictionaries(value_of(shape.key, "", depth), value_of(shape.value, member, depth + 1), min_size=least, max_size=most)


def whole_number(shape: Any, _member: str, _depth: int) -> st.SearchStrategy[Any]:
    least = int(shape.metadata.get("min", 0))
    return st.integers(least, int(min(shape.metadata.get("max", least + 1000), 2**31 - 1)))


def decimal(shape: Any, _member: str, _depth: int) -> st.SearchStrategy[Any]:
    least = float(shape.metadata.get("min", 0))
    return st.floats(least, float(shape.metadata.get("max", least + 1000)))


def blob(shape: Any, _member: str, _depth: int) -> st.SearchStrategy[Any]:
    return st.binary(min_size=shape.metadata.get("min", 1), max_size=min(shape.metadata.get("max", LONGEST), LONGEST))


def text(shape: Any, _member: str, _depth: int) -> st.SearchStrategy[Any]:
    names, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if names:
        return st.sampled_from(names)
    least = shape.metadata.get("min", 0)
    most = max(least, min(shape.metadata.get("max", LONGEST), LONGEST))
    if pattern is None:
        return st.text(PRINTABLE, min_size=least, max_size=most)
    return matching(pattern, least, shape.metadata.get("max", 10_000))


@cache
def matching(pattern: str, least: int, most: int) -> st.SearchStrategy[str]:
    """Texts that match a pattern of the models as a whole."""
    written = re.sub(r"\\p\{(\w+)\}", lambda name: CLASSES.get(name[1], ""), compiled(pattern).pattern).replace(r"\z", r"\Z")
    written = re.sub(r"\\u0020-\\uD7FF\\uE000-\\uFFFD\\U00010000-\\U0010FFFF", " -~", written)  # a class that takes hypothesis seconds
    written = re.sub(r"\\w-(?=.)", r"\\w\\-", written)
    written = re.sub(r"\$\{\d+,\d+\}", "", written)  # the end of a text, many times
    matches = compiled(pattern).fullmatch
    return st.from_regex(written, fullmatch=True, alphabet=PRINTABLE).filter(lambda value: least <= len(value) <= most and matches(value))


MADE: Mapping[str, Callable[[Any, str, int], st.SearchStrategy[Any]]] = {
    "structure": structure,
    "list": items,
    "map": mapping,
    "integer": whole_number,
    "long": whole_number,
    "float": decimal,
    "double": decimal,
    "boolean": lambda *_: st.booleans(),
    "timestamp": lambda *_: st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    "blob": blob,
}


@dataclass(frozen=True)
class Break:
    """One way to break an input: at the end of `path` (names and numbers) stands `value` instead, or nothing where it is ABSENT."""

    path: tuple[Any, ...]
    value: Any
    kind: str

    def apply(self, parameters: Any) -> Any:
        if not self.path:
            return self.value
        first, rest = self.path[0], Break(self.path[1:], self.value, self.kind)
        copy = dict(parameters) if isinstance(parameters, dict) else list(parameters)
        if not rest.path and self.value is ABSENT:
            del copy[first]
        else:
            copy[first] = rest.apply(copy[first])
        return copy


ABSENT = object()


@st.composite
def broken(draw: st.DrawFn, shape: Shape) -> tuple[dict[str, Any], str]:
    """Parameters with one thing wrong, and which kind of thing; the kind is "" where an operation takes nothing that can be wrong."""
    parameters = draw(valid(shape))
    ways = list(breaks(shape, parameters, ()))
    if not ways:
        return parameters, ""
    way = draw(st.sampled_from(ways))
    return way.apply(parameters), way.kind


def breaks(shape: Any, value: Any, path: tuple[Any, ...]) -> Iterator[Break]:
    """Every way to break a value that the shape allows."""
    if shape.type_name == "structure":
        required = (name for name in shape.required_members if not shape.members[name].serialization.get("location"))
        yield from (Break((*path, name), ABSENT, "required") for name in required if name in value)
        for name, inner in value.items():
            yield from breaks(shape.members[name], inner, (*path, name))
    elif shape.type_name == "list":
        for number, inner in enumerate(value):
            yield from breaks(shape.member, inner, (*path, number))
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield from breaks(shape.value, inner, (*path, key))
    else:
        ways = ((rule, wrong) for rule in constraints(shape) for wrong in wrongs(rule.limit, rule.kind, value) if not rule.holds(wrong))
        in_path = shape.serialization.get("location") == "uri"  # an empty part would make it another request
        yield from (Break(path, wrong, rule.kind) for rule, wrong in ways if wrong or not in_path)


def wrongs(limit: Any, kind: str, value: Any) -> Iterator[Any]:
    """Values beside `value` that break a limit."""
    if kind == "range":
        yield from (limit - 1, limit + 1)
    elif kind == "enum":
        yield "no-such-value"
    elif kind == "pattern":
        yield f"{value}\x7f{{}}"
    elif kind == "length" and limit < 10_000:
        filler = value[:1].strip() or ("x" if isinstance(value, str) else b"x")
        yield from (filler * (limit + 1), filler * max(0, limit - 1))
