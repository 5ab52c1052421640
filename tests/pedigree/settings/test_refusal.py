"""Whatever a person writes into a field, a refusal names field and value in our words, never in pydantic's."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from pedigree import settings
from pedigree.settings import Environment, Function, Serving, Settings, Training
from pedigree.settings.refusal import told
from tests.flows.test_refused import PYDANTICS

GROUPS = [getattr(settings, name) for name in settings.__all__ if name not in ("Mission", "Settings")]
WRONG: list[Any] = [None, "", "x" * 99, -1_000_000, 10**30, 2.5, float("nan"), float("inf"), True, [], ["x" * 99], [-1], {}, {"x": 1}, b"x"]


def refusals(group: type[Settings]) -> Iterator[str]:
    for name in group.model_fields:
        for value in WRONG:
            try:
                group.model_validate({name: value})
            except ValidationError as error:
                yield told(error)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_no_field_of_a_form_is_refused_in_pydantics_words(group: type[Settings]) -> None:
    found = list(refusals(group))
    assert len(found) >= len(group.model_fields)
    assert [text for text in found if any(words in text for words in PYDANTICS)] == []


@pytest.mark.parametrize(
    ("group", "values", "text"),
    [
        (Environment, {"project": "p" * 21}, "project has 21 characters, and must have at most 20: 'ppppppppppppppppppppp'"),
        (Training, {"volume_gb": 20_000}, "volume_gb is 20000: it must be at most 16,384"),
        (Training, {"learning_rate": 0}, "learning_rate is 0: it must be more than 0"),
        (Function, {"target_utilization": 0.95}, "target_utilization is 0.95: it must be at most 0.9"),
        (Training, {"epochs": 0, "spot": "no way"}, "epochs is 0: it must be at least 1\nspot is 'no way': it must be true or false"),
        (Training, {"compare": True}, "compare trains on one instance beside several: set instance_count to 2 or more"),
        (Serving, {"endpoint_name": "e" * 99}, f"endpoint_name has 99 characters, and must have at most 30: '{'e' * 59}..."),
    ],
)
def test_a_refusal_names_the_field_its_value_and_what_it_must_be(group: type[Settings], values: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        group(**values)
    assert told(refused.value) == text
