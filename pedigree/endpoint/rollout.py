"""One endpoint on its way to a config, and the tag that says which config was proven last: it outlives a killed run."""

import re
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pedigree.autoscaling.moved import autoscaling_aside
from pedigree.autoscaling.variant import has_scaled
from pedigree.aws.adoption import describe
from pedigree.aws.chain import read_variants
from pedigree.aws.clients import SageMakerClient
from pedigree.aws.errors import SpecDiffers
from pedigree.aws.naming import KEY_LENGTH, belongs_to, tag_list
from pedigree.aws.resources.sagemaker import SETTLING_SECONDS, tags_of
from pedigree.aws.resources.serving import variant_id
from pedigree.aws.resources.table import ENDPOINT, ENDPOINT_CONFIG
from pedigree.endpoint.config import VARIANT
from pedigree.values import Account, Outcome

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DeploymentConfigTypeDef, TagTypeDef

VERIFIED_TAG, VERIFIED_PACKAGE_TAG, NONE_YET = "pedigree:verified-config", "pedigree:verified-package", "none"
UNANNOUNCED_TAG = "pedigree:unannounced-config"
ATTEMPTS = 3


class Rollout:
    """Every change waits for whatever was under way, then for itself."""

    def __init__(self, sagemaker: SageMakerClient, account: Account, name: str) -> None:
        self._sagemaker, self.account, self.name = sagemaker, account, name
        self._began = datetime.now(UTC)

    def present(self) -> dict[str, Any] | None:
        """Its description; a failed one, which can only be deleted, is deleted. SpecDiffers where it is not ours."""
        found = self.settled()
        if found is None:
            return None
        self.require_ours(found)
        if found["EndpointStatus"] == "Failed":
            self.delete()
            return None
        return found

    def create(self, config: str, *, expires_at: datetime | None = None) -> Outcome:
        tags = tag_list(self.account, self.name, expires_at=expires_at)
        unproven = {"Key": VERIFIED_TAG, "Value": NONE_YET}
        request = {"EndpointName": self.name, "EndpointConfigName": config, "Tags": [*tags, unproven]}
        _, outcome = ENDPOINT.ensure(self._sagemaker, request)
        self.settled()
        return outcome

    def update(self, config: str, deployment: "DeploymentConfigTypeDef | None" = None) -> None:
        """To `config`, at once or as the DeploymentConfig says; autoscaling steps aside for another instance type."""
        aside = autoscaling_aside(self.account, self.name, VARIANT) if self._moves_to(config) else nullcontext()
        with aside:
            self._update(config, deployment)

    def _moves_to(self, config: str) -> bool:
        """Whether the config is on other instance types than the live one."""
        live = ENDPOINT.on(self._sagemaker).describe(self.name)["EndpointConfigName"]
        return live != config and self._instance_types(live) != self._instance_types(config)

    def _instance_types(self, config: str) -> set[str]:
        found = describe(ENDPOINT_CONFIG.on(self._sagemaker), config)  # somebody may have deleted the live one
        return {variant["InstanceType"] for variant in found["ProductionVariants"]} if found else set()

    def _update(self, config: str, deployment: "DeploymentConfigTypeDef | None") -> None:
        timeout = deployment["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] if deployment else 0
        gradually: dict[str, Any] = {"DeploymentConfig": deployment} if deployment else {}
        for attempt in range(ATTEMPTS):
            try:
                self._sagemaker.update_endpoint(
                    EndpointName=self.name, EndpointConfigName=config, RetainAllVariantProperties=True, **gradually
                )
                done = True
            except ClientError as error:
                if "in-progress" not in str(error):
                    raise
                done = attempt == ATTEMPTS - 1  # autoscaling was quicker, or it is our own call, whose answer was lost
            found = self.settled(SETTLING_SECONDS + timeout)
            if done or (found and found["EndpointConfigName"] == config):
                return  # `problems` tells what came of it

    def delete(self) -> None:
        ENDPOINT.delete_with(self._sagemaker, self.name)

    def settled(self, seconds: float = SETTLING_SECONDS) -> dict[str, Any] | None:
        """The endpoint once nothing is under way, None when there is none."""
        return ENDPOINT.settled(self._sagemaker, self.name, seconds)

    def require_ours(self, found: dict[str, Any]) -> None:
        """SpecDiffers for an endpoint that somebody else made under our name: it must be neither updated nor deleted."""
        config = str(found["EndpointConfigName"])
        before = rf"{self.account.project}-config-[0-9a-f]{{{KEY_LENGTH}}}"  # what our configs were called once; one may be live still
        if not belongs_to(self.account.project, config) and not re.fullmatch(before, config):
            cause = f"it serves the config {config}, which is none of this project"
            raise SpecDiffers("endpoint", self.name, cause, "choose another serving.endpoint_name, or delete it if it is not needed")

    def problems(self, config: str, instances: int = 1) -> list[str]:
        """Why the wanted config is not live; SageMaker rolls a bad update back in silence, so InService alone says nothing.

        Autoscaling may have begun to change the instances since the update: that ends first.
        """
        found = self.settled()
        if found is None:
            return ["the endpoint is gone"]
        if found["EndpointStatus"] != "InService" or found["EndpointConfigName"] != config:
            return [found.get("FailureReason") or f"status {found['EndpointStatus']} with config {found.get('EndpointConfigName')}"]
        has = instances_of(found)
        if has >= instances or has_scaled(self.account, variant_id(self.name, VARIANT), since=self._began):
            return []
        return [f"{has} instances of {instances} that were live before"]

    def verified(self, found: dict[str, Any]) -> str | None:
        """The config that was proven last: `NONE_YET`, or None where no run of ours has said so."""
        return self.tags(found).get(VERIFIED_TAG)

    def tags(self, found: dict[str, Any]) -> dict[str, str]:
        return tags_of(self._sagemaker, found["EndpointArn"])

    def unannounced(self, found: dict[str, Any]) -> str | None:
        """The config that was proven and is not announced yet."""
        return self.tags(found).get(UNANNOUNCED_TAG)

    def remember(self, found: dict[str, Any], config: str, package: str | None) -> None:
        """Make `config` the way back from now on, and `package` what it is made from; None when that is not known."""
        proven = {VERIFIED_TAG: config, VERIFIED_PACKAGE_TAG: package or NONE_YET}
        if not proven.items() <= self.tags(found).items():
            self._tag(found, proven)

    def promote(self, found: dict[str, Any], config: str, package: str | None) -> None:
        """`config` is proven, and to be announced: one call marks all of it, so that no kill comes between."""
        self._tag(found, {VERIFIED_TAG: config, VERIFIED_PACKAGE_TAG: package or NONE_YET, UNANNOUNCED_TAG: config})

    def announced(self, found: dict[str, Any]) -> None:
        self._tag(found, {UNANNOUNCED_TAG: NONE_YET})

    def _tag(self, found: dict[str, Any], tags: dict[str, str]) -> None:
        named: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._sagemaker.add_tags(ResourceArn=found["EndpointArn"], Tags=named)


def proven_package(tags: Mapping[str, str]) -> str | None:
    """ARN of the model package that was proven last; None when the tags of the endpoint do not say."""
    package = tags.get(VERIFIED_PACKAGE_TAG, NONE_YET)
    return None if package == NONE_YET else package


def instances_of(found: dict[str, Any]) -> int:
    """How many it is to have."""
    return sum(variant.desired_count for variant in read_variants(found))
