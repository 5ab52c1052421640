"""SageMaker transform jobs, run on the same model servers as endpoints."""

import threading
from collections import Counter
from functools import partial
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.capacity import Capacity
from local_aws.cloud import Cloud
from local_aws.endpoints.models import SERVICE, Models
from local_aws.iam.roles import assume_execution_role
from local_aws.inputs import objects_of_an_input
from local_aws.listing import page
from local_aws.quotas import Quotas
from local_aws.training.run import EMBEDDED_AWS_ENDED
from local_aws.transform.job import Job
from local_aws.transform.launch import prepare
from local_aws.transform.request import validate
from local_aws.transform.run import TransformRun

USE = "transform job"  # the name of this use in the quotas


class TransformJobs:
    """The transform jobs of one account. AWS has no DeleteTransformJob, so they are kept for good."""

    def __init__(self, cloud: Cloud, quotas: Quotas, capacity: Capacity) -> None:
        self._cloud, self._quotas, self._capacity, self._models = cloud, quotas, capacity, Models(cloud)
        self._runs: dict[str, tuple[TransformRun, threading.Thread]] = {}
        self._lock = threading.Lock()
        for job in self._jobs.values() if cloud.books_in_use("sagemaker") else ():
            if not job.ended:
                job.end("Failed", EMBEDDED_AWS_ENDED)

    @property
    def _jobs(self) -> dict[str, Job]:
        """The jobs by name, in moto's records, as training jobs are."""
        jobs: dict[str, Job] = self._cloud.books("sagemaker").transform_jobs
        return jobs

    def operations(self) -> Operations:
        return {
            ("sagemaker", "CreateTransformJob"): self.create,
            ("sagemaker", "DescribeTransformJob"): self.describe,
            ("sagemaker", "ListTransformJobs"): self.list,
            ("sagemaker", "StopTransformJob"): self.stop,
        }

    def close(self) -> None:
        with self._lock:
            runs = list(self._runs.values())
        for run, _ in runs:
            run.abandon()
        for _, thread in runs:
            thread.join(timeout=2)

    def create(self, call: Call) -> dict[str, Any]:
        spec = call.parameters
        name, instance_type = spec["TransformJobName"], spec["TransformResources"]["InstanceType"]
        self._require_new(name)
        validate(spec)
        container = self._models.container_of(spec["ModelName"])
        s3 = self._cloud.client("s3", assume_execution_role(self._cloud, container.role, SERVICE))
        objects_of_an_input(s3, spec["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"], container.role)
        job = Job(spec, self._cloud.arn("sagemaker", f"transform-job/{name.lower()}"), partial(self._cloud.memory.keep, "transform_jobs"))
        run = TransformRun(self._cloud, job, container.role, s3, lambda: prepare(self._cloud, self._capacity, container, job, s3))
        thread = threading.Thread(target=run, name=f"transform {name}", daemon=True)
        with self._lock:
            self._require_new(name)
            used = sum((other.instances for other in self._jobs.values()), Counter[str]())
            self._quotas.require_instances(USE, instance_type, used=used[instance_type], more=job.instances[instance_type])
            self._jobs[name], self._runs[name] = job, (run, thread)
            thread.start()
        return {"TransformJobArn": job.arn}

    def describe(self, call: Call) -> dict[str, Any]:
        return self._find(call).describe()

    def list(self, call: Call) -> dict[str, Any]:
        summaries = [job.summary() for job in list(self._jobs.values())]
        return page(summaries, call.parameters, member="TransformJobSummaries", name="TransformJobName", status="TransformJobStatus")

    def stop(self, call: Call) -> dict[str, Any]:
        job = self._find(call)
        job.ask_to_stop()
        self._runs[job.name][0].abandon()
        return {}

    def _require_new(self, name: str) -> None:
        if name in self._jobs:
            raise AwsError(
                "ResourceInUse",
                "Job name must be unique within an AWS account and region, and a transform job with this name already exists "
                f"({self._jobs[name].arn})",
            )

    def _find(self, call: Call) -> Job:
        name = call.parameters["TransformJobName"]
        job = self._jobs.get(name)
        if job is None:
            raise AwsError("ValidationException", f"Could not find requested job with name: {name}")
        return job
