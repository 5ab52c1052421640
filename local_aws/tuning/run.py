"""The run of one tuning job: it keeps as many training jobs running as it may, in a separate thread."""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from local_aws.call import AwsError
from local_aws.training.job import Job
from local_aws.training.run import INTERNAL_ERROR
from local_aws.tuning.job import TuningJob
from local_aws.tuning.ranges import Values, draws, ranges_of
from local_aws.tuning.request import training_definition

LOOK = 0.1  # seconds between two looks at the training jobs
ALL_FAILED = "All training jobs failed. Please take a look at the training jobs failures to get more details."
NO_OBJECTIVE = (
    "ClientError: No objective metrics found after running {} training jobs. Please ensure that the custom algorithm is emitting the "
    "objective metric as defined by the regular expression provided."
)


class TuningRun:
    """Runs `tuning`; `start` makes a training job of a CreateTrainingJob request."""

    def __init__(self, tuning: TuningJob, start: Callable[[dict[str, Any]], Job]) -> None:
        self._tuning, self._start = tuning, start
        config = tuning.config
        self._limits: Mapping[str, int] = config["ResourceLimits"]
        drawn = draws(config["Strategy"], ranges_of(config), config.get("RandomSeed"))
        self._left: Iterator[Values] = islice(drawn, self._limits.get("MaxNumberOfTrainingJobs"))
        self._end = time.monotonic() + self._limits.get("MaxRuntimeInSeconds", float("inf"))

    def __call__(self) -> None:
        ending = "Failed", INTERNAL_ERROR
        try:
            while self._fill() and not self._over:
                self._tuning.stop_asked.wait(LOOK)
            self._wind_down()
            ending = self._outcome()
        except AwsError as refusal:
            self._stop_all()
            ending = "Failed", f"{refusal.code}: {refusal.message}"
        finally:
            self._tuning.end(*ending)

    @property
    def _over(self) -> bool:
        return self._tuning.stop_asked.is_set() or time.monotonic() >= self._end

    @property
    def _running(self) -> list[Job]:
        return [job for job in self._tuning.training_jobs if not job.ended]

    def _fill(self) -> bool:
        """Start training jobs up to the limit; False when none runs and none is left."""
        while len(self._running) < self._limits["MaxParallelTrainingJobs"]:
            values = next(self._left, None)
            if values is None:
                break
            self._tuning.add(self._start(self._request(values)), values)
        return bool(self._running)

    def _request(self, values: Values) -> dict[str, Any]:
        """The CreateTrainingJob request of the next training job."""
        tuning, definition = self._tuning, self._tuning.definition
        objective = tuning.config["HyperParameterTuningJobObjective"]["MetricName"]
        name = f"{tuning.name}-{len(tuning.training_jobs) + 1:03d}-{secrets.token_hex(4)}"
        static = definition.get("StaticHyperParameters", {})
        return {
            **training_definition(definition),
            "TrainingJobName": name,
            "TuningJobArn": tuning.arn,
            "HyperParameters": {**static, **values, "_tuning_objective_metric": objective},
        }

    def _wind_down(self) -> None:
        self._stop_all()
        while self._running:
            time.sleep(LOOK)

    def _stop_all(self) -> None:
        for job in self._running:
            with contextlib.suppress(AwsError):  # it ended meanwhile
                job.ask_to_stop()

    def _outcome(self) -> tuple[str, str]:
        jobs, objectives = self._tuning.training_jobs, self._tuning.objectives
        if self._over:
            return "Stopped", ""
        if not any(job.status == "Completed" for job in jobs):
            return "Failed", ALL_FAILED
        return ("Completed", "") if objectives["Succeeded"] else ("Failed", NO_OBJECTIVE.format(len(jobs)))
