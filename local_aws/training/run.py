"""The run of one training job, from its input to its artifacts, in a separate thread."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from local_aws.capacity import Capacity
from local_aws.cloud import Cloud
from local_aws.iam.on_behalf import log_under, missing_pull, pull_denied
from local_aws.images import Image, image_environment
from local_aws.training.artifacts import has_files, upload_tar
from local_aws.training.cluster import Cluster, Ending
from local_aws.training.interruptions import Interruptions
from local_aws.training.job import InstancesTaken, Job, TrainingFailed
from local_aws.training.metrics import NAMESPACE, MetricReader
from local_aws.training.request import DAY

INTERNAL_ERROR = "InternalServerError: We encountered an internal error. Please try again."
# AWS's code, because whoever starts such a job again goes by it
EMBEDDED_AWS_ENDED = "InternalServerError: The embedded AWS ended while the job ran, and its instances with it."
NO_CAPACITY = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type or after some time."
)
STOPPED: Ending = ("Stopped", "")
LOOK = 0.1  # seconds between two checks for capacity


@dataclass(frozen=True)
class Supply:
    """The supply of instances: capacity, interruptions, and the seconds between SIGTERM and SIGKILL (120 on AWS)."""

    capacity: Capacity
    interruptions: Interruptions
    grace: float = 5.0


class TrainingRun:
    """Runs `job` in `image` with the rights of its role; an interrupted spot job is launched again."""

    def __init__(self, cloud: Cloud, job: Job, supply: Supply, *, image: Image, credentials: Mapping[str, str]) -> None:
        self._cloud, self._job, self._supply, self._image, self._credentials = cloud, job, supply, image, credentials
        self._folder = cloud.state / "training" / job.name
        self._s3 = cloud.client("s3", credentials)
        self._begun = time.monotonic()
        self._cluster = self._new_cluster()
        self._abandoned = False

    def __call__(self) -> None:
        ending = ("Failed", INTERNAL_ERROR)
        try:
            ending = self._train()
            self._cluster.end()
            if not self._abandoned:
                self._upload(completed=ending[0] == "Completed", failed=ending[0] == "Failed")
        except TrainingFailed as failure:
            ending = ("Failed", str(failure))
        finally:
            self._cluster.end()
            self._job.end(*ending)
            shutil.rmtree(self._folder, ignore_errors=True)

    def abandon(self) -> None:
        """End the processes at once and upload nothing: local_aws itself is ending."""
        self._abandoned = True
        self._job.stop_asked.set()
        self._cluster.end()

    def _train(self) -> Ending:
        missing = 0.0
        while True:
            ending = self._wait_for_instances(missing) or self._launch()
            if not isinstance(ending, InstancesTaken):
                return ending
            self._job.interrupt()
            missing, self._cluster = ending.seconds, self._new_cluster()

    def _wait_for_instances(self, seconds: float) -> Ending | None:
        """Wait for instances, at least `seconds` and while the type has no capacity; None when the instances are ready.

        Only a spot job waits: TrainingFailed for an on-demand job without capacity.
        """
        soonest, supply, job = time.monotonic() + seconds, self._supply, self._job
        while time.monotonic() < soonest or supply.capacity.lacks(job.instance_type):
            if not job.is_spot:
                raise TrainingFailed(NO_CAPACITY)
            job.wait_for_capacity()
            if job.stop_asked.wait(LOOK):
                return STOPPED
            if self._left_to_wait <= 0:
                return "MaxWaitTimeExceeded", ""
        return None

    def _launch(self) -> Ending | InstancesTaken:
        if self._job.seconds:
            self._job.enter("Starting")
        self._job.launch()
        role, image = self._job.spec["RoleArn"], self._job.spec["AlgorithmSpecification"]["TrainingImage"]
        if missing := missing_pull(self._cloud, role, image):
            raise TrainingFailed(f"ClientError: {pull_denied(role, missing, image)}")
        if not self._cluster.prepare():
            return STOPPED
        self._job.enter("Training")
        environment = {**image_environment(self._image, self._cloud.state / "images"), **self._job.spec.get("Environment", {})}
        self._cluster.start(self._image.train, {**environment, **self._credentials}, self._line_reader)
        ending = self._supervise()
        if isinstance(ending, InstancesTaken):
            self._cluster.save_checkpoints()
        return ending

    def _supervise(self) -> Ending | InstancesTaken:
        left_to_run = self._job.spec["StoppingCondition"].get("MaxRuntimeInSeconds", DAY) - self._job.seconds
        if self._job.is_spot:
            self._supply.interruptions.watch(self._job.name, lambda found: self._job.events.put(InstancesTaken(found.seconds)))
        try:
            ending = self._cluster.supervise(min(left_to_run, self._left_to_wait))
        finally:
            self._supply.interruptions.unwatch(self._job.name)
        return ending or ("MaxRuntimeExceeded" if left_to_run <= self._left_to_wait else "MaxWaitTimeExceeded", "")

    @property
    def _left_to_wait(self) -> float:
        """The seconds that are left of a spot job's MaxWaitTime, which counts waiting and running."""
        most = self._job.spec["StoppingCondition"].get("MaxWaitTimeInSeconds", float("inf"))
        return float(most) - (time.monotonic() - self._begun)

    def _new_cluster(self) -> Cluster:
        return Cluster(self._job, self._folder, self._s3, grace=self._supply.grace)

    def _line_reader(self, host: str) -> Callable[[str], None]:
        log = log_under(self._cloud, self._job.spec["RoleArn"], NAMESPACE, f"{self._job.name}/{host}-{int(time.time())}")
        metrics = MetricReader(self._cloud, self._job)

        def read(line: str) -> None:
            log.write(line)
            metrics.read(line)
            self._supply.interruptions.read(self._job.name, line)

        return read

    def _upload(self, *, completed: bool, failed: bool) -> None:
        self._job.enter("Uploading")
        output = f"{self._job.spec['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self._job.name}/output"
        models, outputs = [host.model for host in self._cluster.hosts], [host.output for host in self._cluster.hosts]
        try:
            if has_files(outputs):
                upload_tar(self._s3, f"{output}/output.tar.gz", outputs, self._folder / "output.tar.gz")
            if completed or (not failed and has_files(models)):
                upload_tar(self._s3, f"{output}/model.tar.gz", models, self._folder / "model.tar.gz")
                self._job.set_model(f"{output}/model.tar.gz")
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise TrainingFailed(f"ClientError: Artifact upload failed: {error}") from error
        self._cluster.save_checkpoints()
