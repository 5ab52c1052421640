"""SageMaker's kinds of resources; their operations are regular, so one noun names describe, create, list and delete."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from pedigree.aws.adoption import Kind, describe, ensure
from pedigree.aws.chain import walk
from pedigree.aws.clients import SageMakerClient, client
from pedigree.aws.errors import code_of, is_missing
from pedigree.aws.identity import COVERED
from pedigree.aws.naming import FLOW_RUN, FLOW_RUN_TAG
from pedigree.aws.resources.kind import NOTHING, Billed, Owner, Resource, ResourceKind, Use, gone_is_fine, is_ours, may_be_ours
from pedigree.aws.waiting import wait_until
from pedigree.values import NO_FLOW_RUN, Account, Outcome

LOG = logging.getLogger(__name__)
SETTLING_SECONDS = 3600
Description = dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class SageMakerKind(ResourceKind):
    """With the `noun` "Model" the operations are DescribeModel, CreateModel, ListModels and DeleteModel, and the name is its ModelName.

    What has a status among `under_way` can be neither changed nor deleted.
    """

    noun: str
    under_way: tuple[str, ...] = ()

    def on(self, sagemaker: SageMakerClient) -> Kind:
        """The kind as `ensure` takes it."""
        return Kind(
            self.title,
            describe=lambda name: dict(self._call(sagemaker, "Describe", **{f"{self.noun}Name": name})),
            create=lambda request: self._call(sagemaker, "Create", **request),
            covered=COVERED[self.title],
            described=lambda: self.described(sagemaker),
        )

    def described(self, sagemaker: SageMakerClient) -> set[str]:
        """The members that a request and a description share, by AWS's own model."""
        model: Any = sagemaker.meta.service_model  # its stub allows operations without members; these have some
        request, answer = (model.operation_model(f"{verb}{self.noun}") for verb in ("Create", "Describe"))
        return set(request.input_shape.members) & set(answer.output_shape.members)

    def ensure(self, sagemaker: SageMakerClient, request: Mapping[str, Any]) -> tuple[str, Outcome]:
        """Create or adopt the resource of this request; return its name and the outcome."""
        name = request[f"{self.noun}Name"]
        return name, ensure(self.on(sagemaker), name, request)[1]

    def find(self, account: Account) -> Iterator[Resource]:
        sagemaker = client(account.credentials, "sagemaker")
        paginator: Any = sagemaker.get_paginator  # its stub takes literals, and the noun is a variable
        pages = paginator(xform_name(f"List{self.noun}s")).paginate(NameContains=account.project, PaginationConfig={"PageSize": 100})
        for summary in pages.result_key_iters()[0]:
            name = summary[f"{self.noun}Name"]
            tags = tags_of(sagemaker, summary[f"{self.noun}Arn"]) if may_be_ours(account, name) else {}
            if is_ours(account, tags):
                yield Resource(self.title, name, tags, summary.get(f"{self.noun}Status", ""))

    def delete(self, account: Account, name: str) -> None:
        self.delete_with(client(account.credentials, "sagemaker"), name)

    def delete_with(self, sagemaker: SageMakerClient, name: str) -> None:
        self._wait(name, lambda: self._let_go(sagemaker, name), lambda found: found is None)

    def settled(self, sagemaker: SageMakerClient, name: str, seconds: float = SETTLING_SECONDS) -> Description:
        """The description once no change is under way, None when the resource does not exist; the log says when there is one."""
        said = False

        def is_settled(found: Description) -> bool:
            nonlocal said
            if (busy := self._is_under_way(found)) and not said:
                LOG.info(f"Waiting for {self.title} {name}")
                said = True
            return not busy

        return self._wait(name, lambda: describe(self.on(sagemaker), name), is_settled, seconds)

    def _let_go(self, sagemaker: SageMakerClient, name: str) -> Description:
        """Delete the resource as soon as AWS allows it, and return its last description."""
        found = describe(self.on(sagemaker), name)
        if found is not None and not self._is_under_way(found):
            try:
                self._call(sagemaker, "Delete", **{f"{self.noun}Name": name})
            except ClientError as error:
                # in progress: another change has begun meanwhile, or it is our own call, whose answer was lost
                if not (is_missing(error) or "in-progress" in str(error)):
                    raise
        return found

    def _is_under_way(self, found: Description) -> bool:
        return found is not None and found.get(f"{self.noun}Status") in self.under_way

    def _wait(
        self, name: str, look: Callable[[], Description], done: Callable[[Description], bool], seconds: float = SETTLING_SECONDS
    ) -> Description:
        return wait_until(look, done, step=self.title, resource=name, seconds=seconds)

    def _call(self, sagemaker: SageMakerClient, verb: str, **parameters: Any) -> Any:
        return getattr(sagemaker, xform_name(f"{verb}{self.noun}"))(**parameters)


@dataclass(frozen=True, kw_only=True)
class RecordKind(SageMakerKind):
    """Records, which cost nothing."""

    def billed(self, account: Account, resource: Resource) -> Billed:
        return NOTHING

    def owner(self, resource: Resource) -> Owner | None:
        return None


@dataclass(frozen=True, kw_only=True)
class EndpointKind(SageMakerKind):
    """Endpoints, which are billed for the instances of their variants."""

    def billed(self, account: Account, resource: Resource) -> Billed:
        instances = Counter[tuple[Use, str]]()
        for variant in walk(client(account.credentials, "sagemaker"), resource.name).variants:
            instances["hosting", variant.instance_type] += variant.current_count
        return Billed(instances)

    def owner(self, resource: Resource) -> Owner | None:
        return None


@dataclass(frozen=True, kw_only=True)
class JobKind(RecordKind):
    """Jobs are stopped before they are deleted."""

    def delete_with(self, sagemaker: SageMakerClient, name: str) -> None:
        found = describe(self.on(sagemaker), name)
        if found and found[f"{self.noun}Status"] == "InProgress":
            stop_job(sagemaker, name, self.noun)
        super().delete_with(sagemaker, name)


@dataclass(frozen=True, kw_only=True)
class LastingJobKind(JobKind):
    """Jobs that AWS does not delete; only running jobs are listed, and stopping a job is its deletion."""

    def find(self, account: Account) -> Iterator[Resource]:
        return (job for job in super().find(account) if job.status in self.under_way)

    def delete_with(self, sagemaker: SageMakerClient, name: str) -> None:
        stop_job(sagemaker, name, self.noun)
        self.settled(sagemaker, name)


@dataclass(frozen=True, kw_only=True)
class ModelPackageKind(ResourceKind):
    """Versions in the project's own groups; AWS tags no version, so the group has the tags and the metadata the flow run."""

    group: SageMakerKind

    def find(self, account: Account) -> Iterator[Resource]:
        sagemaker = client(account.credentials, "sagemaker")
        for group in self.group.find(account):
            pages = sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group.name)
            summaries: Any = pages.result_key_iters()[0]  # the stub takes them for pages
            for summary in summaries:
                arn = summary["ModelPackageArn"]
                metadata = sagemaker.describe_model_package(ModelPackageName=arn).get("CustomerMetadataProperties", {})
                tags = {**group.tags, FLOW_RUN_TAG: metadata.get(FLOW_RUN, NO_FLOW_RUN)}
                yield Resource(self.title, arn, tags, summary.get("ModelApprovalStatus", ""))

    def billed(self, account: Account, resource: Resource) -> Billed:
        return NOTHING

    def owner(self, resource: Resource) -> Owner | None:
        return None

    def delete(self, account: Account, name: str) -> None:
        with gone_is_fine():
            client(account.credentials, "sagemaker").delete_model_package(ModelPackageName=name)


def group_of(package_arn: str) -> str:
    """The model package group in the ARN of a version, `...:model-package/<group>/<number>`; empty for another ARN."""
    found = re.search(r":model-package/([^/]+)/\d+$", package_arn)
    return found[1] if found else ""


def tags_of(sagemaker: SageMakerClient, arn: str) -> dict[str, str]:
    with gone_is_fine():
        return {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    return {}


def stop_job(sagemaker: SageMakerClient, name: str, noun: str = "TrainingJob") -> bool:
    """Stop the job; False when it has ended by itself meanwhile, is being stopped, or is not there any more."""
    try:
        getattr(sagemaker, xform_name(f"Stop{noun}"))(**{f"{noun}Name": name})
    except ClientError as error:
        if code_of(error) != "ValidationException" or may_run_on(sagemaker, name, noun):
            raise
        return False
    return True


def may_run_on(sagemaker: SageMakerClient, name: str, noun: str) -> bool:
    """Whether the job has neither ended nor been stopped; AWS refuses to stop it with the same code as a wrong request."""
    try:
        job = getattr(sagemaker, xform_name(f"Describe{noun}"))(**{f"{noun}Name": name})
    except ClientError as error:
        if is_missing(error):
            return False
        raise
    return bool(job[f"{noun}Status"] == "InProgress")
