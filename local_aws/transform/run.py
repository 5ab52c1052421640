"""The run of one transform job: start model servers, send every object to them, write the answers to S3."""

import http.client
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from local_aws.cloud import Cloud
from local_aws.endpoints.instance import Instance, Launch, Reply
from local_aws.iam.on_behalf import log_under, may_put_metrics
from local_aws.s3_uri import split_s3_uri
from local_aws.transform.job import Job, TransformFailed
from local_aws.transform.objects import Input, assemble, list_inputs, payloads

LOG_GROUP = METRICS = "/aws/sagemaker/TransformJobs"
INTERNAL_ERROR = "InternalServerError: We encountered an internal error. Please try again."
SEE_LOGS = "ClientError: See job logs for more information"
RETRY_PAUSE = 0.2  # seconds


class Refused(Exception):
    """The model did not answer an object; the text goes to the job's log."""


class TransformRun:
    """Runs `job` on servers that `launch_of` prepares; `s3` has the rights of the model's role."""

    def __init__(self, cloud: Cloud, job: Job, role: str, s3: Any, launch_of: Callable[[], Launch]) -> None:
        self._cloud, self._job, self._role, self._s3, self._launch_of = cloud, job, role, s3, launch_of
        self._spec: Mapping[str, Any] = job.spec
        self._instances: list[Instance] = []
        self._refused = threading.Event()
        self._begun = time.monotonic()

    def __call__(self) -> None:
        ending = ("Failed", INTERNAL_ERROR)
        try:
            ending = self._transform()
        except TransformFailed as failure:
            ending = ("Failed", str(failure))
        finally:
            self._measure()
            for instance in self._instances:
                instance.kill()
            shutil.rmtree(self._cloud.state / "transform" / self._job.name, ignore_errors=True)
            self._job.end(*(("Stopped", "") if self._job.stop_asked.is_set() else ending))

    def abandon(self) -> None:
        """End the processes at once, because the job was stopped or local_aws itself ends."""
        self._job.stop_asked.set()
        for instance in self._instances:
            instance.kill()

    def _transform(self) -> tuple[str, str]:
        inputs = list_inputs(self._s3, self._spec)
        launch = self._launch_of()
        self._instances = [Instance(launch, self._log_of) for _ in range(self._spec["TransformResources"]["InstanceCount"])]
        if self._job.stop_asked.is_set():
            return "Stopped", ""
        self._job.start()
        if not all(instance.wait_started() for instance in self._instances):
            raise TransformFailed(
                "AlgorithmError: The primary container did not pass the ping health check. Please check CloudWatch logs for this job."
            )
        self._share_out(inputs)
        return ("Failed", SEE_LOGS) if self._refused.is_set() else ("Completed", "")

    def _share_out(self, inputs: Sequence[Input]) -> None:
        """Share the objects between the servers; a failed object fails the job, but all other objects are still answered."""
        threads, count = max(1, self._spec.get("MaxConcurrentTransforms", 1)), len(self._instances)
        with ThreadPoolExecutor(threads * count) as pool:
            each = [pool.submit(self._answer, self._instances[number % count], given) for number, given in enumerate(inputs)]
            for answer in each:
                answer.result()

    def _answer(self, instance: Instance, given: Input) -> None:
        if self._job.stop_asked.is_set():
            return
        bucket, prefix = split_s3_uri(self._spec["TransformOutput"]["S3OutputPath"].rstrip("/"))
        key = f"{prefix}/{given.name}.out".lstrip("/")
        try:
            body = self._s3.get_object(Bucket=given.bucket, Key=given.key)["Body"].read()
            answers = [self._ask(instance, payload) for payload in payloads(body, self._spec)]
            self._s3.put_object(Bucket=bucket, Key=key, Body=assemble(answers, self._spec))
        except (Refused, ValueError) as refused:
            self._refuse(instance, given, str(refused))
        except (Boto3Error, BotoCoreError, ClientError) as error:
            self._refuse(instance, given, f"ClientError: {error}")

    def _ask(self, instance: Instance, payload: bytes) -> bytes:
        config, content_type = self._spec.get("ModelClientConfig", {}), self._spec["TransformInput"].get("ContentType")
        headers = {"Content-Type": content_type} if content_type else {}
        if accept := self._spec["TransformOutput"].get("Accept"):
            headers["Accept"] = accept
        for _ in range(1 + config.get("InvocationsMaxRetries", 3)):
            reply = post(instance, payload, headers, config.get("InvocationsTimeoutInSeconds", 600))
            if 200 <= reply.status < 300:
                return reply.body
            if 400 <= reply.status < 500 or self._job.stop_asked.wait(RETRY_PAUSE):
                break
        text = reply.body.decode(errors="replace")
        raise Refused(f"Bad HTTP status received from algorithm: {reply.status} Message: {text}")

    def _refuse(self, instance: Instance, given: Input, reason: str) -> None:
        if self._job.stop_asked.is_set():  # the stop ended the server during this request
            return
        self._refused.set()
        log = log_under(self._cloud, self._role, LOG_GROUP, f"{self._job.name}/{instance.id}/data-log")
        log.write(f"[sagemaker logs]: {given.bucket}/{given.key}: {reason}")

    def _log_of(self, instance: str) -> Callable[[str], None]:
        return log_under(self._cloud, self._role, LOG_GROUP, f"{self._job.name}/{instance}").write

    def _measure(self) -> None:
        """Put one value for each instance and the whole job; AWS puts one value for each minute."""
        seconds = time.monotonic() - self._begun
        if not may_put_metrics(self._cloud, self._role, METRICS):
            return
        for instance in self._instances:
            host = {"Host": f"{self._job.name}/{instance.id}"}
            self._cloud.put_metric(METRICS, "CPUUtilization", 100 * instance.cpu_seconds() / seconds, "Percent", host)


def post(instance: Instance, payload: bytes, headers: Mapping[str, str], timeout: float) -> Reply:
    """Send a payload; status 0 means that no answer came."""
    try:
        return instance.post(payload, headers, timeout)
    except ConnectionRefusedError as error:
        instance.give_up()
        return Reply(0, {}, str(error).encode())
    except (OSError, http.client.HTTPException) as error:
        return Reply(0, {}, f"{type(error).__name__}: {error}".encode())
