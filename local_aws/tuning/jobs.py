"""SageMaker's hyperparameter tuning jobs, whose training jobs are those of `local_aws.training`."""

import threading
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.iam.roles import assume_execution_role
from local_aws.listing import page
from local_aws.training.jobs import SERVICE, TrainingJobs
from local_aws.training.request import validate as validate_training
from local_aws.tuning.job import OBJECTIVE, TuningJob
from local_aws.tuning.request import training_definition, validate
from local_aws.tuning.run import TuningRun


class TuningJobs:
    """The tuning jobs of one account; they start training jobs through `training`."""

    def __init__(self, cloud: Cloud, training: TrainingJobs) -> None:
        self._cloud, self._training = cloud, training
        self._lock = threading.Lock()

    @property
    def _jobs(self) -> dict[str, TuningJob]:
        """The jobs in moto's records, so that its tag services find them."""
        jobs: dict[str, TuningJob] = self._cloud.books("sagemaker").hyper_parameter_tuning_jobs
        return jobs

    def operations(self) -> Operations:
        return {
            ("sagemaker", "CreateHyperParameterTuningJob"): self.create,
            ("sagemaker", "DescribeHyperParameterTuningJob"): self.describe,
            ("sagemaker", "ListHyperParameterTuningJobs"): self.list,
            ("sagemaker", "ListTrainingJobsForHyperParameterTuningJob"): self.list_training_jobs,
            ("sagemaker", "StopHyperParameterTuningJob"): self.stop,
            ("sagemaker", "DeleteHyperParameterTuningJob"): self.delete,
        }

    def close(self) -> None:
        """Start no more training jobs; those that run end with `training`."""
        with self._lock:
            for job in self._jobs.values() if self._cloud.books_in_use("sagemaker") else ():
                job.stop_asked.set()

    def create(self, call: Call) -> dict[str, Any]:
        spec = call.parameters
        name = spec["HyperParameterTuningJobName"]
        validate(spec)
        validate_training(training_definition(spec["TrainingJobDefinition"]))
        assume_execution_role(self._cloud, spec["TrainingJobDefinition"]["RoleArn"], SERVICE)
        job = TuningJob(spec, self._cloud.arn("sagemaker", f"hyper-parameter-tuning-job/{name.lower()}"))

        def start(request: dict[str, Any]) -> Any:
            self._training.create(Call("sagemaker", "CreateTrainingJob", call.principal, request))
            return self._training.job(request["TrainingJobName"])

        with self._lock:
            if name in self._jobs:
                raise AwsError(
                    "ResourceInUse",
                    "Hyperparameter tuning job names must be unique within an AWS account and region, and a job with this name already "
                    f"exists ({self._jobs[name].arn})",
                )
            self._jobs[name] = job
        threading.Thread(target=TuningRun(job, start), name=f"tuning {name}", daemon=True).start()
        return {"HyperParameterTuningJobArn": job.arn}

    def describe(self, call: Call) -> dict[str, Any]:
        return self._find(call).describe()

    def list(self, call: Call) -> dict[str, Any]:
        with self._lock:
            summaries = [job.summary() for job in self._jobs.values()]
        name, status = "HyperParameterTuningJobName", "HyperParameterTuningJobStatus"
        return page(summaries, call.parameters, member="HyperParameterTuningJobSummaries", name=name, status=status)

    def list_training_jobs(self, call: Call) -> dict[str, Any]:
        summaries, key = self._find(call).training_summaries(), None
        if call.parameters.get("SortBy") == "FinalObjectiveMetricValue":
            summaries, key = [each for each in summaries if OBJECTIVE in each], lambda each: each[OBJECTIVE]["Value"]
        return page(summaries, call.parameters, member="TrainingJobSummaries", name="TrainingJobName", status="TrainingJobStatus", key=key)

    def stop(self, call: Call) -> dict[str, Any]:
        self._find(call).ask_to_stop()
        return {}

    def delete(self, call: Call) -> dict[str, Any]:
        job = self._find(call)
        if not job.ended:
            raise AwsError("ResourceInUse", f"The tuning job {job.arn} is in status {job.status}: only one that has ended can be deleted.")
        with self._lock:
            self._jobs.pop(job.name, None)
        return {}

    def _find(self, call: Call) -> TuningJob:
        with self._lock:
            job = self._jobs.get(call.parameters["HyperParameterTuningJobName"])
        if job is None:
            raise AwsError("ResourceNotFound", "Amazon SageMaker can't find a tuning job of this name. Check the name and try again.")
        return job
