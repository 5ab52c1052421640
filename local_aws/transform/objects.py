"""The objects of a transform job: their list, their records, and the names of their answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.s3_uri import split_s3_uri
from local_aws.transform.job import TransformFailed

MB = 1024 * 1024


@dataclass(frozen=True)
class Input:
    """One input object; its answer is at `name` below the output path, with `.out` added."""

    bucket: str
    key: str
    name: str


def list_inputs(s3: Any, spec: Mapping[str, Any]) -> list[Input]:
    """List the objects of a job; TransformFailed when S3 refuses or there are no objects."""
    source = spec["TransformInput"]["DataSource"]["S3DataSource"]
    try:
        found = list(manifest_inputs(s3, source["S3Uri"]) if source["S3DataType"] == "ManifestFile" else prefix_inputs(s3, source["S3Uri"]))
    except (ClientError, BotoCoreError) as error:
        raise TransformFailed(f"ClientError: Data download failed: {error}") from error
    if not found:
        raise TransformFailed(f'ClientError: No S3 objects found under S3 URL "{source["S3Uri"]}" given in input data source.')
    return found


def manifest_inputs(s3: Any, uri: str) -> Iterator[Input]:
    """The objects of a manifest, `[{"prefix": "s3://bucket/some/"}, "a.jpg", "b/c.jpg"]`; it also names their answers."""
    bucket, key = split_s3_uri(uri)
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        head, *names = json.loads(body)
        bucket, prefix = split_s3_uri(head["prefix"])
    except (ValueError, KeyError, TypeError) as error:
        raise TransformFailed(f'ClientError: The manifest "{uri}" is not of the form [{{"prefix": ...}}, "key", ...].') from error
    return (Input(bucket, prefix + name, name) for name in names)


def prefix_inputs(s3: Any, uri: str) -> Iterator[Input]:
    """All objects with the prefix; their names begin after the last `/` of the prefix."""
    bucket, prefix = split_s3_uri(uri)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    start = len(prefix.rpartition("/")[0]) + ("/" in prefix)
    for entry in (entry for page in pages for entry in page.get("Contents", [])):
        if not entry["Key"].endswith("/"):
            yield Input(bucket, entry["Key"], entry["Key"][start:])


def payloads(body: bytes, spec: Mapping[str, Any]) -> Iterator[bytes]:
    """The payloads of an object, one for each request; ValueError when a payload is larger than MaxPayloadInMB."""
    most = spec.get("MaxPayloadInMB", 6) * MB
    if spec["TransformInput"].get("SplitType", "None") == "None":
        records: Sequence[bytes] = [body]
    else:
        records = body.splitlines(keepends=True)
    if any(len(record) > most for record in records) and most:  # 0 means streams without a limit
        raise ValueError(f"a record is larger than MaxPayloadInMB, {most // MB} MB")
    if spec.get("BatchStrategy") != "MultiRecord":
        yield from (record.rstrip(b"\n") if len(records) > 1 else record for record in records)
        return
    batch = b""
    for record in records:
        if batch and len(batch) + len(record) > most:
            yield batch
            batch = b""
        batch += record
    yield batch


def assemble(answers: Sequence[bytes], spec: Mapping[str, Any]) -> bytes:
    by_line = spec["TransformOutput"].get("AssembleWith", "None") == "Line"
    return b"".join(answer.rstrip(b"\n") + b"\n" for answer in answers) if by_line else b"".join(answers)
