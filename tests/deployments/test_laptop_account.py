"""The profiles reach the embedded AWS: its root, and through AssumeRole the role of the flows."""

import os
from pathlib import Path

import boto3
import pytest

from deployments.laptop.account import ADMIN, ORCHESTRATOR, write_profiles
from deployments.laptop.stack import use_environment
from tests.lab.running_aws import RunningAws


@pytest.fixture
def role_arn(aws: RunningAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The role behind the profile `pedigree`, in a process that has another account in its environment."""
    monkeypatch.setattr(
        os, "environ", os.environ | {"AWS_PROFILE": "work", "AWS_ACCESS_KEY_ID": "foreign", "AWS_SECRET_ACCESS_KEY": "foreign"}
    )
    use_environment(tmp_path)
    arn = aws.make_role()
    write_profiles(tmp_path / "aws", endpoint_url=aws.url, role_arn=arn)
    return arn


def test_the_flows_profile_assumes_the_role_at_the_embedded_endpoint(role_arn: str) -> None:
    identity = boto3.Session(profile_name=ORCHESTRATOR).client("sts").get_caller_identity()
    assert identity["Arn"].split(":assumed-role/")[1].split("/") == [role_arn.rsplit("/", 1)[1], "pedigree"]


def test_the_admin_profile_is_the_root_of_the_account(role_arn: str) -> None:
    assert boto3.Session(profile_name=ADMIN).client("sts").get_caller_identity()["Arn"].endswith(":root")
