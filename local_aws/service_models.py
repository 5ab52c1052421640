"""botocore's models of the services, read without what nobody here asks: with it ten services and the regions take 60 MB more."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from botocore.loaders import JSONFileLoader, Loader

ENDPOINTS = "endpoints.json"  # the regions of all services, which moto asks for with every service


class ModelFiles(JSONFileLoader):
    """Reads model files into plain dicts and without their documentation; the regions of AWS once for all loaders."""

    def _load_file(self, full_path: str, open_method: Callable[[str, str], BinaryIO]) -> Any:
        path = Path(full_path)
        if not path.is_file():
            return None
        if path.name == ENDPOINTS:
            return regions(path)
        with open_method(full_path, "rb") as file:
            return json.loads(file.read(), object_hook=undocumented)


def read_lean_models() -> None:
    """Let all loaders that botocore and moto make from now on read model files in this way."""
    Loader.FILE_LOADER_CLASS = ModelFiles


@cache
def regions(path: Path) -> Any:
    return json.loads(path.read_bytes())  # nobody changes what it reads, and it has no documentation


def undocumented(shape: dict[str, Any]) -> dict[str, Any]:
    if isinstance(shape.get("documentation"), str):  # there are members of this name too
        shape["documentation"] = ""  # botocore asks some shapes for one
    return shape
