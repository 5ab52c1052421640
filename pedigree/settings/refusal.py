"""Refused settings in words: the field, its value, and what it must be."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pedigree.text import plural

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MOST_SHOWN = 60  # characters of a value
KINDS = {  # what a value must be, by pydantic's types of errors
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("tuple_type", "list_type"), "a list in square brackets"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "a group of fields in braces"),
    "string_type": "a text",
    "finite_number": "a finite number",
    "literal_error": "{expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
}
LENGTHS = {
    **dict.fromkeys(("too_long", "string_too_long"), "at most {max_length}"),
    **dict.fromkeys(("too_short", "string_too_short"), "at least {min_length}"),
}


def told(error: ValidationError) -> str:
    """One line for each refused field; a rule of our own keeps its sentence."""
    return "\n".join(sentence(each) for each in error.errors(include_url=False))


def sentence(error: "ErrorDetails") -> str:
    kind, value, field = error["type"], error["input"], ".".join(map(str, error["loc"]))
    context = limits(error.get("ctx", {}))
    if kind == "missing":
        return f"{field} is missing"
    if kind == "value_error":
        return f"{field}: {context['error']}" if field else context["error"]
    if kind in LENGTHS:
        size = plural(len(value), "character" if isinstance(value, str) else "item")
        return f"{field} has {size}, and must have {LENGTHS[kind].format(**context)}: {shown(value)}"
    return f"{field} is {shown(value)}: it must be {KINDS[kind].format(**context)}" if kind in KINDS else f"{field}: {error['msg']}"


def limits(context: Mapping[str, Any]) -> dict[str, str]:
    """The numbers of an error as people write them: 1 for 1.0, and 16,384."""
    return {name: f"{value:,.15g}" if isinstance(value, int | float) else str(value) for name, value in context.items()}


def shown(value: object) -> str:
    text = "empty" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
