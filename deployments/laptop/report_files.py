"""Copy the report of a run from the bucket to `.pedigree/report.json` and `report.md`."""

import json

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deployments.laptop.account import ORCHESTRATOR
from deployments.laptop.stack import Stack, StackError
from pedigree.report.report import Report, from_json


def fetch_report(stack: Stack, run_id: str) -> Report | None:
    """Fetch the report of the run; None when it wrote none, and then the report of an earlier run is deleted too.

    UnreadableReport when another release wrote it; both files are there then.
    """
    s3 = boto3.Session(profile_name=ORCHESTRATOR).client("s3")
    files = [stack.folder / name for name in ("report.md", "report.json")]
    for file in files:
        file.unlink(missing_ok=True)
    for file in files:
        try:
            answer = s3.get_object(Bucket=stack.outputs["BucketName"], Key=f"runs/{run_id}/{file.name}")
        except s3.exceptions.NoSuchKey:
            return None
        except (BotoCoreError, ClientError) as error:
            raise StackError(f"The report of run {run_id} could not be read from S3: {error}") from error
        file.write_bytes(answer["Body"].read())
    return from_json(json.loads((stack.folder / "report.json").read_text()))
