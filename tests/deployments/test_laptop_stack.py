"""The record of the stack, and the environment its processes are started with."""

import multiprocessing
import os
from pathlib import Path

import pytest

from deployments.laptop.stack import Service, Stack, only_one, use_environment


def test_the_record_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    services = {"server": Service(42, 1795255298.96, 4200)}
    stack = Stack(tmp_path, services, {"BucketName": "bucket"}, "digest of the template", "digest of the deployments")
    stack.save()
    assert Stack.load(tmp_path) == stack


def test_there_is_an_empty_record_before_the_first_start(tmp_path: Path) -> None:
    assert Stack.load(tmp_path / "absent") == Stack(tmp_path / "absent")


def test_the_callers_aws_and_prefect_settings_do_not_reach_the_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    foreign = {
        "AWS_PROFILE": "work",
        "AWS_ENDPOINT_URL": "https://elsewhere",
        "PREFECT_API_URL": "https://elsewhere",
        "PREFECT_API_KEY": "secret",
    }
    monkeypatch.setattr(os, "environ", {"PATH": "/bin", "HOME": "/home/me", **foreign})
    use_environment(tmp_path)
    assert not foreign.keys() & os.environ.keys()
    assert os.environ["HOME"] == "/home/me"
    assert os.environ["AWS_CONFIG_FILE"] == str(tmp_path / "aws" / "config")
    assert os.environ["PREFECT_HOME"] == str(tmp_path / "prefect")


def test_the_stack_is_reached_past_a_proxy_and_the_callers_exceptions_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", {"PATH": "/bin", "NO_PROXY": "intranet"})
    use_environment(tmp_path)
    assert os.environ["NO_PROXY"] == "intranet,127.0.0.1"


def test_a_second_make_waits_for_the_first(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    entered = context.Event()
    second = context.Process(target=enter, args=(tmp_path, entered))
    with only_one(tmp_path):
        second.start()
        assert not entered.wait(1.0)
    assert entered.wait(30)
    second.join()


def enter(folder: Path, entered: "multiprocessing.synchronize.Event") -> None:
    with only_one(folder):
        entered.set()
