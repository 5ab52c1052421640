from pathlib import Path

import pytest

from model.contract import Container, Hyperparameters, parse_hyperparameters, running_job


def test_strings_become_typed_values() -> None:
    texts = {"architecture": "resnet50", "pretrained": "true", "image_size": "224", "learning_rate": "1e-3", "seed": "0"}
    assert parse_hyperparameters(texts) == Hyperparameters(
        architecture="resnet50", pretrained=True, image_size=224, learning_rate=0.001, seed=0
    )


def test_what_is_not_given_has_its_default() -> None:
    assert parse_hyperparameters({}) == Hyperparameters()


def test_an_unknown_key_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown hyperparameters epoch: allowed are architecture, .*epochs"):
        parse_hyperparameters({"epoch": "3"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("epochs", "0"), ("epochs", "2.5"), ("batch_size", "-1"), ("pretrained", "yes"), ("learning_rate", "nan"), ("learning_rate", "fast")],
)
def test_a_bad_value_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"hyperparameter {name} is '{text}': it must be"):
        parse_hyperparameters({name: text})


def test_a_disk_that_is_too_full_for_the_reason_does_not_hide_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: str, **_more: str) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("model.contract.end_on_sigterm", lambda: None)
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(FloatingPointError, match="nan"), running_job():
        raise FloatingPointError("nan")


def test_the_reason_is_written_whatever_name_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.contract.end_on_sigterm", lambda: None)
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="bad image"), running_job() as container:
        raise ValueError("bad image \udcff.jpg")
    assert container.failure.read_text().startswith("ValueError: bad image ?.jpg\n\nTraceback")


def test_the_root_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAGEMAKER_BASE_DIR", raising=False)
    assert Container.from_environment().channel("train") == Path("/opt/ml/input/data/train")
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", "/elsewhere")
    assert Container.from_environment().model == Path("/elsewhere/model")
