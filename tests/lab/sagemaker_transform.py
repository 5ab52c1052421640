"""Transform jobs for tests, over the models of `tests.lab.sagemaker_hosting`."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from tests.lab.processes import wait_until
from tests.lab.running_aws import CONTAINER, RunningAws, allow
from tests.lab.sagemaker_hosting import SAGEMAKER, Hosted

ENDED = {"Completed", "Failed", "Stopped"}


@dataclass
class Transforms:
    """Puts objects, transforms them and reads what came of it."""

    hosted: Hosted

    @property
    def s3(self) -> Any:
        return self.hosted.aws.client("s3")

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.hosted.bucket, Key=key, Body=body)

    def manifest(self, *keys: str) -> dict[str, str]:
        name = f"manifests/{uuid.uuid4().hex}"
        self.put(name, json.dumps([{"prefix": f"s3://{self.hosted.bucket}/"}, *keys]).encode())
        return {"S3DataType": "ManifestFile", "S3Uri": f"s3://{self.hosted.bucket}/{name}"}

    def prefix(self, prefix: str) -> dict[str, str]:
        return {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.hosted.bucket}/{prefix}"}

    def request(self, model: str, source: dict[str, str], *, given: Any = None, out: Any = None, **changes: Any) -> dict[str, Any]:
        name = f"transform-{uuid.uuid4().hex[:10]}"
        return {
            "TransformJobName": name,
            "ModelName": model,
            "TransformInput": {"DataSource": {"S3DataSource": source}, "ContentType": "application/json", **(given or {})},
            "TransformOutput": {"S3OutputPath": f"s3://{self.hosted.bucket}/out/{name}", "Accept": "application/json", **(out or {})},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        } | changes

    def start(self, model: str, source: dict[str, str], **changes: Any) -> str:
        request = self.request(model, source, **changes)
        self.hosted.client.create_transform_job(**request)
        return str(request["TransformJobName"])

    def describe(self, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.hosted.client.describe_transform_job(TransformJobName=name)
        return answer

    def wait(self, name: str) -> dict[str, Any]:
        wait_until(lambda: self.describe(name)["TransformJobStatus"] in ENDED, f"{name} never ended")
        return self.describe(name)

    def run(self, model: str, source: dict[str, str], **changes: Any) -> dict[str, Any]:
        return self.wait(self.start(model, source, **changes))

    def answers(self, job: str) -> dict[str, bytes]:
        found = self.s3.list_objects_v2(Bucket=self.hosted.bucket, Prefix=f"out/{job}/").get("Contents", [])
        bodies = {entry["Key"]: self.s3.get_object(Bucket=self.hosted.bucket, Key=entry["Key"])["Body"].read() for entry in found}
        return {key.removeprefix(f"out/{job}/"): body for key, body in bodies.items()}

    def log(self, job: str) -> str:
        logs, group = self.hosted.aws.client("logs"), "/aws/sagemaker/TransformJobs"
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/")["logStreams"]
        found = [logs.get_log_events(logGroupName=group, logStreamName=each["logStreamName"], startFromHead=True) for each in streams]
        return "\n".join(event["message"] for events in found for event in events["events"])


def make_transforms(aws: RunningAws) -> Transforms:
    bucket = aws.make_bucket()
    objects = f"arn:aws:s3:::{bucket}"
    reads = allow("s3:GetObject", [f"{objects}/models/*", f"{objects}/in/*", f"{objects}/manifests/*"])
    role = aws.make_role(CONTAINER, allow("s3:ListBucket", objects), reads, allow("s3:PutObject", f"{objects}/out/*"), trusts=SAGEMAKER)
    return Transforms(Hosted(aws, bucket, role))
