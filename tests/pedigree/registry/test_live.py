"""The model registry: one approved version a model, whatever happens on the way."""

import hashlib
import os
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pedigree.aws.errors import GateRefused, InvalidInput, SpecDiffers
from pedigree.aws.objects import hashed
from pedigree.registry.versions import decide_on_model, register_model
from pedigree.settings import Serving
from tests.lab.live_account import LiveAccount
from tests.lab.running_aws import document
from tests.lab.small_models import SERVING, candidate, trained


def versions(live: LiveAccount) -> list[dict[str, Any]]:
    """Every version of the project's group, oldest first."""
    sagemaker = live.client("sagemaker")
    found = sagemaker.list_model_packages(ModelPackageGroupName=live.account.project)["ModelPackageSummaryList"]
    described = [sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"]) for summary in found]
    return sorted(described, key=lambda version: int(version["ModelPackageVersion"]))


def test_a_version_is_created_approved_and_then_adopted(live: LiveAccount) -> None:
    model = candidate(live, trained(live))
    first = register_model(live.account, model, SERVING)
    again = register_model(live.account, model, SERVING)
    assert (first.outcome, again.outcome, again.arn) == ("created", "adopted", first.arn)
    (version,) = versions(live)
    assert (version["ModelPackageArn"], version["ModelApprovalStatus"]) == (first.arn, "Approved")
    metadata = version["CustomerMetadataProperties"]
    assert (metadata["pedigree-key"], metadata["pedigree-dataset"], metadata["pedigree-flow-run"]) == (first.key, "da7a", "none")
    assert version["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == first.artifact
    assert first.artifact == f"s3://{live.account.bucket}/models/{first.key}/model.tar.gz"
    assert metadata["pedigree-artifact-sha256"] == model.comparison.artifact_sha256 == sha256_of(live, first.artifact)
    assert live.writes() == ["sagemaker:CreateModelPackageGroup", "s3:PutObject", "sagemaker:CreateModelPackage"]


def test_the_one_found_is_the_one_with_the_key(live: LiveAccount) -> None:
    models = [candidate(live, trained(live)) for _ in range(3)]
    arns = [register_model(live.account, model, SERVING).arn for model in models]
    assert [register_model(live.account, model, SERVING).arn for model in models] == arns
    other_image = register_model(live.account, models[0], Serving(image="local/pedigree-serving:1"))
    assert (other_image.outcome, len(versions(live))) == ("created", 4)


@pytest.mark.parametrize("loss", [{"drop": True}, {"code": "ServiceUnavailable", "status": 503}], ids=["dropped", "503"])
def test_lost_answers_leave_one_version(live: LiveAccount, loss: dict[str, Any]) -> None:
    for operation in ("CreateModelPackageGroup", "CreateModelPackage"):
        live.aws.add_fault("sagemaker", operation, when="after", **loss)
    registered = register_model(live.account, candidate(live, trained(live)), SERVING)
    assert [version["ModelPackageArn"] for version in versions(live)] == [registered.arn]


def test_only_versions_of_the_same_job_are_looked_at(live: LiveAccount) -> None:
    models = [candidate(live, trained(live)) for _ in range(3)]
    for model in models:
        register_model(live.account, model, SERVING)
    before = len(live.calls())
    assert register_model(live.account, models[0], SERVING).outcome == "adopted"
    assert [entry.action for entry in live.calls()[before:]].count("sagemaker:DescribeModelPackage") == 1


def test_a_version_waits_until_a_person_approves_it(live: LiveAccount) -> None:
    model = candidate(live, trained(live))
    waiting = register_model(live.account, model, SERVING, wait_for_approval=True)
    assert (waiting.approved, waiting.outcome) == (False, "created")
    assert register_model(live.account, model, SERVING, wait_for_approval=True) == replace(waiting, outcome="adopted")
    with pytest.raises(GateRefused, match="flow `approve`"):
        register_model(live.account, model, SERVING)
    decided = decide_on_model(live.account, waiting.arn, approved=True, approver="Ada", reason="it knows its boxers")
    assert decided == replace(waiting, outcome="updated", approved=True)
    (version,) = versions(live)
    assert (version["ModelApprovalStatus"], version["ApprovalDescription"]) == ("Approved", "Ada: it knows its boxers")
    metadata = version["CustomerMetadataProperties"]
    assert (metadata["pedigree-key"], metadata["pedigree-approver"]) == (waiting.key, "Ada")
    for wait in (False, True):
        assert register_model(live.account, model, SERVING, wait_for_approval=wait) == replace(decided, outcome="adopted")


def test_the_same_decision_again_changes_nothing(live: LiveAccount) -> None:
    waiting = register_model(live.account, candidate(live, trained(live)), SERVING, wait_for_approval=True)
    live.aws.add_fault("sagemaker", "UpdateModelPackage", when="after", drop=True)
    outcomes = [decide_on_model(live.account, waiting.arn, approved=False, approver="Ada", reason="").outcome for _ in range(2)]
    assert outcomes == ["updated", "adopted"]


def test_a_rejected_version_stays_refused_until_somebody_approves_it(live: LiveAccount) -> None:
    model = candidate(live, trained(live))
    waiting = register_model(live.account, model, SERVING, wait_for_approval=True)
    assert not decide_on_model(live.account, waiting.arn, approved=False, approver="Ada", reason="it barks").approved
    for wait in (False, True):
        with pytest.raises(GateRefused, match="Rejected: Ada: it barks"):
            register_model(live.account, model, SERVING, wait_for_approval=wait)
    decide_on_model(live.account, waiting.arn, approved=True, approver="Grace", reason="it may")
    assert register_model(live.account, model, SERVING).approved


def test_nobody_decides_about_a_version_that_is_gone(live: LiveAccount) -> None:
    waiting = register_model(live.account, candidate(live, trained(live)), SERVING, wait_for_approval=True)
    live.client("sagemaker").delete_model_package(ModelPackageName=waiting.arn)
    with pytest.raises(InvalidInput, match="there is no such model package"):
        decide_on_model(live.account, waiting.arn, approved=True, approver="Ada", reason="")


def sha256_of(live: LiveAccount, uri: str) -> str:
    return hashlib.sha256(live.get(uri.split("/", 3)[3])).hexdigest()


def test_what_changed_after_its_evaluation_is_not_registered(live: LiveAccount) -> None:
    model = candidate(live, trained(live))
    live.put(model.model.artifact.split("/", 3)[3], b"another")
    with pytest.raises(SpecDiffers, match="somebody changed it since"):
        register_model(live.account, model, SERVING)
    assert (versions(live), live.keys("models/")) == ([], [])


def test_what_changes_between_look_and_copy_is_not_copied(live: LiveAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    model = candidate(live, trained(live))

    def look_then_swap(*given: Any) -> Any:
        looked_at = hashed(*given)
        live.put(model.model.artifact.split("/", 3)[3], b"another")
        return looked_at

    monkeypatch.setattr("pedigree.registry.artifact.hashed", look_then_swap)
    assert sha256_of(live, register_model(live.account, model, SERVING).artifact) == model.comparison.artifact_sha256


def test_an_artifact_above_the_limit_of_one_copy_is_copied_in_parts(live: LiveAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LARGEST_COPY", "PART"):
        monkeypatch.setattr(f"pedigree.registry.artifact.{name}", 5 * 2**20)
    model = trained(live)
    live.put(model.artifact.split("/", 3)[3], os.urandom(11 * 2**20))
    large = candidate(live, model)
    assert sha256_of(live, register_model(live.account, large, SERVING).artifact) == large.comparison.artifact_sha256
    assert [entry.action for entry in live.calls()].count("s3:PutObject") == 5  # begin, three parts, end


def test_a_copy_that_is_gone_is_made_again(live: LiveAccount) -> None:
    model = candidate(live, trained(live))
    first = register_model(live.account, model, SERVING)
    live.client("s3").delete_object(Bucket=live.account.bucket, Key=first.artifact.split("/", 3)[3])
    assert register_model(live.account, model, SERVING).outcome == "adopted"
    assert sha256_of(live, first.artifact) == model.comparison.artifact_sha256


# who may do what to the objects of a folder; "r" reads, "w" writes, "d" deletes
RIGHTS = {
    "training_role": {"training": "w", "models": "", "evaluations": "", "weights": "r"},
    "function_role": {"training": "", "models": "", "evaluations": "", "weights": ""},
    "serving_role": {"training": "", "models": "r", "evaluations": "", "weights": ""},
    "scoring_role": {"training": "", "models": "r", "evaluations": "", "weights": ""},
    "evaluation_role": {"training": "r", "models": "r", "evaluations": "w", "weights": ""},
}


@pytest.mark.parametrize("role", RIGHTS)
def test_only_the_orchestrator_writes_what_serves(live: LiveAccount, role: str) -> None:
    assert {folder: rights(live, getattr(live.account, role), folder) for folder in RIGHTS[role]} == RIGHTS[role]


def test_what_trains_gets_no_registered_artifact(live: LiveAccount) -> None:
    key = register_model(live.account, candidate(live, trained(live)), SERVING).artifact.split("/", 3)[3]
    name, everyone = (
        live.account.training_role.rsplit("/", 1)[1],
        document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}),
    )
    live.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=everyone)  # so that the test can be that role
    s3 = live.aws.client("s3", live.aws.assume(live.account.training_role))
    for call in (s3.get_object, s3.delete_object, partial(s3.put_object, Body=b"another")):
        with pytest.raises(ClientError, match="AccessDenied"):
            call(Bucket=live.account.bucket, Key=key)


def rights(live: LiveAccount, role: str, folder: str) -> str:
    def may(action: str) -> bool:
        objects = [f"arn:aws:s3:::{live.account.bucket}/{folder}/x/model.tar.gz"]
        asked = live.client("iam").simulate_principal_policy(PolicySourceArn=role, ActionNames=[action], ResourceArns=objects)
        return bool(asked["EvaluationResults"][0]["EvalDecision"] == "allowed")

    return "".join(letter for letter, action in (("r", "s3:GetObject"), ("w", "s3:PutObject"), ("d", "s3:DeleteObject")) if may(action))
