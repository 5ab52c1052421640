"""The profiles reach the embedded AWS: its administrator, and through AssumeRole the role of the flows."""

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from deployments.laptop.account import ADMIN, ORCHESTRATOR, STUDENT, make_administrator, make_student, write_profiles
from deployments.laptop.services import aws_is_ready
from deployments.laptop.stack import Service, Stack, use_environment
from tests.lab.running_aws import RunningAws


@pytest.fixture
def stack(aws: RunningAws, tmp_path: Path) -> Stack:
    """The record of a stack whose embedded AWS this is."""
    (tmp_path / "local_aws").symlink_to(aws.state)
    return Stack(tmp_path, {"local_aws": Service(aws.process.pid, 0.0, urlsplit(aws.url).port or 0)})


@pytest.fixture
def role_arn(aws: RunningAws, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> str:
    """The role behind the profile `pedigree`, in a process that has another account in its environment."""
    monkeypatch.setattr(
        os, "environ", os.environ | {"AWS_PROFILE": "work", "AWS_ACCESS_KEY_ID": "foreign", "AWS_SECRET_ACCESS_KEY": "foreign"}
    )
    use_environment(stack.folder)
    arn = aws.make_role()
    write_profiles(stack.folder / "aws", make_administrator(stack), endpoint_url=aws.url, roles={ORCHESTRATOR: arn})
    return arn


def test_the_flows_profile_assumes_the_role_at_the_embedded_endpoint(role_arn: str) -> None:
    identity = boto3.Session(profile_name=ORCHESTRATOR).client("sts").get_caller_identity()
    assert identity["Arn"].split(":assumed-role/")[1].split("/") == [role_arn.rsplit("/", 1)[1], "pedigree"]


@pytest.mark.usefixtures("role_arn")
def test_the_admin_profile_is_a_user_whose_key_only_the_owner_reads(stack: Stack) -> None:
    first = boto3.Session(profile_name=ADMIN).client("sts")
    assert first.get_caller_identity()["Arn"].endswith(f":user/{ADMIN}")
    assert stat.S_IMODE((stack.folder / "aws" / "credentials").stat().st_mode) == 0o600
    make_administrator(stack)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):  # a stack has one key of its administrator at a time
        first.get_caller_identity()


def test_the_embedded_aws_of_another_stack_is_not_ready(stack: Stack) -> None:
    assert aws_is_ready(stack)
    (stack.folder / "local_aws").unlink()
    assert not aws_is_ready(stack)
    (stack.folder / "local_aws").mkdir()
    (stack.folder / "local_aws" / "secrets.json").write_text('{"control_token": "of-another-stack"}')
    assert not aws_is_ready(stack)


def test_the_profile_of_a_student_is_a_role_with_the_rights_of_a_notebook(
    aws: RunningAws, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = make_administrator(stack)
    arn = make_student(administrator.client("iam", endpoint_url=aws.url))
    assert make_student(administrator.client("iam", endpoint_url=aws.url)) == arn
    write_profiles(stack.folder / "aws", administrator, endpoint_url=aws.url, roles={STUDENT: arn})
    monkeypatch.setattr(os, "environ", dict(os.environ))
    use_environment(stack.folder)
    student = boto3.Session(profile_name=STUDENT)
    student.client("s3").create_bucket(Bucket="sagemaker-of-a-student")
    student.client("s3").put_object(Bucket="sagemaker-of-a-student", Key="one", Body=b"1")
    assert "TrainingJobSummaries" in student.client("sagemaker").list_training_jobs()
    with pytest.raises(ClientError, match="AccessDenied"):
        student.client("iam").create_user(UserName="another")
