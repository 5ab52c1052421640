"""The code channel: the sources of the model package, content-addressed in S3, found without importing them."""

import importlib.util
from pathlib import Path

from pedigree.aws.clients import S3Client
from pedigree.aws.naming import key_of
from pedigree.aws.objects import split_uri, upload_once


def package_files(package: str) -> dict[str, Path]:
    """{`<package>/<file>`: path} of all that a package is made of, in the order of the names."""
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is a package of this project"
    assert spec.submodule_search_locations, f"{package} is a package, not a module"
    root = Path(spec.submodule_search_locations[0])
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return {f"{package}/{path.relative_to(root).as_posix()}": path for path in files}


def key_of_files(files: dict[str, Path]) -> str:
    return key_of(files={name: path.read_text() for name, path in files.items()})


def upload_code(s3: S3Client, bucket: str, files: dict[str, Path]) -> str:
    """URI of the folder that holds the files, below their key."""
    uri = code_uri(bucket, files)
    for name, path in files.items():
        upload_once(s3, bucket, split_uri(uri + name)[1], path)
    return uri


def code_uri(bucket: str, files: dict[str, Path]) -> str:
    return f"s3://{bucket}/code/{key_of_files(files)}/"
