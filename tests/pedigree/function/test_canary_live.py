"""A canary in a real Lambda: real shares, a real handler that fails, the way on and the way back."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pedigree.aws.errors import AwsDenied, DeploymentFailed
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.function import canary
from pedigree.function.alias import ALIAS
from pedigree.function.publish import publish_function
from pedigree.settings import Function
from pedigree.training.code import package_files
from pedigree.values import Endpoint, FunctionVersion, ModelVersion
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import SERVING, registered

BEFORE = Function(reserved_concurrency=3, provisioned_concurrency=1)
CANARY = Function(reserved_concurrency=3, provisioned_concurrency=1, timeout_seconds=20, canary_percent=50, canary_seconds=1)
# right answers, until a caller brings the word that crashes it
FRAGILE = """
from lambda_handler import original
def handler(event, context):
    if "crash" in event:
        raise SystemExit("this caller's request ends the process")
    return original.handler(event, context)
"""


class Mission:
    """An endpoint that serves a model, and the function in front of it."""

    def __init__(self, live: LiveAccount, model: ModelVersion, endpoint: Endpoint) -> None:
        self.live, self.model, self.endpoint = live, model, endpoint
        self.aws_lambda, self.name = live.client("lambda"), live.account.project

    def publish(self, function: Function) -> FunctionVersion:
        return publish_function(self.live.account, self.endpoint, function, self.model)

    def alias(self) -> tuple[str, dict[str, float]]:
        """(version, weights of others)."""
        found = self.aws_lambda.get_alias(FunctionName=self.name, Name=ALIAS)
        return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def warm(self) -> list[str]:
        found = self.aws_lambda.list_provisioned_concurrency_configs(FunctionName=self.name)["ProvisionedConcurrencyConfigs"]
        return [config["FunctionArn"].rsplit(":", 1)[-1] for config in found]

    def ask(self, event: Any) -> str:
        """The version that answered."""
        return str(self.aws_lambda.invoke(FunctionName=self.name, Qualifier=ALIAS, Payload=json.dumps(event))["ExecutedVersion"])

    @contextmanager
    def handler(self, source: str, path: Path) -> Iterator[None]:
        """Versions published inside have this handler, beside the true one as `original`."""
        path.write_text(source)
        files = package_files("lambda_handler")
        files |= {"lambda_handler/original.py": files["lambda_handler/handler.py"], "lambda_handler/handler.py": path}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pedigree.function.publish.package_files", lambda _package: files)
            yield


@pytest.fixture
def mission(live: LiveAccount) -> Mission:
    """With version 1 behind the alias."""
    model = registered(live)
    mission = Mission(live, model, deploy_endpoint(live.account, model, SERVING))
    mission.publish(BEFORE)
    return mission


def test_a_version_that_proves_itself_gets_all_requests_and_the_warm_environments(
    mission: Mission, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[tuple[str, dict[str, float]], list[str], Counter[str]]] = []
    watch = canary.watch

    def watched(*arguments: Any) -> list[str]:
        seen.append((mission.alias(), mission.warm(), Counter(mission.ask({}) for _ in range(40))))
        return watch(*arguments)

    monkeypatch.setattr(canary, "watch", watched)
    second = mission.publish(CANARY)
    ((alias, warm, answered),) = seen
    assert (alias, warm) == (("1", {"2": 0.5}), ["1"])
    assert min(answered["1"], answered["2"]) >= 5  # of 40: one in 10 million that it is chance
    assert (second.version, second.outcome, second.previous_version) == ("2", "updated", "1")
    assert (mission.alias(), mission.warm()) == (("2", {}), ["2"])
    assert mission.publish(CANARY).outcome == "adopted"


def test_errors_that_only_callers_meet_bring_the_old_version_back(
    mission: Mission, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = canary.watch

    def watched(*arguments: Any) -> list[str]:
        while mission.ask({"crash": True}) != "2":
            pass
        return watch(*arguments)

    monkeypatch.setattr(canary, "watch", watched)
    with (
        mission.handler(FRAGILE, tmp_path / "handler.py"),
        pytest.raises(DeploymentFailed, match=r":2: 1 errors of its callers; version 1 serves on"),
    ):
        mission.publish(CANARY.model_copy(update={"canary_seconds": 60}))
    assert (mission.alias(), mission.warm()) == (("1", {}), ["1"])


def test_a_version_that_answers_wrong_meets_no_caller(mission: Mission, tmp_path: Path) -> None:
    before = mission.live.writes()
    with (
        mission.handler("def handler(event, context): return {'statusCode': 200, 'body': '[[9, 9]]'}", tmp_path / "handler.py"),
        pytest.raises(DeploymentFailed, match=r"largest logit difference.*version 1 serves on"),
    ):
        mission.publish(CANARY)
    assert mission.alias() == ("1", {})
    assert "lambda:UpdateFunctionCode" in mission.live.writes()[len(before) :]


def test_a_version_that_nobody_may_ask_is_not_proven_and_is_not_blamed(mission: Mission) -> None:
    mission.live.aws.add_fault("lambda", "Invoke", code="AccessDeniedException", status=403, times=100)
    with pytest.raises(AwsDenied, match="AccessDeniedException"):
        mission.publish(CANARY)
    assert mission.alias() == ("1", {})


def test_a_version_that_cannot_be_kept_warm_gives_its_share_back(mission: Mission, tmp_path: Path) -> None:
    source = FRAGILE + "import os\nassert os.environ['AWS_LAMBDA_INITIALIZATION_TYPE'] == 'on-demand'\n"
    with (
        mission.handler(source, tmp_path / "handler.py"),
        pytest.raises(DeploymentFailed, match="FUNCTION_ERROR_INIT_FAILURE"),
    ):
        mission.publish(CANARY)
    assert mission.alias() == ("1", {})


@pytest.mark.parametrize(("following", "expected"), [(CANARY, "2"), (BEFORE, "1")], ids=["the same again", "back"])
def test_a_watch_that_breaks_off_takes_the_share_back_and_a_run_after_a_killed_one_ends_its_canary(
    mission: Mission, monkeypatch: pytest.MonkeyPatch, following: Function, expected: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(canary, "watch", broken_off)
        with pytest.raises(KeyboardInterrupt):
            mission.publish(CANARY)
    assert mission.alias() == ("1", {})
    shares = {"AdditionalVersionWeights": {"2": 0.5}}  # as SIGKILL leaves it
    mission.aws_lambda.update_alias(FunctionName=mission.name, Name=ALIAS, FunctionVersion="1", RoutingConfig=shares)
    mission.publish(following)
    assert (mission.alias(), mission.warm()) == ((expected, {}), [expected])


def broken_off(*_arguments: Any) -> list[str]:
    raise KeyboardInterrupt
