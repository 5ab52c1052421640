"""The output of a job, which may hold anything: what is not as it must be is named, with where it lies and what to do."""

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from pedigree.aws.archives import BadArchive
from pedigree.aws.errors import JobFailed
from pedigree.training.output import read_evaluation, read_history, read_output, read_proof, readable

SAMPLE = {"file": "a/1.jpg", "label": "a", "predicted": "b", "probability": 0.5, "image": "samples/00.jpg"}
PAIR = {"label": "a", "predicted": "b", "mistaken": "pairs/0-mistaken.jpg"}
GOOD = {"classes": ["a", "b"], "confusion": [[1, 1], [0, 2]], "samples": [SAMPLE], "pairs": [PAIR], "images": ["what is not asked for"]}
IMAGES = {"samples/00.jpg": b"", "pairs/0-mistaken.jpg": b""}


def evaluation(**changes: Any) -> dict[str, bytes]:
    return {"evaluation.json": json.dumps({**GOOD, **changes}).encode(), **IMAGES}


def test_what_a_job_of_ours_writes_is_read() -> None:
    found = read_evaluation(evaluation())
    assert (found.classes, found.correct, found.samples, found.pairs) == (("a", "b"), 3, [SAMPLE], (PAIR,))
    assert read_history({"history.json": b'[{"epoch": 1, "valid_loss": 0.5}]'}) == [{"epoch": 1, "valid_loss": 0.5}]


@pytest.mark.parametrize(
    ("read", "output", "cause"),
    [
        (read_history, {}, "there is no history.json in it"),
        (read_history, {"history.json": b"[]"}, "has no epoch"),
        (read_history, {"history.json": b'[{"epoch": 1, "valid_loss": NaN}]'}, r"history\.json cannot be read at 0\.valid_loss: .*finite"),
        (read_proof, {"distributed.json": b'{"disjoint": true}'}, "distributed.json cannot be read at covered"),
        (read_evaluation, evaluation(classes=["a", "a"]), "names a class twice"),
        (read_evaluation, evaluation(confusion=[[1, -1], [0, 2]]), r"at confusion\.0\.1"),
        (read_evaluation, evaluation(confusion=[[1, 1]]), "is not 2 x 2"),
        (read_evaluation, evaluation(samples=[{**SAMPLE, "label": "c"}]), "shows images of 'c', which is no class of it"),
        (read_evaluation, evaluation(samples=[{**SAMPLE, "probability": 2}]), r"at samples\.0\.probability"),
        (read_evaluation, evaluation(samples=[{**SAMPLE, "image": "../../etc/passwd"}]), r"shows \.\./\.\./etc/passwd, which is not there"),
    ],
)
def test_what_is_not_as_it_must_be_is_named(read: Callable[[Mapping[str, bytes]], object], output: Mapping[str, bytes], cause: str) -> None:
    with pytest.raises(BadArchive, match=cause):
        read(output)


def test_the_error_says_where_it_lies_and_what_to_do() -> None:
    uri = "s3://bucket/training/job/output/output.tar.gz"
    with pytest.raises(JobFailed, match=f"^job output: {uri}: there is no history.json in it\nWhat to do: look at the code"), readable(uri):
        read_history({})


def test_a_member_that_no_job_of_ours_writes_is_refused() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../escaped"))
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(s3) as stub:
        stub.add_response("get_object", {"Body": StreamingBody(io.BytesIO(packed.getvalue()), len(packed.getvalue()))})
        with pytest.raises(JobFailed, match=r"'\.\./escaped', which does not belong there"):
            read_output(s3, "s3://bucket/training/job/output/output.tar.gz")
