"""IAM's pattern matching: `*` and `?`, and `${policy:variables}`, whose values match literally."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

Context = Mapping[str, Sequence[str]]  # condition key in lower case -> its values in this request

VARIABLE = re.compile(r"\$\{([^},]+)(?:,\s*'([^']*)')?\}")
ESCAPES = {"*": "*", "?": "?", "$": "$"}  # ${*} is a star that matches only a star


class UnknownError(Exception):
    """A condition that cannot be decided; the caller must fail closed."""


def matches(pattern: str, value: str, context: Context | None = None, *, ignore_case: bool = False) -> bool:
    """Whether a pattern of a policy matches; without a context variables stay as they are. UnknownError: a variable has no value."""
    expression = "".join(expression_parts(pattern, context))
    return compiled(expression, ignore_case).fullmatch(value) is not None


def expression_parts(pattern: str, context: Context | None) -> list[str]:
    if context is None or "${" not in pattern:
        return [wildcards(pattern)]
    parts, end = [], 0
    for variable in VARIABLE.finditer(pattern):
        parts += [wildcards(pattern[end : variable.start()]), re.escape(value_of(variable, context))]
        end = variable.end()
    return [*parts, wildcards(pattern[end:])]


def substitute(text: str, context: Context) -> str:
    """Replace the variables in the text, for operators without wildcards."""
    return VARIABLE.sub(lambda variable: value_of(variable, context), text)


def value_of(variable: re.Match[str], context: Context) -> str:
    name, default = variable[1].strip(), variable[2]
    if name in ESCAPES:
        return ESCAPES[name]
    values = context.get(name.lower(), ())
    if len(values) == 1:
        return values[0]
    if default is None:
        raise UnknownError(f"${{{name}}} has no single value")
    return str(default)


@lru_cache(maxsize=4096)
def wildcards(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


@lru_cache(maxsize=4096)
def compiled(expression: str, ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - part of the cache's key
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
