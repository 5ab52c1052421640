"""Run a training job on an EC2 instance as SageMaker runs it: read the channels, start the entrypoint, write the archives.

`python - s3://bucket/training/<job>/job.json`: it is sent there as text, sees nothing else of this project and needs boto3 alone.
"""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FASTEST = 1  # gzip level: the artifact is mostly weights, which hardly compress


def main(uri: str) -> int:
    """The entrypoint's exit status."""
    s3 = boto3.client("s3")
    bucket, key = split(uri)
    job = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    (base / "input").mkdir(parents=True)  # not there twice: a second command must not disturb the first
    prepare(s3, job, base)
    status = run(job, base)
    upload(s3, job, base, completed=status == 0)
    return status


def prepare(s3: "S3Client", job: dict[str, Any], base: Path) -> None:
    for folder in ("input/config", "input/data", "model", "output/data", "checkpoints"):
        (base / folder).mkdir(parents=True, exist_ok=True)
    for channel in job["InputDataConfig"]:
        download(s3, channel["DataSource"]["S3DataSource"]["S3Uri"], base / "input/data" / channel["ChannelName"])
    for name, content in configuration(job).items():
        (base / f"input/config/{name}.json").write_text(json.dumps(content))


def configuration(job: dict[str, Any]) -> dict[str, Any]:
    """Contents of `input/config/*.json`: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html"""
    hosts = ["algo-1"]
    return {
        "hyperparameters": job["HyperParameters"],
        "inputdataconfig": {channel["ChannelName"]: {"TrainingInputMode": "File"} for channel in job["InputDataConfig"]},
        "resourceconfig": {"current_host": hosts[0], "hosts": hosts, "network_interface_name": "lo"},
    }


def download(s3: "S3Client", uri: str, folder: Path) -> None:
    """All objects below an S3 prefix that ends in `/`."""
    bucket, prefix = split(uri)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            file = folder / entry["Key"][len(prefix) :]
            file.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, entry["Key"], str(file))


def run(job: dict[str, Any], base: Path) -> int:
    own = {"SAGEMAKER_BASE_DIR": str(base), "TRAINING_JOB_NAME": job["TrainingJobName"]}
    command = job["AlgorithmSpecification"]["ContainerEntrypoint"]
    environment = {**os.environ, **job["Environment"], **own}
    return subprocess.run(command, cwd=base, env=environment, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603


def upload(s3: "S3Client", job: dict[str, Any], base: Path, *, completed: bool) -> None:
    """The model goes last: where it is, all is there."""
    bucket, prefix = split(f"{job['OutputDataConfig']['S3OutputPath']}/{job['TrainingJobName']}/output")
    failure = base / "output/failure"
    if failure.exists():
        s3.upload_file(str(failure), bucket, f"{prefix}/failure")
    archives = {"output": base / "output/data", "model": base / "model"} if completed else {"output": base / "output/data"}
    for name, folder in archives.items():
        archive = base / f"{name}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=FASTEST) as tar:
            tar.add(folder, arcname=".")
        s3.upload_file(str(archive), bucket, f"{prefix}/{archive.name}")


def split(uri: str) -> tuple[str, str]:
    """(bucket, key) of an s3:// URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
