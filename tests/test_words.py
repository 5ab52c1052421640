"""Docstrings, labels and error texts begin with a sentence that needs no second reading."""

import pytest

from tests.lab.words import ROOMS, Text, texts


@pytest.mark.parametrize("room", ROOMS)
def test_the_first_sentence_is_short_and_says_what_it_is_about(room: str) -> None:
    assert [f"{text.place}: {', '.join(text.complaints)}: {text.first_sentence}" for text in texts(room) if text.complaints] == []


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("The endpoint, once it is in service.", []),
        ("Of the endpoint. The rest is not read.", ["begins with Of"]),
        ("What it is told.", ["begins with What", "holds 'told'"]),
        ("Offers `told` as a name.", []),
        (" ".join(["word"] * 26), ["26 words"]),
    ],
)
def test_the_rule_sees(text: str, complaints: list[str]) -> None:
    assert Text("here", text).complaints == complaints
