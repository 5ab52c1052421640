"""Pairs of answers, counted."""

from pedigree.aws.adoption import Attempt
from pedigree.evaluation.answers import count_answers
from tests.pedigree.training.test_requests import CHAMPION


def test_pairs_are_counted_by_who_is_right() -> None:
    answers = [("a", "a", "a"), ("a", "a", "b"), ("a", "a", "b"), ("a", "b", "a"), ("a", "b", "c")]
    images = [{"file": "f", "label": label, "candidate": candidate, "champion": live} for label, candidate, live in answers]
    attempt = Attempt(1, "pedigree--evaluate-1", {"BillableTimeInSeconds": 7}, "created")
    comparison = count_answers(images, CHAMPION, attempt)
    assert (comparison.images, comparison.candidate_correct, comparison.champion_correct) == (5, 3, 2)
    assert (comparison.gained, comparison.lost) == (2, 1)
    assert (comparison.job_name, comparison.resource, comparison.outcome) == ("pedigree--evaluate-1", "pedigree--evaluate-1", "created")
    assert comparison.billable_seconds == 7
