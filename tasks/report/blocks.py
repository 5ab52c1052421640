"""Pieces of a markdown page; whatever they are made of stays inside of them."""

import re
from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(text: str) -> str:
    """A code span of one line; its delimiter is longer than any run of backticks in it."""
    if not text:
        return ""
    line, fence = " ".join(text.split()), "`" * (longest_run(text) + 1)
    return f"{fence}{line}{fence}" if fence == "`" else f"{fence} {line} {fence}"


def linked(text: str, url: str | None) -> str:
    """A code span, and a link where there is somewhere to go."""
    return f"[{code(text)}]({url})" if text and url else code(text)


def fenced(text: str, language: str = "text") -> str:
    fence = "`" * max(3, longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def longest_run(text: str) -> int:
    """Backticks in a row."""
    return max(map(len, re.findall("`+", text)), default=0)
