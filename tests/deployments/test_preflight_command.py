"""`make preflight` against the embedded AWS: a sound account passes, and each thing taken away is found with what mends it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from deployments.bootstrap import TEMPLATE, deploy_bootstrap
from deployments.laptop.account import ORCHESTRATOR, write_profiles
from deployments.preflight.__main__ import LOOKS, main
from deployments.preflight.account import SCALING_ROLE
from tests.deployments.person import Person
from tests.lab.running_aws import ANYONE_HERE, allow


class Page:
    """What one preflight printed: {check: (status, finding and what mends it)}."""

    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text
        self.checks: dict[str, tuple[str, str]] = {}
        for line in text.splitlines():
            if line.startswith(("OK", "MISSING", "UNKNOWN")):
                name = line[9:29].strip()
                self.checks[name] = (line[:9].strip(), line[29:])
            elif line.startswith(" " * 29):
                status_word, finding = self.checks[name]
                self.checks[name] = (status_word, f"{finding}\n{line.strip()}")

    def with_status(self, status: str) -> set[str]:
        return {name for name, (found, _) in self.checks.items() if found == status}


Preflight = Callable[..., Page]


@pytest.fixture
def preflight(person: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Preflight]:
    """The command, as make calls it; quotas that a test sets are taken back."""

    def run(profile: str = "admin", params: str = "") -> Page:
        monkeypatch.setattr(sys, "argv", ["preflight", "--profile", profile, "--project", person.project, "--params", params])
        status = main()
        printed = capsys.readouterr()
        return Page(status, printed.out + printed.err)

    yield run
    person.aws.control("DELETE", "quotas")


@pytest.fixture
def outputs(person: Person) -> dict[str, str]:
    """The outputs of the stack that was deployed for the person's project."""
    return deploy_bootstrap(person.client("cloudformation"), person.project, poll_seconds=0.05)


def test_a_sound_account_passes(preflight: Preflight, outputs: dict[str, str]) -> None:
    page = preflight()
    assert page.with_status("OK") == {"credentials", *LOOKS}
    assert page.status == 0
    assert page.text.endswith("Nothing is missing.\n")


def test_without_a_stack_what_it_names_is_unknown(person: Person, preflight: Preflight) -> None:
    page = preflight()
    assert page.status == 1
    assert page.with_status("MISSING") == {"stack"}
    assert page.checks["stack"][1].endswith(f"\nmake bootstrap PROFILE=admin REGION=us-east-1 PROJECT={person.project}")
    assert page.with_status("OK") >= {"credentials", "training quota", "endpoint quota", "Lambda concurrency", "training image"}
    assert "has no output BucketName" in page.checks["bucket"][1]


def test_the_orchestrator_sees_no_more_than_it_needs_and_preflight_says_so(
    person: Person, preflight: Preflight, outputs: dict[str, str]
) -> None:
    person.add_profile("flows", **person.aws.assume(outputs["OrchestratorRoleArn"]))
    page = preflight("flows")
    assert page.status == 0
    sees = {"orchestrator", "bucket", "training quota", "endpoint quota", "Lambda concurrency"}
    assert page.with_status("OK") == {"credentials", *sees}
    assert page.with_status("UNKNOWN") == {*LOOKS} - sees
    assert page.checks["training role"] == ("UNKNOWN", "this profile may not call GetRole\nrun it with an administrator's profile")


def test_without_credentials_nothing_is_ok(preflight: Preflight) -> None:
    page = preflight("empty")
    assert (page.status, page.with_status("OK")) == (1, set())
    assert "aws configure --profile empty" in page.checks["credentials"][1]
    assert page.checks["everything else"][0] == "UNKNOWN"


def test_a_profile_that_may_not_become_the_orchestrator_is_found(person: Person, preflight: Preflight, outputs: dict[str, str]) -> None:
    person.add_profile("reader", **person.aws.as_role(allow("cloudformation:DescribeStacks", "*")))
    status, finding = preflight("reader").checks["orchestrator"]
    assert status == "MISSING"
    assert finding.endswith(f"allow it sts:AssumeRole on {outputs['OrchestratorRoleArn']}")


def test_a_stack_of_another_template_is_found(person: Person, preflight: Preflight, outputs: dict[str, str], tmp_path: Path) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text(TEMPLATE.read_text().replace("NoncurrentDays: 30", "NoncurrentDays: 31"))
    deploy_bootstrap(person.client("cloudformation"), person.project, template=changed, poll_seconds=0.05)
    status, finding = preflight().checks["stack"]
    assert (status, finding.split("\n")[0]) == ("MISSING", "the stack is UPDATE_COMPLETE, but does not equal deployments/bootstrap.yaml")


def test_a_bucket_that_became_public_is_found(person: Person, preflight: Preflight, outputs: dict[str, str]) -> None:
    s3 = person.client("s3")
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=person.bucket, PublicAccessBlockConfiguration=block)
    assert preflight().checks["bucket privacy"][1].startswith("public access is not blocked: BlockPublicPolicy\naws s3api")
    s3.delete_public_access_block(Bucket=person.bucket)
    s3.delete_bucket_encryption(Bucket=person.bucket)
    page = preflight()
    assert page.with_status("MISSING") == {"bucket privacy", "bucket encryption"}


def test_a_lost_bucket_is_found(person: Person, preflight: Preflight, outputs: dict[str, str]) -> None:
    person.client("s3").delete_bucket(Bucket=person.bucket)
    page = preflight()
    assert page.checks["bucket"][0] == "MISSING"
    assert "OK" not in (page.checks["bucket encryption"][0], page.checks["bucket privacy"][0])


def test_a_role_that_is_gone_or_trusts_somebody_else_is_found(person: Person, preflight: Preflight, outputs: dict[str, str]) -> None:
    iam = person.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": ANYONE_HERE, "Action": "sts:AssumeRole"}]}
    iam.update_assume_role_policy(RoleName=f"{person.project}-training", PolicyDocument=json.dumps(trust))
    iam.delete_role_policy(RoleName=f"{person.project}-function", PolicyName="invoke")
    iam.delete_role(RoleName=f"{person.project}-function")
    page = preflight()
    assert page.with_status("MISSING") == {"training role", "function role"}
    assert "does not trust sagemaker.amazonaws.com, but no service" in page.checks["training role"][1]


def test_autoscalings_role_must_be_there_or_be_allowed_to_be_made(person: Person, preflight: Preflight, outputs: dict[str, str]) -> None:
    iam = person.client("iam")
    roles = iam.get_paginator("list_roles").paginate().search("Roles[].RoleName")
    if SCALING_ROLE in roles:  # made by another test
        for policy in iam.list_role_policies(RoleName=SCALING_ROLE)["PolicyNames"]:
            iam.delete_role_policy(RoleName=SCALING_ROLE, PolicyName=policy)
        for attached in iam.list_attached_role_policies(RoleName=SCALING_ROLE)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=SCALING_ROLE, PolicyArn=attached["PolicyArn"])
        iam.delete_role(RoleName=SCALING_ROLE)
    assert preflight().checks["autoscaling role"] == ("OK", "the role does not exist yet; the first run may create it")
    iam.delete_role_policy(RoleName=f"{person.project}-orchestrator", PolicyName="orchestrate")
    status, finding = preflight().checks["autoscaling role"]
    assert status == "MISSING"
    assert "iam:CreateServiceLinkedRole is implicitDeny for the orchestrator\naws iam create-service-linked-role" in finding


def test_a_new_accounts_quotas_are_found_with_the_requests_that_raise_them(
    person: Person, preflight: Preflight, outputs: dict[str, str]
) -> None:
    for service, name, value in (
        ("sagemaker", "ml.g4dn.xlarge for training job usage", 0),
        ("sagemaker", "ml.m5.large for endpoint usage", 4),
        ("lambda", "Concurrent executions", 10),
    ):
        person.aws.control("POST", "quotas", {"service": service, "name": name, "value": value})
    page = preflight()
    assert page.with_status("MISSING") == {"training quota", "endpoint quota", "Lambda concurrency"}
    assert page.checks["training quota"][1] == (
        "0 x ml.g4dn.xlarge for training job usage, 1 needed\n"
        "aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-3F53BF0F --desired-value 1 "
        "--profile admin --region us-east-1\n"
        "or choose another training.instance_type"
    )
    assert page.checks["endpoint quota"][1].startswith("4 x ml.m5.large for endpoint usage, 6 needed")
    assert "--service-code lambda --quota-code L-B99A9384 --desired-value 1000" in page.checks["Lambda concurrency"][1]


def test_what_is_needed_follows_the_parameters_of_the_run(person: Person, preflight: Preflight, outputs: dict[str, str]) -> None:
    person.aws.control("POST", "quotas", {"service": "sagemaker", "name": "ml.m5.large for training job usage", "value": 2})
    two: dict[str, Any] = {"training": {"instance_type": "ml.m5.large", "instance_count": 2}, "autoscaling": {"max_instances": 1}}
    page = preflight(params=json.dumps(two))
    assert page.checks["training quota"] == ("OK", "2 x ml.m5.large for training job usage, 2 needed")
    assert page.checks["endpoint quota"][1].endswith("2 needed")
    assert page.checks["training image"][1].endswith("-cpu-py313")
    two["training"]["instance_count"] = 3
    assert preflight(params=json.dumps(two)).checks["training quota"][0] == "MISSING"


@pytest.mark.parametrize(
    ("training", "status", "finding"),
    [
        ({"instance_type": "ml.moon.large"}, "UNKNOWN", "has no quota called 'ml.moon.large for training job usage'"),
        ({"instance_type": "ml.moon.large", "spot": True}, "UNKNOWN", "'ml.moon.large for spot training job usage'"),
        ({"fallback_instance_types": ["ml.moon.large"]}, "UNKNOWN", "'ml.moon.large for training job usage'"),
        ({"image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/nothing:1"}, "MISSING", "there is no such repository"),
        ({"image": "docker.io/library/python:3"}, "UNKNOWN", "is not in an ECR repository"),
    ],
)
def test_what_aws_does_not_have_is_never_ok(
    preflight: Preflight, training: dict[str, object], status: str, finding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pedigree.settings.instance_types.instance_types", lambda _use: ("ml.moon.large",))  # of another region
    page = preflight(params=json.dumps({"training": training}))
    check = page.checks["training image" if "image" in training else "training quota"]
    assert check[0] == status
    assert finding in check[1]


@pytest.mark.parametrize(
    ("profile", "params", "reason"),
    [
        ("nobody", "", "There is no profile nobody"),
        ("placeless", "", "REGION is missing"),
        ("admin", '{"training": {"epochs": -1}}', "PARAMS: training.epochs is -1: it must be at least 1"),
        ("admin", "{", "PARAMS is not JSON"),
    ],
)
def test_what_was_typed_wrong_is_said_before_anything_is_looked_at(preflight: Preflight, profile: str, params: str, reason: str) -> None:
    page = preflight(profile, params)
    assert (page.status, page.checks) == (2, {})
    assert page.text.startswith(reason)


def test_without_a_profile_it_looks_at_the_stack_of_this_machine(person: Person, outputs: dict[str, str], tmp_path: Path) -> None:
    keys = person.aws.admin
    administrator = boto3.Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    write_profiles(tmp_path / "aws", administrator, endpoint_url=person.aws.url, roles={ORCHESTRATOR: outputs["OrchestratorRoleArn"]})
    command = [sys.executable, "-m", "deployments.preflight", "--project", person.project]
    ended = subprocess.run(command, env=os.environ | {"PEDIGREE_STATE": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("Nothing is missing.\n")


def test_without_a_profile_and_without_a_stack_here_it_says_how_to_have_either(
    preflight: Preflight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEDIGREE_STATE", str(tmp_path / "nothing"))
    page = preflight("")
    assert (page.status, page.text) == (
        2,
        "There is no stack on this machine: `make up` starts one. For an AWS account: make preflight PROFILE=my-profile\n",
    )
