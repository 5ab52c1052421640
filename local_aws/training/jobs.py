"""SageMaker training jobs, run as processes with SageMaker's container contract."""

import threading
from collections import Counter
from functools import partial
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.iam.roles import assume_execution_role
from local_aws.inputs import objects_of_an_input
from local_aws.listing import page
from local_aws.quotas import Quotas
from local_aws.training.job import Job
from local_aws.training.request import validate
from local_aws.training.run import EMBEDDED_AWS_ENDED, Supply, TrainingRun

SERVICE = "sagemaker.amazonaws.com"


class TrainingJobs:
    """The training jobs of one account; `quotas` and `supply` limit the instances."""

    def __init__(self, cloud: Cloud, quotas: Quotas, supply: Supply) -> None:
        self._cloud, self._quotas, self._supply = cloud, quotas, supply
        self._runs: dict[str, tuple[TrainingRun, threading.Thread]] = {}
        self._lock = threading.Lock()
        for job in self._jobs.values() if cloud.books_in_use("sagemaker") else ():
            if not job.ended:
                job.end("Failed", EMBEDDED_AWS_ENDED)

    @property
    def _jobs(self) -> dict[str, Job]:
        """The jobs by name, in moto's records, so that its tag services find them."""
        jobs: dict[str, Job] = self._cloud.books("sagemaker").training_jobs
        return jobs

    def operations(self) -> Operations:
        return {
            ("sagemaker", "CreateTrainingJob"): self.create,
            ("sagemaker", "DescribeTrainingJob"): self.describe,
            ("sagemaker", "ListTrainingJobs"): self.list,
            ("sagemaker", "StopTrainingJob"): self.stop,
            ("sagemaker", "DeleteTrainingJob"): self.delete,
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
        name = spec["TrainingJobName"]
        with self._lock:
            if name in self._jobs:
                raise already_exists(self._jobs[name])
        image = validate(spec)
        credentials = assume_execution_role(self._cloud, spec["RoleArn"], SERVICE)
        s3 = self._cloud.client("s3", credentials)
        for channel in spec.get("InputDataConfig", []):
            objects_of_an_input(s3, channel["DataSource"]["S3DataSource"]["S3Uri"], spec["RoleArn"])
        job = Job(spec, self._cloud.arn("sagemaker", f"training-job/{name.lower()}"), partial(self._cloud.memory.keep, "training_jobs"))
        run = TrainingRun(self._cloud, job, self._supply, image=image, credentials=credentials)
        thread = threading.Thread(target=run, name=f"training {name}", daemon=True)
        with self._lock:
            if name in self._jobs:
                raise already_exists(self._jobs[name])
            self._require_instances(job)
            self._jobs[name], self._runs[name] = job, (run, thread)
        thread.start()
        return {"TrainingJobArn": job.arn}

    def job(self, name: str) -> Job:
        """The record of a job that was created."""
        return self._jobs[name]

    def describe(self, call: Call) -> dict[str, Any]:
        return self._find(call).describe()

    def list(self, call: Call) -> dict[str, Any]:
        with self._lock:
            summaries = [job.summary() for job in self._jobs.values()]
        return page(summaries, call.parameters, member="TrainingJobSummaries", name="TrainingJobName", status="TrainingJobStatus")

    def stop(self, call: Call) -> dict[str, Any]:
        self._find(call).ask_to_stop()
        return {}

    def delete(self, call: Call) -> dict[str, Any]:
        job = self._find(call)
        if not job.ended:
            raise AwsError(
                "ResourceInUse", f"The training job {job.arn} is in status {job.status}: only a job that has ended can be deleted."
            )
        with self._lock:
            del self._jobs[job.name]
            self._runs.pop(job.name, None)
        return {}

    def _require_instances(self, job: Job) -> None:
        used = sum((other.instances for other in self._jobs.values()), Counter[tuple[str, str]]())
        for (use, instance_type), count in job.instances.items():
            self._quotas.require_instances(use, instance_type, used=used[use, instance_type], more=count)

    def _find(self, call: Call) -> Job:
        with self._lock:
            job = self._jobs.get(call.parameters["TrainingJobName"])
        if job is None:
            raise AwsError("ValidationException", "Requested resource not found.")
        return job


def already_exists(job: Job) -> AwsError:
    return AwsError(
        "ResourceInUse",
        f"Job name must be unique within an AWS account and region, and a training job with this name already exists ({job.arn})",
    )
