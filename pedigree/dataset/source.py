"""Bring a dataset to this machine: a folder, a .zip or .tar.gz, an https:// archive, or a folder or archive under s3://.

Weights to start from come by the same ways, as one file.
"""

import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from botocore.exceptions import ClientError

from pedigree.aws.clients import S3Client
from pedigree.aws.errors import AwsDenied, InvalidInput, may_pass
from pedigree.aws.failures import words_of
from pedigree.aws.objects import split_uri

SPLITS = ("train", "valid", "test")
ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")


@dataclass(frozen=True)
class Kind:
    """A kind of source: for errors the setting that names it, its noun and what may be given; and the endings of its files."""

    setting: str
    noun: str
    given: str
    endings: tuple[str, ...]

    def wrong(self, uri: str, cause: str, action: str) -> InvalidInput:
        return InvalidInput(self.setting, uri, cause, action)

    def require_ending(self, uri: str, name: str) -> None:
        if not name.endswith(self.endings):
            raise self.wrong(uri, f"{name} is not a supported {self.noun}", f"give {self.given}")


DATASET = Kind("dataset", "archive", f"a folder or one of {', '.join(ARCHIVES)}", ARCHIVES)


def local_folder(uri: str, scratch: Path, s3: S3Client) -> Path:
    """The folder on this machine with train/, valid/ and test/; a dataset from elsewhere is fetched and unpacked below `scratch`."""
    return find_root(uri, unpacked(uri, fetched(uri, scratch, s3), scratch / "unpacked"))


def fetched(uri: str, scratch: Path, s3: S3Client, kind: Kind = DATASET) -> Path:
    """The path on this machine of what lies at `uri`; InvalidInput says why it cannot be had."""
    address, wrong = urlsplit(uri), kind.wrong
    if address.scheme == "https":
        return download(uri, scratch / Path(address.path).name, kind)
    if address.scheme == "s3":
        try:
            return download_s3(uri, scratch, s3, kind)
        except (ClientError, AwsDenied) as error:
            if may_pass(error):
                raise
            raise wrong(uri, words_of(error), "check the address, and that the orchestrator's role may read it") from error
    if address.scheme not in ("", "file") and len(address.scheme) > 1:  # one letter is a drive of Windows
        raise wrong(uri, f"{address.scheme}:// is not supported", f"give {kind.given}, here or at an https:// or s3:// address")
    path = Path(address.path if address.scheme == "file" else uri).expanduser()
    if not path.exists():
        raise wrong(uri, "there is no such file or folder", "check the path; it is read on the machine where the worker runs")
    return path


def download(uri: str, target: Path, kind: Kind) -> Path:
    kind.require_ending(uri, target.name)
    try:
        with httpx.stream("GET", uri, follow_redirects=True, timeout=60) as response, target.open("wb") as file:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                file.write(chunk)
    except httpx.HTTPError as error:
        raise kind.wrong(uri, str(error), "check the address, and that this machine can reach it") from error
    return target


def download_s3(uri: str, scratch: Path, s3: S3Client, kind: Kind) -> Path:
    bucket, key = split_uri(uri)
    if key.endswith(kind.endings):
        target = scratch / Path(key).name
        s3.download_file(bucket, key, str(target))
        return target
    prefix, folder = key.rstrip("/") + "/" if key else "", scratch / "objects"
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            target = inside(uri, folder, item["Key"].removeprefix(prefix))
            target.parent.mkdir(parents=True, exist_ok=True)
            if not item["Key"].endswith("/"):
                s3.download_file(bucket, item["Key"], str(target))
    if not folder.exists():
        raise kind.wrong(uri, "no object begins with this prefix", "check bucket and prefix")
    return folder


def unpacked(uri: str, path: Path, folder: Path) -> Path:
    if path.is_dir():
        return path
    DATASET.require_ending(uri, path.name)
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder)  # noqa: S202 - zipfile keeps every member inside the folder
        else:
            with tarfile.open(path) as archive:
                archive.extractall(folder, filter="data")
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise DATASET.wrong(uri, f"it cannot be unpacked ({error})", "pack it again") from error
    return folder


def find_root(uri: str, folder: Path) -> Path:
    """The folder itself, or the first folder in it with a split: an archive usually has one folder with its own name."""
    for candidate in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if any((candidate / split).is_dir() for split in SPLITS):
            return candidate
    raise DATASET.wrong(uri, "it holds no folder train/, valid/ or test/", "lay it out as {train,valid,test}/<class>/<image>.jpg")


def inside(uri: str, folder: Path, name: str) -> Path:
    target = folder / name
    if not target.resolve().is_relative_to(folder.resolve()):
        raise DATASET.wrong(uri, f"{name} points outside its prefix", "rename the object")
    return target
