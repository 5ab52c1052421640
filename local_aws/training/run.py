"""The life of one training job, from its input to its artifacts; runs in a thread of its own."""

import queue
import shutil
import time
from collections.abc import Callable, Mapping

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from local_aws.cloud import Cloud
from local_aws.images import Image, image_environment
from local_aws.training.artifacts import has_files, upload_files, upload_tar
from local_aws.training.channels import download_channels, download_prefix
from local_aws.training.host import Host, host_names
from local_aws.training.job import Job, TrainingFailed
from local_aws.training.metrics import NAMESPACE, MetricReader

INTERNAL_ERROR = "InternalServerError: We encountered an internal error. Please try again."
Ending = tuple[str, str]  # the last SecondaryStatus and the FailureReason


class TrainingRun:
    """Runs `job` in `image` as its role; `grace` is the time in seconds between SIGTERM and SIGKILL."""

    def __init__(self, cloud: Cloud, job: Job, *, image: Image, credentials: Mapping[str, str], grace: float) -> None:
        self._cloud, self._job, self._image, self._credentials, self._grace = cloud, job, image, credentials, grace
        self._folder = cloud.state / "training" / job.name
        self._hosts = [Host(job, rank, self._folder / name) for rank, name in enumerate(host_names(job))]
        self._s3 = cloud.client("s3", credentials)
        self._abandoned = False

    def __call__(self) -> None:
        ending = ("Failed", INTERNAL_ERROR)
        try:
            ending = self._train() if self._prepare() else ("Stopped", "")
            self._kill()
            if not self._abandoned:
                self._upload(completed=ending[0] == "Completed", failed=ending[0] == "Failed")
        except TrainingFailed as failure:
            ending = ("Failed", str(failure))
        finally:
            self._kill()
            self._job.end(*ending)
            shutil.rmtree(self._folder, ignore_errors=True)

    def abandon(self) -> None:
        """End the processes at once and upload nothing: local_aws itself is ending."""
        self._abandoned = True
        self._job.stop_asked.set()
        self._kill()

    def _kill(self) -> None:
        for host in self._hosts:
            host.kill()

    def _prepare(self) -> bool:
        """Download the input; False when the job was stopped meanwhile."""
        self._job.started()
        channels = download_channels(self._s3, self._job, self._folder / "channels")
        if self._job.stop_asked.is_set():  # what was asked for then is not all there
            return False
        for host in self._hosts:
            host.prepare(channels)
            if "CheckpointConfig" in self._job.spec:
                download_prefix(self._s3, self._job.spec["CheckpointConfig"]["S3Uri"], host.checkpoints, self._job.stop_asked)
        return not self._job.stop_asked.is_set()

    def _train(self) -> Ending:
        self._job.enter("Training")
        environment = {**image_environment(self._image, self._cloud.state / "images"), **self._job.spec.get("Environment", {})}
        started = int(time.time())
        for host in self._hosts:
            host.start({**environment, **self._credentials}, self._line_reader(f"{self._job.name}/{host.name}-{started}"))
        return self._supervise()

    def _line_reader(self, stream: str) -> Callable[[str], None]:
        log, metrics = self._cloud.log(NAMESPACE, stream), MetricReader(self._cloud, self._job)

        def read(line: str) -> None:
            log.write(line)
            metrics.read(line)

        return read

    def _supervise(self) -> Ending:
        """Wait until all hosts have ended well, one has failed, the job is stopped or its time is over."""
        running = {host.name: host for host in self._hosts}
        deadline = time.monotonic() + self._job.spec["StoppingCondition"].get("MaxRuntimeInSeconds", 86_400)
        while running:
            try:
                event = self._job.events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self._wind_down(running)
                return "MaxRuntimeExceeded", ""
            if event is None:
                self._wind_down(running)
                return "Stopped", ""
            name, status = event
            host = running.pop(name)
            if status:
                return "Failed", f"AlgorithmError: {host.failure()[:1024]}, exit code: {status}"
        return "Completed", ""

    def _wind_down(self, running: dict[str, Host]) -> None:
        """SIGTERM to every host, then as long as the grace lasts for them to end by themselves."""
        for host in running.values():
            host.terminate()
        deadline = time.monotonic() + self._grace
        while running:
            try:
                event = self._job.events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return
            if event:
                running.pop(event[0])

    def _upload(self, *, completed: bool, failed: bool) -> None:
        self._job.enter("Uploading")
        output = f"{self._job.spec['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self._job.name}/output"
        models, outputs = [host.model for host in self._hosts], [host.output for host in self._hosts]
        try:
            if has_files(outputs):
                upload_tar(self._s3, f"{output}/output.tar.gz", outputs, self._folder / "output.tar.gz")
            if completed or (not failed and has_files(models)):
                upload_tar(self._s3, f"{output}/model.tar.gz", models, self._folder / "model.tar.gz")
                self._job.set_model(f"{output}/model.tar.gz")
            for host in self._hosts:
                self._upload_checkpoints(host)
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise TrainingFailed(f"ClientError: Artifact upload failed: {error}") from error

    def _upload_checkpoints(self, host: Host) -> None:
        if "CheckpointConfig" in self._job.spec:
            upload_files(self._s3, self._job.spec["CheckpointConfig"]["S3Uri"], host.checkpoints)
