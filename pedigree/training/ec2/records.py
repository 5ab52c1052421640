"""The records of a training on EC2 in S3, for the time after its instance: the request, the ending and the output.

`training/<job>/job.json`, `ended.json` beside it once it has, and `output/` as SageMaker lays it out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pedigree.aws.clients import S3Client
from pedigree.aws.naming import job_name
from pedigree.aws.objects import head, put_json, read_json, split_uri
from pedigree.training.result import MODEL
from pedigree.values import Account

STARTED = "TrainingStartTime"


def is_on_ec2(account: Account, job: str) -> bool:
    """Whether this name is that of a training on EC2, and so not of a job of SageMaker."""
    return job.startswith(job_name(account.project, "ec2", ""))


@dataclass(frozen=True)
class Records:
    """The records of the trainings of an account."""

    s3: S3Client
    account: Account

    def uri(self, name: str, file: str = "job.json") -> str:
        return f"s3://{self.account.bucket}/training/{name}/{file}"

    def begin(self, job: Mapping[str, Any], instance: Mapping[str, Any]) -> None:
        """`instance` as EC2 describes it: its tags name the flow run."""
        launched = {"InstanceId": instance["InstanceId"], STARTED: instance["LaunchTime"].isoformat(), "Tags": instance["Tags"]}
        asked = {**job, **launched}
        put_json(self.s3, *split_uri(self.uri(job["TrainingJobName"])), asked)

    def read(self, name: str) -> dict[str, Any]:
        """As DescribeTrainingJob would say it, but for the status of one that has not ended; NoSuchKey where there is none."""
        bucket, key = split_uri(self.uri(name))
        job = json.loads(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        ended = read_json(self.s3, *split_uri(self.uri(name, "ended.json"))) or {}
        artifacts = {"ModelArtifacts": {"S3ModelArtifacts": self.uri(name, f"output/{MODEL}")}}
        return {**job, STARTED: datetime.fromisoformat(job[STARTED]), **artifacts, **ended}

    def end(self, name: str, ending: dict[str, Any]) -> None:
        put_json(self.s3, *split_uri(self.uri(name, "ended.json")), ending)

    def has_model(self, name: str) -> bool:
        return head(self.s3, *split_uri(self.uri(name, f"output/{MODEL}"))) is not None

    def failure(self, name: str) -> str:
        """The reason that the script wrote to `output/failure`."""
        bucket, key = split_uri(self.uri(name, "output/failure"))
        if head(self.s3, bucket, key) is None:
            return ""
        return str(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode(errors="replace"))[:1024]
