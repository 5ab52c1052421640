"""The checks of a model artifact before a deployment."""

import gzip
import json
import struct
import tarfile
import zlib
from collections.abc import Mapping
from tempfile import TemporaryFile
from typing import IO, Any

from pedigree.artifact.golden import Golden, golden_of, is_golden
from pedigree.aws.clients import client
from pedigree.aws.naming import ARTIFACT_ETAG
from pedigree.aws.objects import read_member, split_uri
from pedigree.values import Account, ModelVersion

WEIGHTS = "model.safetensors"
BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error)
CHUNK = 2**20


class Unfit(Exception):
    """An artifact that cannot be deployed; the text says why."""


def check_artifact(account: Account, version: ModelVersion) -> tuple[Golden | None, list[str]]:
    """The (golden images, no problems) of an artifact, or (None, the reasons against its deployment)."""
    s3, (bucket, key) = client(account.credentials, "s3"), split_uri(version.artifact)
    package = client(account.credentials, "sagemaker").describe_model_package(ModelPackageName=version.arn)
    registered = package.get("CustomerMetadataProperties", {}).get(ARTIFACT_ETAG)
    with TemporaryFile() as file:
        answer = s3.get_object(Bucket=bucket, Key=key)
        if registered not in (None, etag_of(answer)):  # versions of an earlier release have no ETag
            return None, [
                f"{version.artifact} is not the registered object: its ETag is {etag_of(answer)}, and {registered} was registered"
            ]
        for chunk in answer["Body"].iter_chunks(CHUNK):
            file.write(chunk)
        file.seek(0)
        try:
            return read_checked(file), []
        except Unfit as problem:
            return None, [f"{version.artifact}: {problem}"]


def etag_of(answer: Mapping[str, Any]) -> str:
    return str(answer["ETag"]).strip('"')


def read_checked(file: IO[bytes]) -> Golden:
    """Read the golden images; Unfit for an artifact that is damaged or whose parts do not match."""
    contents: dict[str, bytes] = {}
    rows: set[int] | None = None
    try:
        with gzip.GzipFile(fileobj=file) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                if is_golden(member):
                    contents[name] = read_member(archive, member)
                elif name == WEIGHTS:
                    weights = archive.extractfile(member)
                    assert weights is not None, "a file"
                    rows = rows_of_tensors(weights, member.size)
            while stream.read(CHUNK):  # up to the checksum of the archive
                pass
    except BROKEN as error:
        raise Unfit(f"the archive is damaged: {error}") from error
    if rows is None:
        raise Unfit(f"there is no {WEIGHTS} in it")
    return require_fitting(contents, rows)


def rows_of_tensors(weights: IO[bytes], size: int) -> set[int]:
    """The first dimensions of all tensors, from the header: https://huggingface.co/docs/safetensors"""
    try:
        (length,) = struct.unpack("<Q", weights.read(8))
        header = json.loads(weights.read(min(length, size)))
        tensors = [tensor for name, tensor in header.items() if name != "__metadata__"]
        end = 8 + length + max(tensor["data_offsets"][1] for tensor in tensors)
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise Unfit(f"{WEIGHTS} cannot be read: {error}") from error
    if end != size:
        raise Unfit(f"{WEIGHTS} has {size} bytes, but its header says {end}")
    return {tensor["shape"][0] for tensor in tensors if tensor["shape"]}


def require_fitting(contents: dict[str, bytes], rows: set[int]) -> Golden:
    try:
        golden = golden_of(contents)
    except (ValueError, KeyError, TypeError) as error:
        raise Unfit(f"model.json or golden/ cannot be read: {error!r}") from error
    count = len(golden.classes)
    if not golden.images:
        raise Unfit("there are no golden images in it")
    if count not in rows:
        raise Unfit(f"model.json names {count} classes, but no tensor of the weights has {count} rows")
    for image in golden.images:
        if len(image.logits) != count:
            raise Unfit(f"{image.file} has {len(image.logits)} logits for {count} classes")
    return golden
