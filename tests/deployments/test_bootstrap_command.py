"""`make bootstrap` against the embedded AWS, reached through a profile as a person's account is."""

import re
import sys
import uuid
from configparser import ConfigParser
from pathlib import Path
from textwrap import dedent

import boto3
import pytest

from deployments.bootstrap import TEMPLATE, main
from tests.running_aws import RunningAws, allow

KEYS = "aws_access_key_id = {AWS_ACCESS_KEY_ID}\naws_secret_access_key = {AWS_SECRET_ACCESS_KEY}\n"
ROOT_KEYS = {"AWS_ACCESS_KEY_ID": "PEDIGREEROOT", "AWS_SECRET_ACCESS_KEY": "pedigree-root"}


class Account:
    """`config` is the AWS configuration of a person who has the profiles admin, guest and empty."""

    def __init__(self, aws: RunningAws, config: Path) -> None:
        self.aws, self.config = aws, config
        self.project = f"b{uuid.uuid4().hex[:8]}"
        guest = aws.as_role(allow("sts:GetCallerIdentity", "*"))
        guest_keys = KEYS.format(**guest) + f"aws_session_token = {guest['AWS_SESSION_TOKEN']}\n"
        where = f"endpoint_url = {aws.url}\nregion = us-east-1\n"
        sections = {"admin": KEYS.format(**ROOT_KEYS) + where, "guest": guest_keys + where, "empty": where, "placeless": ""}
        config.write_text("\n".join(f"[profile {name}]\n{section}" for name, section in sections.items()))

    @property
    def bucket(self) -> str:
        return f"{self.project}-123456789012-us-east-1"


@pytest.fixture
def account(aws: RunningAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Account(aws, tmp_path / "config")


@pytest.fixture
def bootstrap(account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Bootstrap":
    return Bootstrap(account, monkeypatch, capsys)


class Bootstrap:
    """The command, as make calls it."""

    def __init__(self, account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._project, self._monkeypatch, self._capsys = account.project, monkeypatch, capsys

    def __call__(self, profile: str, region: str = "", project: str = "") -> tuple[int, str]:
        """Exit status, and what it printed."""
        words = ["--profile", profile, "--region", region, "--project", project or self._project]
        self._monkeypatch.setattr(sys, "argv", ["bootstrap", *words])
        status = main()
        printed = self._capsys.readouterr()
        return status, printed.out + printed.err


def test_it_deploys_and_prints_the_outputs_and_the_next_steps(account: Account, bootstrap: Bootstrap) -> None:
    status, page = bootstrap("admin")
    assert status == 0
    assert f"{account.project} as arn:aws:iam::123456789012:root in account 123456789012, us-east-1" in page
    assert "CREATE_COMPLETE" in page
    assert f"BucketName           {account.bucket}" in page
    assert '.save("pedigree-aws", overwrite=True)' in page
    assert f"make preflight PROFILE=admin REGION=us-east-1 PROJECT={account.project}" in page
    assert bootstrap("admin")[0] == 0  # nothing to do is success


def test_the_printed_profile_acts_as_the_orchestrator(account: Account, bootstrap: Bootstrap) -> None:
    _, page = bootstrap("admin")
    name = f"{account.project}-orchestrator"
    lines = page[page.index(f"     [profile {name}]") :].split("  2.")[0]
    with account.config.open("a") as config:
        config.write("\n" + dedent(lines))
    parsed = ConfigParser()
    parsed.read_string(dedent(lines))
    assert parsed[f"profile {name}"]["source_profile"] == "admin"
    identity = boto3.session.Session(profile_name=name).client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::123456789012:assumed-role/{name}/pedigree"


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ("", "PROFILE is missing.*The profiles there are: admin, empty, guest, placeless"),
        ("nobody", "There is no profile nobody.*admin, empty, guest"),
        ("placeless", "REGION is missing, and the profile placeless names none"),
        ("empty", "(?s)The profile empty has no credentials.*Unable to locate credentials.*aws configure --profile empty"),
        ("guest", "(?s)AccessDenied.*Use an administrator's profile"),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(bootstrap: Bootstrap, profile: str, reason: str) -> None:
    status, page = bootstrap(profile)
    assert status == 1
    assert re.search(reason, page)


def test_a_bucket_that_outlived_its_stack_is_explained(account: Account, bootstrap: Bootstrap) -> None:
    bootstrap("admin")
    account.aws.client("cloudformation").delete_stack(StackName=account.project)
    status, page = bootstrap("admin")
    assert status == 1
    assert f"the bucket {account.bucket} of an earlier stack" in page
    assert f"--import-existing-resources --capabilities CAPABILITY_NAMED_IAM --template-body file://{TEMPLATE}" in page
    assert "PROJECT=my-project" in page
    account.aws.client("s3").delete_bucket(Bucket=account.bucket)
    assert bootstrap("admin")[0] == 0  # the stack that was rolled back is in nobody's way


def test_a_name_that_the_template_does_not_take_is_refused(bootstrap: Bootstrap) -> None:
    status, page = bootstrap("admin", project="No_Good")
    assert status == 1
    assert "PROJECT=No_Good: String should match pattern" in page
