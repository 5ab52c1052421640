"""What passes the gate and what does not."""

import pytest

from tasks.aws.errors import GateRefused
from tasks.gate import pass_gate, probability_of_luck
from tasks.settings import Gate
from tasks.values import Evaluation, TrainedModel


def trained(confusion: list[list[int]]) -> TrainedModel:
    evaluation = Evaluation(tuple("abcd"[: len(confusion)]), confusion, [])
    return TrainedModel("key", "job", 1, "s3://bucket/model.tar.gz", "code", 60, [], evaluation, "created")


def test_luck_is_the_binomial_tail() -> None:
    fair_coin = Evaluation(("a", "b"), [[1, 1], [1, 1]], [])
    assert probability_of_luck(fair_coin) == pytest.approx(11 / 16)  # at least 2 of 4


def test_a_good_model_passes() -> None:
    candidate = pass_gate.fn(trained([[40, 10], [5, 45]]), Gate(min_accuracy=0.8))
    assert (candidate.accuracy, candidate.chance) == (0.85, 0.5)


def test_chance_is_refused() -> None:
    with pytest.raises(GateRefused, match=r"not above chance, 50\.0%"):
        pass_gate.fn(trained([[26, 24], [24, 26]]), Gate())


def test_one_answer_for_everything_is_chance_on_an_uneven_split() -> None:
    with pytest.raises(GateRefused, match=r"chance, 90\.0%"):
        pass_gate.fn(trained([[90, 0], [10, 0]]), Gate())


def test_the_floor_says_by_how_much() -> None:
    with pytest.raises(GateRefused, match=r"5\.0% below the floor of 90\.0%"):
        pass_gate.fn(trained([[40, 10], [5, 45]]), Gate(min_accuracy=0.9))
