"""Text as people read it: amounts of money and time, and pieces of markdown."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


def dollars(usd: float) -> str:
    """`$1,234.50`; what is there but rounds to nothing is `under $0.01`."""
    return "under $0.01" if 0 < usd < 0.005 else f"${usd:,.2f}"


def rate(usd_per_hour: float) -> str:
    """`$0.736`: prices of instances have three digits."""
    return "under $0.001" if usd_per_hour < 0.0005 else f"${usd_per_hour:,.3f}"


def duration(seconds: float) -> str:
    """`45 s`, `12 min` or `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"


def dataset_size(counts: Mapping[str, int], classes: Sequence[str]) -> str:
    """`960 + 240 + 240 images, 8 classes`: the images of each split."""
    return f"{' + '.join(f'{count:,}' for count in counts.values())} images, {len(classes)} classes"


def did_you_mean(name: object, names: Iterable[str]) -> str:
    """A question with the nearest names, or else a sentence with all of them."""
    known = list(names)
    near = get_close_matches(str(name), known) or [each for each in known if str(name) in each]
    return f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(" ".join(cell.split("\n")).replace("|", "\\|") for cell in line) + " |" for line in lines)


def plain(text: str) -> str:
    """One line of text without markup: a name must not become a link, a heading or HTML."""
    return re.sub(r"([\\`*\[\]<>&])", r"\\\1", text.replace("\n", " "))


def printable(text: str) -> str:
    """The text in UTF-8: what a file name holds beside it, a surrogate, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


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


def figure_sections(figures: Mapping[str, str], not_drawn: Mapping[str, str]) -> Iterator[str]:
    """A section for each figure (title -> URL), and a sentence on those that are missing (title -> reason)."""
    yield from (f"### {title}\n\n![{title}]({url})" for title, url in figures.items())
    if not_drawn:
        yield f"Figures that could not be drawn: {', '.join(f'{title} ({code(why)})' for title, why in not_drawn.items())}."


def longest_run(text: str) -> int:
    """Backticks in a row."""
    return max(map(len, re.findall("`+", text)), default=0)


@dataclass(frozen=True)
class Page:
    """Markdown, and the sentence that sums it up; both are UTF-8, whatever names they hold."""

    markdown: str
    headline: str

    def __post_init__(self) -> None:
        for name in ("markdown", "headline"):
            object.__setattr__(self, name, printable(getattr(self, name)))


def plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def of_shared_classes(shared: Sequence[str], added: Sequence[str], missing: Sequence[str], show: Callable[[str], str] = str) -> str:
    """` of the classes that both know (6; only the candidate knows a, b)`; empty where candidate and champion know the same."""
    only = [f"only the {who} knows {listed(names, show)}" for who, names in (("candidate", added), ("champion", missing)) if names]
    return f" of the classes that both know ({'; '.join([str(len(shared)), *only])})" if only else ""


def listed(names: Sequence[str], show: Callable[[str], str] = str, most: int = 5) -> str:
    """The first names, and how many more there are."""
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*map(show, names[:most]), *more])


def short_package(arn: str) -> str:
    """`<group>/<version>`."""
    return arn.partition("model-package/")[2]
