"""Input data: the objects of a channel are downloaded once and linked into the folder of every host that gets them."""

import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from botocore.exceptions import ClientError

from local_aws.inputs import no_objects
from local_aws.s3_uri import split_s3_uri
from local_aws.training.job import Job, TrainingFailed

PARALLEL_DOWNLOADS = 8


@dataclass(frozen=True)
class Channel:
    """One downloaded channel: `files` are paths relative to `folder`."""

    name: str
    folder: Path
    files: Sequence[str]
    sharded: bool

    def link(self, destination: Path, *, rank: int, hosts: int) -> None:
        """Link the files of this host into `destination`; a sharded channel gives each host every `hosts`-th file."""
        destination.mkdir(parents=True, exist_ok=True)
        for file in self.files[rank::hosts] if self.sharded else self.files:
            target = destination / file
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(self.folder / file, target)


def download_channels(s3: Any, job: Job, folder: Path) -> list[Channel]:
    """Download all channels of the job; TrainingFailed when S3 refuses or a prefix is empty."""
    return [download_channel(s3, job, channel, folder) for channel in job.spec.get("InputDataConfig", [])]


def download_channel(s3: Any, job: Job, channel: Mapping[str, Any], folder: Path) -> Channel:
    source, destination = channel["DataSource"]["S3DataSource"], folder / channel["ChannelName"]
    try:
        files = download_prefix(s3, source["S3Uri"], destination, job.stop_asked)
    except ClientError as error:
        raise TrainingFailed(f"ClientError: Data download failed: {error}") from error
    if not files:
        raise TrainingFailed(f"ClientError: {no_objects(source['S3Uri'], job.spec['RoleArn'])}")
    return Channel(channel["ChannelName"], destination, files, source.get("S3DataDistributionType") == "ShardedByS3Key")


def download_prefix(s3: Any, uri: str, folder: Path, cancelled: threading.Event) -> list[str]:
    """Download every object under an S3 prefix until `cancelled` is set; return the paths relative to `folder`, sorted by key."""
    bucket, prefix = split_s3_uri(uri)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = sorted(entry["Key"] for found in pages for entry in found.get("Contents", []) if not entry["Key"].endswith("/"))
    files = {relative(key, prefix): key for key in keys}
    for parent in {(folder / file).parent for file in files}:
        parent.mkdir(parents=True, exist_ok=True)

    def download(file: str) -> None:
        if cancelled.is_set():
            return
        body = s3.get_object(Bucket=bucket, Key=files[file])["Body"]
        with (folder / file).open("wb") as target:
            for block in body.iter_chunks(1 << 20):
                target.write(block)

    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        list(pool.map(download, files))
    return list(files)


def relative(key: str, prefix: str) -> str:
    """The path of a key below the folder of its prefix; it is the file name when the prefix ends inside a name."""
    if prefix.endswith("/") or key.startswith(prefix + "/") or not prefix:
        return key[len(prefix) :].lstrip("/")
    return str(PurePosixPath(key).relative_to(PurePosixPath(prefix).parent))
