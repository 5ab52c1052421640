"""Finding the account by the outputs of its stack."""

import pytest
from botocore.exceptions import ProfileNotFound
from prefect_aws import AwsCredentials

from pedigree.aws.account import find_account
from pedigree.aws.errors import InvalidInput
from pedigree.settings import Environment
from tasks import account as tasks
from tests.lab.live_account import LiveAccount, credentials_block


def test_the_stack_says_all_about_the_account(live: LiveAccount) -> None:
    project = live.account.project
    assert find_account(Environment(credentials=project, project=project)) == live.account


def test_a_missing_stack_is_said_with_what_to_do(live: LiveAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AwsCredentials, "load", lambda _name: credentials_block(live.aws, live.aws.admin))
    with pytest.raises(InvalidInput, match=r"(?s)CloudFormation stack absent: there is no such stack.*`make up`.*bootstrap\.yaml"):
        tasks.find_account.fn(Environment(credentials=f"admin-of-{live.account.project}", project="absent"))


def test_a_stack_of_another_project_is_said_to_be_out_of_reach(live: LiveAccount) -> None:
    with pytest.raises(InvalidInput, match=r"(?s)CloudFormation stack other: .*not authorized.*the project's own"):
        find_account(Environment(credentials=live.account.project, project="other"))


@pytest.mark.parametrize("error", [ValueError("Unable to find block document named nobody"), ProfileNotFound(profile="nobody")])
def test_credentials_that_are_not_there_are_said(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> AwsCredentials:
        raise error

    monkeypatch.setattr(AwsCredentials, "load", fail)
    with pytest.raises(InvalidInput, match=r"(?s)credentials block nobody: .*nobody.*PREFECT_API_URL and AWS_CONFIG_FILE"):
        tasks.find_account.fn(Environment(credentials="nobody"))


def test_without_a_connection_the_credentials_are_an_aws_profile() -> None:
    with pytest.raises(InvalidInput, match=r"(?s)credentials block nobody: .*\(nobody\) could not be found"):
        find_account(Environment(credentials="nobody"))
