"""DATASET=, NAME= and PARAMS= are checked before anything starts."""

from pathlib import Path

import pytest

from deployments.laptop.choices import read_dataset, read_parameters, with_name


def test_a_relative_folder_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dogs").mkdir()
    monkeypatch.chdir(tmp_path)
    assert read_dataset("dogs") == str(tmp_path / "dogs")


@pytest.mark.parametrize("name", ["dogs.zip", "dogs.tar.gz", "dogs.tgz"])
def test_archives_are_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert read_dataset(str(tmp_path / name)) == str(tmp_path / name)


@pytest.mark.parametrize("uri", ["https://example.org/dogs.zip", "s3://bucket/dogs/"])
def test_addresses_stay_as_they_are(uri: str) -> None:
    assert read_dataset(uri) == uri


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nowhere", "nowhere does not exist"),
        ("notes.txt", r"notes.txt is not an archive"),
        ("ftp://example.org/dogs.zip", "ftp:// is not supported"),
    ],
)
def test_a_wrong_dataset_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, reason: str) -> None:
    (tmp_path / "notes.txt").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"DATASET={text}: .*{reason}"):
        read_dataset(text)


def test_no_parameters_are_none() -> None:
    assert read_parameters("") == {}


def test_parameters_are_a_json_object() -> None:
    assert read_parameters('{"training": {"epochs": 2}}') == {"training": {"epochs": 2}}


@pytest.mark.parametrize(("text", "reason"), [("epochs=2", "is not JSON"), ("[1]", "must be a JSON object"), ("{'a': 1}", "is not JSON")])
def test_wrong_parameters_are_explained_with_an_example(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f'(?s){reason}.*"epochs": 2'):
        read_parameters(text)


def test_a_name_is_the_endpoint_name_beside_the_other_parameters() -> None:
    parameters = {"serving": {"instance_type": "ml.m5.large"}, "budget_usd": 1}
    assert with_name(parameters, "") == parameters
    assert with_name(parameters, "clothing") == {"serving": {"instance_type": "ml.m5.large", "endpoint_name": "clothing"}, "budget_usd": 1}
    assert with_name({}, "clothing") == {"serving": {"endpoint_name": "clothing"}}
    assert with_name({"serving": "wrong"}, "clothing") == {"serving": "wrong"}


def test_two_names_are_refused() -> None:
    with pytest.raises(ValueError, match="NAME=clothing: PARAMS names the endpoint birds"):
        with_name({"serving": {"endpoint_name": "birds"}}, "clothing")
