"""The choices on the command line, `DATASET=`, `NAME=` and `PARAMS=`, checked before anything starts."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ARCHIVES = (".zip", ".tar.gz", ".tgz")


def read_dataset(text: str) -> str:
    """Parse the dataset for the flow: an absolute path, or the unchanged URI. Raises ValueError."""
    scheme = urlsplit(text).scheme
    if scheme in ("https", "s3"):
        return text
    if "://" in text:
        raise ValueError(f"DATASET={text}: {scheme}:// is not supported. Give a folder, an archive, an https:// or an s3:// address.")
    path = Path(text).expanduser().absolute()
    if not path.exists():
        raise ValueError(f"DATASET={text}: {path} does not exist. Give a folder with train/, valid/ and test/, or an archive of one.")
    if path.is_file() and not path.name.endswith(ARCHIVES):
        raise ValueError(f"DATASET={text}: {path.name} is not an archive of a known format. Give a folder, a {' or a '.join(ARCHIVES)}.")
    return str(path)


def read_parameters(text: str) -> dict[str, Any]:
    """Parse the JSON object in `text`; an empty text is an empty object. Raises ValueError."""
    if not text:
        return {}
    try:
        parameters = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f'PARAMS is not JSON ({error}): {text}\nWrite it like PARAMS=\'{{"training": {{"epochs": 2}}}}\'.') from error
    if not isinstance(parameters, dict):
        raise ValueError(f'PARAMS must be a JSON object of flow parameters, like \'{{"training": {{"epochs": 2}}}}\': {text}')
    return parameters


def with_name(parameters: dict[str, Any], name: str) -> dict[str, Any]:
    """The parameters with `name` as `serving.endpoint_name`; unchanged for an empty name. Raises ValueError for another name in them."""
    serving = parameters.get("serving") or {}
    if not name or not isinstance(serving, dict):  # the flow says what is wrong with such a group
        return parameters
    if serving.get("endpoint_name", name) != name:
        raise ValueError(f"NAME={name}: PARAMS names the endpoint {serving['endpoint_name']}. Give one of the two.")
    return {**parameters, "serving": {**serving, "endpoint_name": name}}
