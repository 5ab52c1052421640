"""`make bootstrap` against the embedded AWS, reached through a profile as a person's account is."""

import re
import sys
from collections.abc import Callable
from configparser import ConfigParser
from textwrap import dedent

import boto3
import pytest

from deployments.bootstrap import TEMPLATE, main
from tests.deployments.person import Person

Bootstrap = Callable[..., tuple[int, str]]


@pytest.fixture
def bootstrap(person: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bootstrap:
    """The command, as make calls it: exit status, and what it printed."""

    def run(profile: str, project: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["bootstrap", "--profile", profile, "--project", project or person.project])
        status = main()
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def test_it_deploys_and_prints_the_outputs_and_the_next_steps(person: Person, bootstrap: Bootstrap) -> None:
    status, page = bootstrap("admin")
    assert status == 0
    assert f"{person.project} as arn:aws:iam::123456789012:user/admin in account 123456789012, us-east-1" in page
    assert "CREATE_COMPLETE" in page
    assert f"BucketName           {person.bucket}" in page
    assert '.save("pedigree-aws", overwrite=True)' in page
    assert f"make preflight PROFILE=admin REGION=us-east-1 PROJECT={person.project}" in page
    assert bootstrap("admin")[0] == 0  # nothing to do is success


def test_the_printed_profile_acts_as_the_orchestrator(person: Person, bootstrap: Bootstrap) -> None:
    _, page = bootstrap("admin")
    name = f"{person.project}-orchestrator"
    lines = page[page.index(f"     [profile {name}]") :].split("  2.")[0]
    with person.config.open("a") as config:
        config.write("\n" + dedent(lines))
    parsed = ConfigParser()
    parsed.read_string(dedent(lines))
    assert parsed[f"profile {name}"]["source_profile"] == "admin"
    identity = boto3.session.Session(profile_name=name).client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::123456789012:assumed-role/{name}/pedigree"


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ("", "PROFILE is missing.*The profiles are: admin, empty, guest, placeless"),
        ("nobody", "There is no profile nobody.*admin, empty, guest"),
        ("placeless", "REGION is missing, and the profile placeless names no region"),
        ("empty", "(?s)The profile empty has no credentials.*Unable to locate credentials.*aws configure --profile empty"),
        ("guest", "(?s)AccessDenied.*Use an administrator's profile"),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(bootstrap: Bootstrap, profile: str, reason: str) -> None:
    status, page = bootstrap(profile)
    assert status == 1
    assert re.search(reason, page)


def test_a_bucket_that_outlived_its_stack_is_explained(person: Person, bootstrap: Bootstrap) -> None:
    bootstrap("admin")
    person.aws.client("cloudformation").delete_stack(StackName=person.project)
    status, page = bootstrap("admin")
    assert status == 1
    assert f"the bucket {person.bucket} of an earlier stack" in page
    assert f"--import-existing-resources --capabilities CAPABILITY_NAMED_IAM --template-body file://{TEMPLATE}" in page
    assert "PROJECT=my-project" in page
    person.aws.client("s3").delete_bucket(Bucket=person.bucket)
    assert bootstrap("admin")[0] == 0  # the stack that was rolled back is in nobody's way


def test_a_name_that_the_template_does_not_take_is_refused(bootstrap: Bootstrap) -> None:
    for name, said in (("No_Good", "'No_Good' cannot be a name: begin with a small letter"), ("p" * 21, "must have at most 20: 'ppp")):
        status, page = bootstrap("admin", project=name)
        assert status == 1
        assert said in page
        assert "Choose another name: PROJECT=my-project" in page
