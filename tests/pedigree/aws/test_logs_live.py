"""Log groups keep their lines for the days of the settings, and a group that others share keeps theirs."""

import logging
import re
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any, get_args

import botocore.session
import pytest
from botocore.exceptions import ClientError

from pedigree.aws.logs import endpoint_log, limit_logs
from pedigree.aws.resources.sagemaker import JobKind
from pedigree.aws.resources.table import TRAINING_JOB, TRANSFORM_JOB
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.function.publish import publish_function
from pedigree.settings import Function
from pedigree.settings.environment import LogDays
from pedigree.training import jobs
from pedigree.training.jobs import Following, Jobs
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import SERVING, registered


def days(live: LiveAccount, prefix: str) -> dict[str, int | None]:
    """{group: days that it keeps its lines, None for ever}."""
    pages = live.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    return {group["logGroupName"]: group.get("retentionInDays") for page in pages for group in page["logGroups"]}


def test_the_days_are_those_that_aws_allows() -> None:
    documented = botocore.session.get_session().get_service_model("logs").shape_for("Days").documentation
    allowed = documented.partition("Possible values are")[2].partition("</p>")[0]
    assert list(map(int, re.findall(r"\d+", allowed))) == list(get_args(LogDays))


def test_a_group_of_the_project_follows_the_settings(live: LiveAccount) -> None:
    group = endpoint_log(live.account.project)
    live.client("logs").create_log_group(logGroupName=f"{group}--other")
    for wanted in (90, 30):
        account = replace(live.account, log_days=wanted)
        limit_logs(account, group)
        before = live.writes()
        limit_logs(account, group)
        assert (days(live, group), live.writes()) == ({group: wanted, f"{group}--other": None}, before)


def test_a_group_that_others_share_keeps_the_days_that_somebody_set(live: LiveAccount) -> None:
    logs, group = live.client("logs"), "/aws/sagemaker/TransformJobs"
    limit_logs(live.account, group, shared=True)
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    limit_logs(live.account, group, shared=True)
    assert days(live, group) == {group: 7}
    logs.delete_retention_policy(logGroupName=group)
    limit_logs(live.account, group, shared=True)
    assert days(live, group) == {group: 90}


def test_without_the_right_the_run_goes_on_and_says_so(live: LiveAccount, caplog: pytest.LogCaptureFixture) -> None:
    group = f"/aws/lambda/another-{uuid.uuid4().hex[:8]}"
    with caplog.at_level(logging.WARNING):
        limit_logs(live.account, group)
    assert f"{group} may keep its lines for ever: deploy the bootstrap stack again" in caplog.text
    assert days(live, group) == {}


def test_what_goes_live_leaves_no_group_that_keeps_its_lines_for_ever(live: LiveAccount) -> None:
    project, version = live.account.project, registered(live)
    endpoint = deploy_endpoint(live.account, version, SERVING)
    publish_function(live.account, endpoint, Function(reserved_concurrency=2, provisioned_concurrency=0), version)
    live.client("lambda").invoke(FunctionName=project, Qualifier="live", Payload=b"{}")
    wanted = {endpoint_log(project): 90, f"/aws/lambda/{project}": 90}
    assert {group: kept for prefix in wanted for group, kept in days(live, prefix).items()} == wanted


@pytest.mark.parametrize("kind", [TRAINING_JOB, TRANSFORM_JOB], ids=lambda kind: kind.noun)
def test_before_a_job_starts_the_group_of_its_kind_is_limited(live: LiveAccount, kind: JobKind, monkeypatch: pytest.MonkeyPatch) -> None:
    group = f"/aws/sagemaker/{kind.noun}s"
    with suppress(ClientError):
        live.client("logs").delete_log_group(logGroupName=group)

    def starts(*_: Any, **_more: Any) -> Any:
        assert days(live, group) == {group: 90}
        raise InterruptedError

    monkeypatch.setattr(jobs, "ensure_attempt", starts)
    with pytest.raises(InterruptedError):
        Jobs(live.account, Following(max_seconds=1), kind=kind).follow(str, lambda _name: {}, retry_failed=False)
