"""The sample images out of a job's output."""

import io
import tarfile

import boto3
from botocore.response import StreamingBody
from botocore.stub import Stubber

from pedigree.report.samples import read_samples
from tests.lab.comparisons import OUTPUT
from tests.lab.report_records import comparison_with_champion, sample_images


def test_samples_are_read_from_the_output_of_the_evaluation_job() -> None:
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    body = archive({**sample_images(), "history.json": b"[]"})
    key = OUTPUT.removeprefix("s3://bucket/")
    with Stubber(s3) as stub:
        stub.add_response("get_object", {"Body": StreamingBody(io.BytesIO(body), len(body))}, {"Bucket": "bucket", "Key": key})
        assert read_samples(s3, comparison_with_champion()) == sample_images()


def archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()
