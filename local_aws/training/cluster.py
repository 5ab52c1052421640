"""The instances of one launch of a job: new machines, the script on each, and the event that ends the launch."""

import queue
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from local_aws.ports import free_port
from local_aws.training.channels import download_channels, download_prefix
from local_aws.training.checkpoints import CheckpointSync
from local_aws.training.host import Host, host_names
from local_aws.training.job import HostEnded, InstancesTaken, Job

Ending = tuple[str, str]  # the last SecondaryStatus and the FailureReason


class Cluster:
    """All hosts of the job, below `folder`; `grace` is the time in seconds between SIGTERM and SIGKILL."""

    def __init__(self, job: Job, folder: Path, s3: Any, *, grace: float) -> None:
        self._job, self._folder, self._s3, self._grace = job, folder, s3, grace
        port = free_port()
        self.hosts = [Host(job, rank, folder / name, port) for rank, name in enumerate(host_names(job))]
        self._checkpoints: CheckpointSync | None = None

    def prepare(self) -> bool:
        """Download input and checkpoints; False when the job is stopped during the download."""
        shutil.rmtree(self._folder, ignore_errors=True)  # no file of earlier machines is left
        channels = download_channels(self._s3, self._job, self._folder / "channels")
        if self._job.stop_asked.is_set():  # the download is then incomplete
            return False
        config = self._job.spec.get("CheckpointConfig")
        for host in self.hosts:
            host.prepare(channels)
            if config:
                download_prefix(self._s3, config["S3Uri"], host.checkpoints, self._job.stop_asked)
        if config:
            self._checkpoints = CheckpointSync(self._s3, config["S3Uri"], [host.checkpoints for host in self.hosts])
        return not self._job.stop_asked.is_set()

    def start(self, train: Sequence[str], environment: Mapping[str, str], reader_of: Callable[[str], Callable[[str], None]]) -> None:
        """Start the script, or else `train`, on every host; `reader_of` makes the function that reads the lines of a host."""
        for host in self.hosts:
            host.start(train, environment, reader_of(host.name))

    def supervise(self, seconds: float) -> Ending | InstancesTaken | None:
        """Wait for the event that ends the launch: success, failure, stop or interruption; None after `seconds`."""
        running = {host.name: host for host in self.hosts}
        deadline = time.monotonic() + seconds
        while running:
            try:
                event = self._job.events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self._wind_down(running)
                return None
            if not isinstance(event, HostEnded):
                self._wind_down(running)
                return event if isinstance(event, InstancesTaken) else ("Stopped", "")
            host = running.pop(event.host)
            if event.status:
                return "Failed", f"AlgorithmError: {host.failure()[:1024]}, exit code: {event.status}"
        return "Completed", ""

    def save_checkpoints(self) -> None:
        """Copy the last checkpoints to S3; TrainingFailed when S3 refuses them."""
        if self._checkpoints:
            self._checkpoints.finish()

    def end(self) -> None:
        """End all processes at once."""
        for host in self.hosts:
            host.kill()
        if self._checkpoints:
            self._checkpoints.abandon()

    def _wind_down(self, running: dict[str, Host]) -> None:
        """Send SIGTERM to every host, then SIGKILL to hosts that run after the grace period; return when all have ended."""
        for host in running.values():
            host.terminate()
        deadline = time.monotonic() + self._grace
        while running:
            try:
                event = self._job.events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                for host in running.values():
                    host.kill()
                event = self._job.events.get()
            if isinstance(event, HostEnded):
                running.pop(event.host)
