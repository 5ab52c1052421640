"""The embedded AWS loads nothing before somebody asks for it, and keeps nothing for nobody; `make bench-footprint` measures the effect."""

import ctypes
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader, create_loader

from local_aws.allocator import M_ARENA_MAX, M_TRIM_THRESHOLD, give_memory_back
from local_aws.service_models import ModelFiles, read_lean_models


@pytest.mark.parametrize("service", ["sagemaker", "s3control"])
def test_models_are_read_whole_but_for_their_documentation(service: str) -> None:
    path = newest_model(service)
    lean, whole = ModelFiles().load_file(path), JSONFileLoader().load_file(path)
    assert lean != whole
    assert lean == json.loads(json.dumps(whole), object_hook=silent)


def test_the_regions_are_read_once_for_all_loaders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loader, "FILE_LOADER_CLASS", JSONFileLoader)
    read_lean_models()
    one, other = (create_loader().load_data("endpoints") for _ in range(2))
    assert one is other
    assert one["partitions"][0]["partition"] == "aws"


def test_freed_memory_is_given_back_where_the_c_library_can(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[int, int] = {}
    for libc in (SimpleNamespace(), SimpleNamespace(mallopt=asked.__setitem__)):
        monkeypatch.setattr(ctypes, "CDLL", lambda _name, libc=libc: libc)
        assert not asked
        give_memory_back()
    assert asked.keys() == {M_ARENA_MAX, M_TRIM_THRESHOLD}


def newest_model(service: str) -> str:
    loader = create_loader()
    folder = Path(loader.search_paths[-1]) / service / loader.determine_latest_version(service, "service-2")
    return str(folder / "service-2")


def silent(shape: dict[str, Any]) -> dict[str, Any]:
    return {name: "" if name == "documentation" and isinstance(value, str) else value for name, value in shape.items()}
