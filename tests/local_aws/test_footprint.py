"""The embedded AWS loads nothing before somebody asks for it, and keeps nothing for nobody; `make bench-footprint` measures the effect."""

import ctypes
import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader, create_loader
from moto.core.common_models import BaseModel

from local_aws.allocator import M_ARENA_MAX, M_TRIM_THRESHOLD, give_memory_back
from local_aws.cloud import REGION
from local_aws.corrections import after_making, correct
from local_aws.service_models import ModelFiles, read_lean_models
from local_aws.tracking import track_nothing

STARTED_TWICE = """
import json, sys, tempfile
from pathlib import Path
from local_aws.server import LocalAws

state = Path(tempfile.mkdtemp()) / "state"
for _ in range(2):
    aws = LocalAws("127.0.0.1", 0, state)
    for loop in aws.cloud.loops._loops:
        loop._tick()
    for service in aws._services:
        service.close()
    aws._memory.close()
    aws._server.server_close()
found = {"loaded": sorted(sys.modules)}

import moto.s3.models
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

moto.s3.models.FakeAcl([])
found["tracked"] = len(moto.s3.models.FakeAcl.instances_tracked)
found["regions"] = sorted({region for kind in INSTANCE_TYPE_OFFERINGS.values() for region, offers in kind.items() if offers})
print(json.dumps(found))
"""
SLOW = ("flask", "regex", "psutil", "packaging", "cryptography")  # to import


@cache
def started_twice() -> Mapping[str, Any]:
    """The words of a process that has started an embedded AWS, ended it, and started it again."""
    ended = subprocess.run([sys.executable, "-c", STARTED_TWICE], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.mark.slow
def test_a_start_loads_no_service_of_moto() -> None:
    services = [name for name in started_twice()["loaded"] if name.startswith("moto.") and name.endswith(".models")]
    assert services == ["moto.core.models"]
    assert not {*SLOW} & {*started_twice()["loaded"]}


@pytest.mark.slow
def test_moto_keeps_no_list_of_what_it_made() -> None:
    assert started_twice()["tracked"] == 0


@pytest.mark.slow
def test_moto_reads_the_offers_of_one_region() -> None:
    assert started_twice()["regions"] == [REGION]


def test_what_was_never_kept_track_of_is_made_as_its_bases_want(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseModel, "__new__", BaseModel.__new__)
    track_nothing()

    class Named(BaseModel, dict[str, int]):
        """Like moto's records that are dicts."""

    assert Named(a=1) == {"a": 1}
    assert not Named.instances_tracked  # type: ignore[attr-defined]


def test_a_correction_is_made_before_anybody_uses_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corrected_later.py").write_text("class Backend:\n    def __init__(self, name):\n        self.names = [name]\n")
    monkeypatch.syspath_prepend(tmp_path)
    correct("corrected_later", lambda module: after_making(module.Backend, lambda backend: backend.names.append("ours")))
    assert "corrected_later" not in sys.modules

    import corrected_later  # type: ignore[import-not-found]

    assert corrected_later.Backend("its own").names == ["its own", "ours"]
    correct("corrected_later", lambda module: setattr(module, "said", "at once"))
    assert corrected_later.said == "at once"


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
