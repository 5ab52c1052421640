"""Pairs of answers, counted."""

from pedigree.evaluation.answers import Answer, Answers, count_answers


def test_pairs_are_counted_by_who_is_right() -> None:
    assert counted([("a", "a", "a"), ("a", "a", "b"), ("a", "a", "b"), ("a", "b", "a"), ("a", "b", "c")], "abc", "abc") == {
        "images": 5,
        "candidate_correct": 3,
        "champion_correct": 2,
        "gained": 2,
        "lost": 1,
        "classes": ("a", "b", "c"),
        "added": (),
        "missing": (),
    }


def test_only_images_whose_class_both_know_are_compared() -> None:
    assert counted([("a", "a", "z"), ("b", "b", "a"), ("b", "a", "a"), ("a", "b", "a")], "ab", "az") == {
        "images": 2,
        "candidate_correct": 1,
        "champion_correct": 1,
        "gained": 1,
        "lost": 1,  # "z" is what the champion says, as it is
        "classes": ("a",),
        "added": ("b",),
        "missing": ("z",),
    }


def counted(rows: list[tuple[str, str, str]], candidate: str, champion: str) -> dict[str, object]:
    """The counts of (label, candidate's answer, champion's answer); a class is a letter."""
    images = [Answer(str(number), *row) for number, row in enumerate(rows)]
    return count_answers(Answers({}, {"candidate": list(candidate), "champion": list(champion)}, images))
