"""The texts that people read: docstrings, labels of forms and error texts, with the rule that their first sentences keep.

python -m tests.lab.words [room ...]      # every text that breaks the rule
python -m tests.lab.words --draw SEED     # thirty texts at random
"""

import ast
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("flows", "tasks", "pedigree", "model", "lambda_handler", "deployments", "local_aws", "benchmarks", "examples")
MOST_WORDS = 25
WEAK_BEGINNINGS = ("Of", "Those", "What", "None")
BANNED = (
    "chance",  # the majority-class baseline
    "foretold",
    "held to",
    "in vain",
    "lest",
    "of which",
    "picture",
    "pictures",  # an image, or a figure
    "shall",
    "so many",
    "told",
    "whence",
)
ERRORS = re.compile(r"(?:Error|InvalidInput|QuotaTooLow|SpecDiffers|Failed|Stopped|OutOfAttempts|Exceeded|TimedOut|GivenUp|Refused|Unfit)$")
LABELS = {"description", "title"}


@dataclass(frozen=True)
class Text:
    """One text and where it stands."""

    place: str
    text: str

    @property
    def first_sentence(self) -> str:
        """Up to the first full stop, colon or semicolon that ends a clause, or an empty line."""
        paragraph = re.split(r"\n\s*\n", self.text.strip(), maxsplit=1)[0]
        return re.split(r"(?<=[.:;!?])\s", " ".join(paragraph.split()), maxsplit=1)[0]

    @property
    def complaints(self) -> list[str]:
        sentence = self.first_sentence
        words, plain = len(sentence.split()), re.sub(r"`[^`]*`", "", sentence)  # names of things are no words
        found = [f"{words} words"] if words > MOST_WORDS else []
        found += [f"begins with {beginning}" for beginning in WEAK_BEGINNINGS if re.match(rf"{beginning}\b", sentence)]
        return found + [f"holds '{word}'" for word in BANNED if re.search(rf"\b{word}\b", plain, re.IGNORECASE)]


def texts(room: str) -> Iterator[Text]:
    for file in sorted((ROOT / room).rglob("*.py")):
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            place = f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                if text := ast.get_docstring(node):
                    yield Text(place, text)
            elif isinstance(node, ast.Call):
                yield from (Text(place, text) for text in spoken(node))


def spoken(call: ast.Call) -> Iterator[str]:
    """The labels and error texts among the arguments of a call."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    labelled = [keyword.value for keyword in call.keywords if keyword.arg in LABELS] if name == "Field" else []
    said = call.args if name == "shown" or ERRORS.search(name) else []
    for node in [*labelled, *said]:
        if text := literal(node):
            yield text


def literal(node: ast.expr) -> str:
    """A string as it stands in the code, the fields of an f-string as `x`; empty for any other expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "`x`" for part in node.values)
    return ""


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--draw"]:
        every = [text for room in ROOMS for text in texts(room)]
        for text in random.Random(arguments[1]).sample(every, 30):
            print(f"{text.place}: {text.first_sentence}")
        return 0
    wrong = [text for room in arguments or ROOMS for text in texts(room) if text.complaints]
    for text in wrong:
        print(f"{text.place}: {', '.join(text.complaints)}: {text.first_sentence}")
    print(f"{len(wrong)} texts break the rule")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
