"""Keys and names: the same content, the same name; nothing of the clock."""

import pytest

from pedigree.aws.naming import first_attempt, job_name, key_of
from pedigree.settings import Training
from pedigree.training import training_job as request
from tests.lab.keys import key_of_training


def test_the_order_of_parts_does_not_matter() -> None:
    assert key_of(a=1, b={"x": 1, "y": 2}) == key_of(b={"y": 2, "x": 1}, a=1) != key_of(a=1, b={"x": 1, "y": 3})


def test_names_fit_sagemaker() -> None:
    longest = job_name("p" * 20, "train", key_of(a=1), 99)
    assert len(longest) <= 63
    assert job_name("p", "train", "k") == "p--train-k"


def test_only_what_decides_the_outcome_is_in_the_training_key() -> None:
    base = key_of_training("data", "code", Training())
    same = Training(instance_type="ml.c5.xlarge", max_runtime_seconds=60, volume_gb=1, retry_failed=True)
    assert key_of_training("data", "code", same) == base
    others = [Training(epochs=3), Training(fresh="again"), Training(architecture="small_cnn"), Training(image="local/mine:1")]
    keys = {base, key_of_training("data2", "code", Training()), key_of_training("data", "code2", Training())}
    assert len(keys | {key_of_training("data", "code", other) for other in others}) == 7


def test_another_way_to_start_the_code_is_another_job(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of_training("data", "code", Training())
    monkeypatch.setattr(request, "ENTRYPOINT", "exec python -m model.other")
    assert key_of_training("data", "code", Training()) != before


def test_all_attempts_at_a_job_know_the_name_of_the_first() -> None:
    for key in ("c8fa215f98b1fd88", "1234567890123456"):
        first = job_name("pedigree-2", "train", key)
        assert [first_attempt(job_name("pedigree-2", "train", key, attempt)) for attempt in (1, 2, 10)] == [first] * 3
