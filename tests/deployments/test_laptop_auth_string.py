"""The auth string of a stack is its owner's secret; with prefect.toml the owner types it nowhere."""

import stat
from pathlib import Path

import pytest
from prefect.settings import Settings

from deployments.laptop.auth_string import auth_file, ensure_auth_string, how_to_log_in, read_auth_string
from deployments.laptop.prefect_toml import environment, how_to_use_prefect, update_prefect_toml
from deployments.laptop.stack import Service, Stack


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """The default stack of the project in `tmp_path`."""
    folder = tmp_path / ".pedigree"
    folder.mkdir()
    ensure_auth_string(folder)
    return Stack(folder, {"server": Service(1, 0.0, 4242)})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_stack_keeps_a_secret_of_its_own(stack: Stack, tmp_path: Path) -> None:
    secret = read_auth_string(stack.folder)
    assert mode(auth_file(stack.folder)) == 0o600
    ensure_auth_string(stack.folder)
    assert read_auth_string(stack.folder) == secret
    ensure_auth_string(tmp_path)
    assert read_auth_string(tmp_path) != secret


def test_a_person_is_told_where_it_is_and_not_what_it_is(stack: Stack, tmp_path: Path) -> None:
    for told in (how_to_log_in(stack.folder), environment(stack), how_to_use_prefect(stack, tmp_path / "prefect.toml")):
        assert str(auth_file(stack.folder)) in told
        assert read_auth_string(stack.folder) not in told


def test_in_the_folder_of_the_project_prefect_reaches_the_stack(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "prefect.toml"
    update_prefect_toml(stack, file)
    assert mode(file) == 0o600
    monkeypatch.delenv("PREFECT_API_URL")
    monkeypatch.delenv("PREFECT_API_AUTH_STRING")
    monkeypatch.chdir(tmp_path)
    api = Settings().api
    assert api.auth_string is not None
    assert (api.url, api.auth_string.get_secret_value()) == ("http://127.0.0.1:4242/api", read_auth_string(stack.folder))
    assert "needs nothing more" in how_to_use_prefect(stack, file)


def test_the_file_follows_the_server_to_another_port(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "prefect.toml"
    update_prefect_toml(stack, file)
    moved = Stack(stack.folder, {"server": Service(1, 0.0, 4343)})
    assert "needs nothing more" not in how_to_use_prefect(moved, file)
    update_prefect_toml(moved, file)
    assert "http://127.0.0.1:4343/api" in file.read_text()


def test_the_file_of_a_person_stays(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "prefect.toml"
    file.write_text("[api]\n")
    update_prefect_toml(stack, file)
    assert file.read_text() == "[api]\n"
    assert "needs nothing more" not in how_to_use_prefect(stack, file)


def test_another_stack_than_the_default_one_writes_none(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "project" / "prefect.toml"
    update_prefect_toml(stack, file)
    assert not file.exists()
