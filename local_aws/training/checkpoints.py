"""Checkpoints: they are copied from S3 before the script starts, and new ones are copied to S3 while it runs."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.s3_uri import split_s3_uri
from local_aws.training.job import TrainingFailed

PERIOD = 0.5  # seconds


class CheckpointSync:
    """Copies new and changed files of all `folders` to one prefix in S3; files deleted on disk stay in S3, as on SageMaker."""

    def __init__(self, s3: Any, uri: str, folders: Sequence[Path]) -> None:
        self._s3, self._folders = s3, folders
        self._bucket, prefix = split_s3_uri(uri)
        self._prefix = prefix.rstrip("/")
        self._copied = {file: version(file) for file in self._files()}  # these files came from S3
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Copy the last changes; TrainingFailed when S3 refuses them."""
        self.abandon()
        try:
            self._copy()
        except (BotoCoreError, ClientError) as error:
            raise TrainingFailed(f"ClientError: Checkpoint upload failed: {error}") from error

    def abandon(self) -> None:
        self._ended.set()
        self._thread.join()

    def _repeat(self) -> None:
        while not self._ended.wait(PERIOD):
            try:
                self._copy()
            except (BotoCoreError, ClientError):
                continue  # `finish` reports the error if it persists

    def _copy(self) -> None:
        for file in self._files():
            try:
                self._copy_file(file)
            except FileNotFoundError:  # the script renamed or deleted the file
                continue

    def _copy_file(self, file: Path) -> None:
        found = version(file)
        if self._copied.get(file) == found:
            return
        root = next(folder for folder in self._folders if file.is_relative_to(folder))
        with file.open("rb") as content:  # reads the same file to its end, even when a new file takes its name
            self._s3.upload_fileobj(content, self._bucket, f"{self._prefix}/{file.relative_to(root).as_posix()}")
        self._copied[file] = found

    def _files(self) -> list[Path]:
        return [file for folder in self._folders for file in sorted(folder.rglob("*")) if file.is_file()]


def version(file: Path) -> tuple[int, int, int]:
    found = file.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
