"""Resource types and properties that moto's CloudFormation skips or ignores."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import ManagedPolicy, Role, iam_backends
from moto.s3.models import FakeBucket, PublicAccessBlock, s3_backends

from local_aws.store.public_policy import refuse_public_policy

JsonObject = dict[str, Any]


class BucketPolicy(CloudFormationModel):
    """AWS::S3::BucketPolicy. moto finds the subclasses of CloudFormationModel by itself."""

    def __init__(self, bucket: FakeBucket) -> None:
        self.bucket = bucket

    @property
    def physical_resource_id(self) -> str:
        return self.bucket.name

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::S3::BucketPolicy"

    @classmethod
    def has_cfn_attr(cls, _attr: str) -> bool:
        return False

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003 - moto passes these by name
        cloudformation_json: JsonObject,
        account_id: str,
        region_name: str,  # noqa: ARG003
        **_identity: str,
    ) -> "BucketPolicy":
        properties = cloudformation_json["Properties"]
        bucket = s3_backends[account_id]["aws"].get_bucket(properties["Bucket"])
        document = json.dumps(properties["PolicyDocument"])
        refuse_public_policy(bucket, document, "CloudFormation")
        bucket.policy = document.encode()
        return cls(bucket)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "BucketPolicy",
        new_resource_name: str,
        cloudformation_json: JsonObject,
        account_id: str,
        region_name: str,
    ) -> "BucketPolicy":
        original_resource.bucket.policy = None
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    def delete(self, _account_id: str, _region_name: str) -> None:
        self.bucket.policy = None


def complete_resources() -> None:
    """Add the missing resource types and properties to moto's CloudFormation."""
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()  # the cached lists may be older than BucketPolicy
    extend(FakeBucket, configure_bucket)
    extend(Role, configure_role)
    role, policy = cast("Any", Role), cast("Any", ManagedPolicy)
    role.delete_from_cloudformation_json = staticmethod(partial(delete_role, role.delete_from_cloudformation_json))
    policy.update_from_cloudformation_json = staticmethod(update_managed_policy)
    policy.delete = delete_managed_policy


def extend(model: Any, configure: Callable[[Any, JsonObject], None]) -> None:
    """Call `configure` with the resource and its properties after moto has made or updated it."""
    create, update = model.create_from_cloudformation_json, model.update_from_cloudformation_json

    def create_and_configure(name: str, resource: JsonObject, *where: str, **identity: str) -> Any:
        made = create(name, resource, *where, **identity)
        configure(made, resource.get("Properties", {}))
        return made

    def update_and_configure(**named: Any) -> Any:
        updated = update(**named)
        configure(updated, named["cloudformation_json"].get("Properties", {}))
        return updated

    model.create_from_cloudformation_json = staticmethod(create_and_configure)
    model.update_from_cloudformation_json = staticmethod(update_and_configure)


def configure_role(role: Any, properties: JsonObject) -> None:
    """Set the policies of a role: moto ignores managed policies, and updates neither inline policies nor the trust policy.

    moto keeps inline policies as objects.
    """
    role.assume_role_policy_document = json.dumps(properties["AssumeRolePolicyDocument"])
    role.policies = {policy["PolicyName"]: json.dumps(policy["PolicyDocument"]) for policy in properties.get("Policies", ())}
    role.permissions_boundary_arn = properties.get("PermissionsBoundary")
    detach_policies(role)
    books = iam_backends[role.account_id]["aws"]
    for arn in properties.get("ManagedPolicyArns", ()):
        books.attach_role_policy(arn, role.name)


def detach_policies(role: Any) -> None:
    for policy in list(role.managed_policies.values()):
        policy.detach_from(role)


def delete_role(delete: Callable[..., None], name: str, resource: JsonObject, account_id: str, region_name: str) -> None:
    detach_policies(iam_backends[account_id]["aws"].get_role(name))
    delete(name, resource, account_id, region_name)


def update_managed_policy(**named: Any) -> Any:
    policy = named["original_resource"]
    document = json.dumps(named["cloudformation_json"]["Properties"]["PolicyDocument"])
    iam_backends[named["account_id"]]["aws"].create_policy_version(policy.arn, document, set_as_default=True)
    return policy


def delete_managed_policy(policy: Any, account_id: str, _region_name: str) -> None:
    if policy.attachment_count:
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    iam_backends[account_id]["aws"].delete_policy(policy.arn)


def configure_bucket(bucket: FakeBucket, properties: JsonObject) -> None:
    """Set versioning, public access block and lifecycle of a bucket, which moto ignores."""
    if versioning := properties.get("VersioningConfiguration"):
        bucket.versioning_status = versioning["Status"]
    if block := properties.get("PublicAccessBlockConfiguration"):
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        bucket.public_access_block = PublicAccessBlock(*(str(block.get(name, False)).lower() for name in names))
    if lifecycle := properties.get("LifecycleConfiguration"):
        bucket.set_lifecycle([lifecycle_rule(rule) for rule in lifecycle["Rules"]])


def lifecycle_rule(rule: JsonObject) -> JsonObject:
    """Translate a lifecycle rule of CloudFormation to the S3 API: prefix filter, expiration and aborted uploads."""
    expiry = {"Days": rule["ExpirationInDays"]} if "ExpirationInDays" in rule else None
    return {
        "ID": rule.get("Id"),
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
        "Expiration": expiry,
        "NoncurrentVersionExpiration": rule.get("NoncurrentVersionExpiration"),
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
    }
