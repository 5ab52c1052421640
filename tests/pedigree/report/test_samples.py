"""The sample images out of a job's output."""

import io
import tarfile

import boto3
from botocore.response import StreamingBody
from botocore.stub import Stubber

from pedigree.report.samples import read_samples
from tests.lab.report_records import sample_images, trained_model


def test_samples_are_read_from_the_output_beside_the_model() -> None:
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    body = archive({**sample_images(), "history.json": b"[]"})
    key = "training/pedigree-train-1f3870be274f6c49/output/output.tar.gz"
    with Stubber(s3) as stub:
        stub.add_response("get_object", {"Body": StreamingBody(io.BytesIO(body), len(body))}, {"Bucket": "bucket", "Key": key})
        assert read_samples(s3, trained_model()) == sample_images()


def archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()
