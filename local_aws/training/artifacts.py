"""The artifacts of a job: `model.tar.gz` and `output.tar.gz` under its S3 output path."""

import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from local_aws.s3_uri import split_s3_uri

FASTEST = 1  # gzip level: an artifact is mostly weights, which hardly compress


def upload_tar(s3: Any, uri: str, folders: Iterable[Path], scratch: Path) -> None:
    """Pack the contents of all folders into one archive at `uri`; the first folder wins when several have the same name."""
    with tarfile.open(scratch, "w:gz", compresslevel=FASTEST) as archive:
        seen: set[str] = set()
        for folder in folders:
            for file in sorted(folder.rglob("*")):
                name = str(file.relative_to(folder))
                if name not in seen:
                    seen.add(name)
                    archive.add(file, name, recursive=False)
    bucket, key = split_s3_uri(uri)
    s3.upload_file(str(scratch), bucket, key)


def has_files(folders: Iterable[Path]) -> bool:
    return any(file.is_file() for folder in folders for file in folder.rglob("*"))
