"""The function in a real Lambda: version, concurrency and alias, forwards and back."""

from pathlib import Path
from typing import Any

import pytest

from pedigree.aws.errors import DeploymentFailed
from pedigree.aws.naming import within
from pedigree.aws.resources.table import FUNCTION
from pedigree.function.publish import confirm_function, publish_function, restore_function
from pedigree.settings import Function
from pedigree.training.code import package_files
from pedigree.values import Endpoint, FunctionVersion, ModelVersion
from tests.lab.live_account import LiveAccount

MODEL = ModelVersion("arn:package/1", "k", "s3://nowhere/model.tar.gz", "created")  # only a canary looks into it
COLD = Function(reserved_concurrency=2, provisioned_concurrency=0)


def publish(live: LiveAccount, function: Function = Function()) -> FunctionVersion:
    endpoint = Endpoint(live.account.project, "config", "AllTraffic", "model", "created")
    return publish_function(live.account, endpoint, function, MODEL)


def test_two_endpoints_have_a_function_each_that_leave_one_another_alone(live: LiveAccount) -> None:
    """They shared one once: each deployment took the alias, the warm environments and the settings of the other."""
    names = [live.account.project, within(live.account.project, "beta")]
    endpoints = [Endpoint(name, "config", "AllTraffic", "model", "created") for name in names]
    first, second = (publish_function(live.account, endpoint, Function(), MODEL) for endpoint in endpoints)
    assert [(each.name, each.version, each.outcome) for each in (first, second)] == [(name, "1", "created") for name in names]
    again = publish_function(live.account, endpoints[0], Function(), MODEL)
    assert (again.outcome, warm(live)) == ("adopted", {"1": (3, "READY")})
    assert {each.name: each.of for each in FUNCTION.find(live.account)} == {name: name for name in names}


def alias(live: LiveAccount) -> str:
    return str(live.client("lambda").get_alias(FunctionName=live.account.project, Name="live")["FunctionVersion"])


def warm(live: LiveAccount) -> dict[str, tuple[int, str]]:
    """{version: (environments kept initialised, status)}."""
    found = live.client("lambda").list_provisioned_concurrency_configs(FunctionName=live.account.project)
    return {
        config["FunctionArn"].rsplit(":", 1)[-1]: (config["AvailableProvisionedConcurrentExecutions"], config["Status"])
        for config in found["ProvisionedConcurrencyConfigs"]
    }


def versions(live: LiveAccount) -> list[str]:
    found = live.client("lambda").list_versions_by_function(FunctionName=live.account.project)["Versions"]
    return [version["Version"] for version in found if version["Version"] != "$LATEST"]


def lambda_writes(live: LiveAccount) -> list[str]:
    return [action for action in live.writes() if action.startswith("lambda:")]


def test_a_function_is_published_warm_and_then_adopted(live: LiveAccount) -> None:
    first = publish(live)
    assert (first.name, first.version, first.alias, first.outcome) == (live.account.project, "1", "live", "created")
    assert (alias(live), warm(live)) == ("1", {"1": (3, "READY")})
    reserved = live.client("lambda").get_function_concurrency(FunctionName=first.name)
    assert reserved["ReservedConcurrentExecutions"] == 5
    before = lambda_writes(live)
    again = publish(live)
    assert (again.version, again.outcome, again.previous_version, lambda_writes(live)) == ("1", "adopted", None, before)


def test_other_settings_are_a_new_version_and_the_first_ones_the_old_version_again(live: LiveAccount) -> None:
    publish(live)
    second = publish(live, Function(timeout_seconds=20))
    assert (second.version, second.outcome, second.previous_version) == ("2", "updated", "1")
    assert (alias(live), warm(live)) == ("2", {"2": (3, "READY")})
    back = publish(live)
    assert (back.version, back.outcome, back.previous_version) == ("1", "updated", "2")
    assert (alias(live), warm(live), versions(live)) == ("1", {"1": (3, "READY")}, ["1", "2"])


def test_other_concurrency_needs_no_new_version(live: LiveAccount) -> None:
    publish(live, COLD)
    assert warm(live) == {}
    more = publish(live, Function(reserved_concurrency=4, provisioned_concurrency=1))
    assert (more.version, more.outcome, warm(live)) == ("1", "updated", {"1": (1, "READY")})
    assert publish(live, COLD).outcome == "updated"
    assert (warm(live), versions(live)) == ({}, ["1"])


def test_restoring_points_the_alias_back(live: LiveAccount) -> None:
    publish(live, COLD)
    second = publish(live, Function(timeout_seconds=20, reserved_concurrency=2, provisioned_concurrency=1))
    assert alias(live) == "2"
    restore_function(live.account, second.name)
    assert (alias(live), warm(live)) == ("1", {})


def test_a_run_after_a_killed_one_goes_back_to_what_was_proven_as_warm_as_it_was(live: LiveAccount) -> None:
    confirm_function(live.account, publish(live))
    publish(live, Function(timeout_seconds=20, reserved_concurrency=6, provisioned_concurrency=4))  # and dies behind UpdateAlias
    again = publish(live, Function(timeout_seconds=20, reserved_concurrency=6, provisioned_concurrency=4))
    assert (again.version, again.outcome, alias(live), warm(live)) == ("2", "adopted", "2", {"2": (4, "READY")})
    restore_function(live.account, again.name)
    reserved = live.client("lambda").get_function_concurrency(FunctionName=again.name)["ReservedConcurrentExecutions"]
    assert (alias(live), warm(live), reserved) == ("1", {"1": (3, "READY")}, 5)


def test_what_was_proven_stays_and_is_marked_once(live: LiveAccount) -> None:
    confirm_function(live.account, publish(live))
    before = lambda_writes(live)
    confirm_function(live.account, publish(live))
    restore_function(live.account, live.account.project)
    assert (alias(live), warm(live), lambda_writes(live)) == ("1", {"1": (3, "READY")}, before)


def test_there_is_nothing_to_restore_where_there_is_no_function(live: LiveAccount) -> None:
    restore_function(live.account, live.account.project)
    assert lambda_writes(live) == []


@pytest.mark.parametrize("loss", [{"drop": True}, {"code": "ServiceException", "status": 500}], ids=["dropped", "500"])
def test_lost_answers_leave_one_version(live: LiveAccount, loss: dict[str, Any]) -> None:
    for operation in ("CreateFunction", "PublishVersion", "PutFunctionConcurrency", "CreateAlias"):
        live.aws.add_fault("lambda", operation, when="after", **loss)
    assert publish(live, COLD).version == "1"
    assert (alias(live), versions(live)) == ("1", ["1"])


def test_a_version_that_does_not_start_is_not_pointed_to_until_it_does(live: LiveAccount, tmp_path: Path) -> None:
    function = Function(reserved_concurrency=2, provisioned_concurrency=1)
    publish(live, function)
    broken, cure = tmp_path / "handler.py", tmp_path / "cure"
    broken.write_text(f"import pathlib\nassert pathlib.Path({str(cure)!r}).exists()\ndef handler(event, context): ...")
    files = {**package_files("lambda_handler"), "lambda_handler/handler.py": broken}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pedigree.function.publish.package_files", lambda _package: files)
        with pytest.raises(DeploymentFailed, match="FUNCTION_ERROR_INIT_FAILURE"):
            publish(live, function)
        assert alias(live) == "1"
        cure.touch()
        cured = publish(live, function)
    assert (cured.version, cured.previous_version, warm(live)) == ("2", "1", {"2": (1, "READY")})
