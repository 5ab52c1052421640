"""What passes the gate and what does not."""

import re
from dataclasses import replace
from typing import Any

import pytest

from pedigree.aws.errors import GateRefused
from pedigree.evaluation.gate import pass_gate, probability_of_luck
from pedigree.settings import Gate
from pedigree.trained_model import Comparison, Evaluation, TrainedModel
from pedigree.values import Champion
from tests.lab.comparisons import EVALUATION, evaluated


def alone(confusion: list[list[int]]) -> Comparison:
    return evaluated(Evaluation(tuple("abcd"[: len(confusion)]), confusion, []))


# it claims of itself that it is perfect, and no gate asks
MODEL = TrainedModel(
    "key", "job", 1, "s3://bucket/model.tar.gz", "code", "data", 60, [], replace(EVALUATION, confusion=[[50, 0], [0, 50]]), "created"
)
GOOD = Evaluation(("a", "b"), [[40, 10], [5, 45]], [])
CHAMPION = Champion("pedigree", "config", "model", "arn:package/1", "pedigree--train-c4a3", "s3://bucket/champion/model.tar.gz")


def compared(gained: int, lost: int) -> Comparison:
    """Of 100 images the champion has 80 right."""
    counts = {"images": 100, "candidate_correct": 80 + gained - lost, "champion_correct": 80, "gained": gained, "lost": lost}
    return evaluated(GOOD, CHAMPION, **counts)


def test_luck_is_the_binomial_tail() -> None:
    fair_coin = Evaluation(("a", "b"), [[1, 1], [1, 1]], [])
    assert probability_of_luck(fair_coin) == pytest.approx(11 / 16)  # at least 2 of 4


def test_a_good_model_passes() -> None:
    candidate = pass_gate(MODEL, alone([[40, 10], [5, 45]]), Gate(min_accuracy=0.8))
    assert (candidate.evaluation.accuracy, candidate.evaluation.baseline) == (0.85, 0.5)


def test_a_guess_is_refused_with_what_would_be_enough() -> None:
    words = (
        r"^gate: job: accuracy 52\.0% \(41\.8% to 62\.1%\) on 100 test images is not above the majority-class baseline, 50\.0%: "
        r"guessing reaches as much 38% of the time; 63 right would do, 11 more"  # P(X >= 63) is 0.6%, P(X >= 62) 1.05%
    )
    with pytest.raises(GateRefused, match=words):
        pass_gate(MODEL, alone([[26, 24], [24, 26]]), Gate())
    assert pass_gate(MODEL, alone([[31, 19], [18, 32]]), Gate()).evaluation.accuracy == 0.63


@pytest.mark.parametrize(
    ("confusion", "words"),
    [
        ([[90, 0], [10, 0]], r"it calls every image a: accuracy 90\.0% .* is not above the majority-class baseline, 90\.0%"),
        (
            [[0, 0, 30], [0, 0, 30], [0, 0, 30]],
            r"it calls every image c: .* not above the majority-class baseline, 33\.3%.*; 42 right would do, 12 more",
        ),
    ],
)
def test_one_answer_for_everything_is_refused_however_common_it_is(confusion: list[list[int]], words: str) -> None:
    with pytest.raises(GateRefused, match=words):
        pass_gate(MODEL, alone(confusion), Gate())


def test_too_few_images_show_nothing_even_if_all_are_right() -> None:
    with pytest.raises(GateRefused, match=r"so few images cannot show more\n.*put more images into the test split"):
        pass_gate(MODEL, alone([[3, 0], [0, 3]]), Gate())


def test_a_split_of_one_class_shows_nothing() -> None:
    with pytest.raises(GateRefused, match=r"not above the majority-class baseline, 100\.0%"):
        pass_gate(MODEL, alone([[50, 0], [0, 0]]), Gate())


def test_the_floor_says_by_how_much() -> None:
    with pytest.raises(GateRefused, match=r"accuracy 85\.0% \(76\.5% to 91\.4%\) on 100 test images is 5\.0% below the floor of 90\.0%"):
        pass_gate(MODEL, alone([[40, 10], [5, 45]]), Gate(min_accuracy=0.9))


@pytest.mark.parametrize(
    ("against", "passing", "refused"),
    [
        ("surely better", (6, 0), (5, 0)),  # the exact two-sided McNemar test gives 0.031 and 0.0625
        ("better", (1, 0), (3, 3)),
        ("not worse", (3, 3), (3, 4)),
        ("not worse", (0, 0), (0, 1)),
    ],
)
def test_the_champion_has_to_be_beaten_as_far_as_asked(against: Any, passing: tuple[int, int], refused: tuple[int, int]) -> None:
    assert pass_gate(MODEL, compared(*passing), Gate(against_champion=against)).comparison == compared(*passing)
    with pytest.raises(GateRefused, match=f"asks for `{against}`"):
        pass_gate(MODEL, compared(*refused), Gate(against_champion=against))


def test_the_refusal_gives_both_models_and_the_interval() -> None:
    words = (
        r"right on 75 of 100 test images, while pedigree--train-c4a3, which is live, is right on 80 \(2 gained, 7 lost\): "
        r"difference -5\.0%, 95% interval -8\.5% to \+1\.8%"
    )
    with pytest.raises(GateRefused, match=words):
        pass_gate(MODEL, compared(2, 7), Gate())


@pytest.mark.parametrize("comparison", [evaluated(GOOD), evaluated(GOOD, CHAMPION, already_live=True)])
def test_where_nothing_was_compared_the_champion_refuses_nothing(comparison: Comparison) -> None:
    assert pass_gate(MODEL, comparison, Gate(against_champion="surely better")).evaluation.accuracy == 0.85


def test_a_champion_that_knows_the_class_of_no_test_image_is_put_aside_only_on_purpose() -> None:
    strangers = evaluated(GOOD, CHAMPION, added=("a", "b"), missing=("c",))
    with pytest.raises(GateRefused, match="no test image has a class that pedigree--train-c4a3, which is live, knows too"):
        pass_gate(MODEL, strangers, Gate())
    assert pass_gate(MODEL, strangers, Gate(against_champion="ignored")).comparison == strangers


def test_the_refusal_says_which_classes_were_compared() -> None:
    other = replace(compared(2, 7), classes=("a",), added=("b",), missing=("c", "d"))
    words = "75 of 100 test images of the classes that both know (1; only the candidate knows b; only the champion knows c, d), while"
    with pytest.raises(GateRefused, match=re.escape(words)):
        pass_gate(MODEL, other, Gate())
