"""Every row of the adoption rule, against a cloud of one dictionary."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pedigree.aws.adoption import LAST_LINES, Attempt, Kind, Verdict, Wish, as_asked, ensure, ensure_attempt, settled_by
from pedigree.aws.errors import JobFailed, JobStopped, OutOfAttempts, SpecDiffers
from pedigree.aws.identity import NOT_IDENTITY


class Shelf:
    """Named resources; `lose_answers` makes the next create work and then fail, as a dropped connection does after boto3's retry."""

    def __init__(self, **resources: dict[str, Any]) -> None:
        self.resources = {name.replace("_", "-"): value for name, value in resources.items()}
        self.created: list[str] = []
        self.lose_answers = False

    @property
    def kind(self) -> Kind:
        covered = {"Name": NOT_IDENTITY, "Before": NOT_IDENTITY}
        return Kind("job", describe=self.describe, create=self.create, covered=covered, described=lambda: ("Name", "Spec", "Before", "Key"))

    def describe(self, name: str) -> dict[str, Any]:
        if name not in self.resources:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "Could not find it"}}, "Describe")
        return self.resources[name]

    def create(self, request: Mapping[str, Any]) -> None:
        self.created.append(request["Name"])
        self.resources[request["Name"]] = {"AwsAdds": True, **request, "Verdict": Verdict.IN_PROGRESS}
        if self.lose_answers:
            raise ClientError({"Error": {"Code": "ResourceInUse", "Message": "must be unique"}}, "Create")


def attempt(shelf: Shelf, *, retry_failed: bool = False, spec: object = 1, **how: Any) -> Attempt:
    wish = Wish(
        lambda number: "job" if number == 1 else f"job-{number}",
        lambda name: {"Name": name, "Spec": spec},
        how.pop("place", as_asked),
        retry_failed=retry_failed,
    )
    return ensure_attempt(shelf.kind, wish, lambda found: found["Verdict"], **how)


def ended(verdict: Verdict) -> dict[str, Any]:
    return {"Spec": 1, "Verdict": verdict, "FailureReason": f"because {verdict.value}"}


def test_absent_is_created() -> None:
    shelf = Shelf()
    assert (attempt(shelf).outcome, shelf.created) == ("created", ["job"])


@pytest.mark.parametrize("verdict", [Verdict.IN_PROGRESS, Verdict.DONE])
def test_in_progress_and_done_are_adopted(verdict: Verdict) -> None:
    shelf = Shelf(job=ended(verdict))
    assert (attempt(shelf).outcome, shelf.created) == ("adopted", [])


def test_a_create_whose_answer_was_lost_is_adopted() -> None:
    shelf = Shelf()
    shelf.lose_answers = True
    assert (attempt(shelf).outcome, shelf.created) == ("adopted", ["job"])


@pytest.mark.parametrize("verdict", [Verdict.LOST, Verdict.TEMPORARY])
def test_a_wasted_attempt_is_followed_by_the_next(verdict: Verdict) -> None:
    shelf = Shelf(job=ended(verdict))
    assert (attempt(shelf).number, shelf.created) == (2, ["job-2"])


def test_three_wasted_attempts_are_enough() -> None:
    shelf = Shelf(job=ended(Verdict.TEMPORARY), job_2=ended(Verdict.LOST), job_3=ended(Verdict.TEMPORARY))
    with pytest.raises(OutOfAttempts, match="the last of 3 attempts"):
        attempt(shelf)
    assert shelf.created == []


def test_more_attempts_may_be_wasted_where_there_are_more_places() -> None:
    shelf = Shelf(job=ended(Verdict.TEMPORARY), job_2=ended(Verdict.TEMPORARY), job_3=ended(Verdict.TEMPORARY))
    assert attempt(shelf, most_wasted=4).name == "job-4"
    shelf.resources["job-4"] = ended(Verdict.LOST)
    with pytest.raises(OutOfAttempts, match="the last of 4 attempts"):
        attempt(shelf, most_wasted=4)


def test_a_new_attempt_is_asked_for_in_view_of_those_before_it() -> None:
    shelf = Shelf(job=ended(Verdict.TEMPORARY))
    made = attempt(shelf, place=lambda request, earlier: {**request, "Before": [found["FailureReason"] for found in earlier]})
    assert shelf.resources["job-2"]["Before"] == ["because failed by AWS's own fault"]
    assert made.earlier == (ended(Verdict.TEMPORARY),)
    shelf.resources["job-2"]["Verdict"] = Verdict.DONE
    assert attempt(shelf).earlier == made.earlier


@pytest.mark.parametrize(("verdict", "error"), [(Verdict.FAILED, JobFailed), (Verdict.STOPPED, JobStopped)])
def test_failed_and_stopped_wait_for_a_person(verdict: Verdict, error: type[Exception]) -> None:
    shelf = Shelf(job=ended(verdict))
    with pytest.raises(error, match=f"because {verdict.value}"):
        attempt(shelf)
    assert shelf.created == []
    assert attempt(shelf, retry_failed=True).name == "job-2"


def test_a_failure_is_told_by_its_cause_and_then_by_its_last_lines() -> None:
    job = {**ended(Verdict.FAILED), "FailureReason": "AlgorithmError: , exit code: 1", LAST_LINES: ["x", "No module named 'timm'"]}
    with pytest.raises(JobFailed) as failed:
        attempt(Shelf(job=job))
    assert failed.value.cause.startswith("the module timm is missing in the training image")
    assert failed.value.lines == ("x", "No module named 'timm'")


def test_another_spec_under_the_same_name_is_an_error() -> None:
    shelf = Shelf(job=ended(Verdict.DONE))
    with pytest.raises(SpecDiffers, match="Spec is 1, wanted 2"):
        attempt(shelf, spec=2)


@pytest.mark.parametrize(
    ("found", "wanted", "same"),
    [
        ({"Spec": {"a": 1}, "AwsAdds": 2}, {"a": 1}, True),
        ({"Spec": {"a": 1, "b": False, "c": ""}, "Key": {}}, {"a": 1}, True),
        ({"Spec": {"a": 1, "b": 2}}, {"a": 1}, False),
        ({"Spec": {"a": 1}}, {"a": 2}, False),
        ({"Spec": {"a": 1}, "Key": "k"}, {"a": 1}, False),
        ({"Spec": [{"Name": "x", "a": 1}, {"Name": "y"}]}, [{"Name": "y"}, {"Name": "x", "a": 1}], True),
        ({"Spec": [{"Name": "x", "a": 1}]}, [{"Name": "x", "a": 2}], False),
        ({"Spec": {"Subnets": ["a", "b"]}}, {"Subnets": ["b", "a"]}, True),
        ({"Spec": [1, 2]}, [2, 1], False),
        ({}, {"a": 1}, False),
    ],
)
def test_what_was_not_asked_for_is_a_difference_where_a_request_could_ask_for_it(
    found: dict[str, Any], wanted: object, *, same: bool
) -> None:
    call: Callable[[], object] = lambda: ensure(Shelf(job=found).kind, "job", {"Name": "job", "Spec": wanted})  # noqa: E731
    if same:
        call()
    else:
        with pytest.raises(SpecDiffers):
            call()


@pytest.mark.parametrize("code", ["ValidationException", "ConflictException", "ResourceInUse", "AnyOtherException"])
def test_a_refusal_of_what_is_so_already_is_none_whatever_its_code(code: str) -> None:
    refusal = ClientError({"Error": {"Code": code, "Message": "no"}}, "RegisterScalableTarget")
    with settled_by(lambda: True):
        raise refusal
    with pytest.raises(ClientError, match=code), settled_by(lambda: False):
        raise refusal


def test_what_may_pass_is_left_to_the_retry_of_the_task() -> None:
    throttled = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "PutFunctionConcurrency")
    with pytest.raises(ClientError, match="slow down"), settled_by(lambda: True):
        raise throttled
