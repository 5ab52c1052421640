"""Users with permissions boundaries, which moto keeps for roles only."""

from datetime import UTC, datetime
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.iam.principals import boundary_arn

ROOT_SINCE = datetime(2026, 1, 1, tzinfo=UTC)  # any day: the account was not opened, it was always there


class Users:
    """The IAM operations on users in which a permissions boundary, or the caller, plays a part."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def operations(self) -> Operations:
        return {
            ("iam", "CreateUser"): self.create,
            ("iam", "GetUser"): self.get,
            ("iam", "PutUserPermissionsBoundary"): self.put_boundary,
            ("iam", "DeleteUserPermissionsBoundary"): self.delete_boundary,
        }

    def close(self) -> None:
        return

    def create(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        boundary = asked.get("PermissionsBoundary")
        if boundary:
            self._check_policy(boundary)
        books = self._cloud.books("iam")
        user = books.create_user(self._cloud.region, asked["UserName"], asked.get("Path", "/"), asked.get("Tags", []))
        user.permissions_boundary_arn = boundary
        return {"User": describe(user)}

    def get(self, call: Call) -> dict[str, Any]:
        name = call.parameters.get("UserName")
        if name:
            return {"User": describe(self._cloud.books("iam").get_user(name))}
        if call.principal.access_key_id == self._cloud.secrets.root_key_id:
            return {"User": root_of(self._cloud)}
        key = self._cloud.books("iam").access_keys.get(call.principal.access_key_id)
        if key is None:
            raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")
        return {"User": describe(self._cloud.books("iam").get_user(key.user_name))}

    def put_boundary(self, call: Call) -> dict[str, Any]:
        user = self._cloud.books("iam").get_user(call.parameters["UserName"])
        self._check_policy(call.parameters["PermissionsBoundary"])
        user.permissions_boundary_arn = call.parameters["PermissionsBoundary"]
        return {}

    def delete_boundary(self, call: Call) -> dict[str, Any]:
        user = self._cloud.books("iam").get_user(call.parameters["UserName"])
        if not boundary_arn(user):
            raise AwsError("NoSuchEntity", f"User {user.name} has no permissions boundary.", status=404)
        user.permissions_boundary_arn = None
        return {}

    def _check_policy(self, arn: str) -> None:
        if arn not in self._cloud.books("iam").managed_policies:
            raise AwsError("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", status=404)


def root_of(cloud: Cloud) -> dict[str, Any]:
    """The account's root as GetUser shows it to itself: it has no name, and the account's number for an id.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    return {"UserId": cloud.account, "Arn": f"arn:aws:iam::{cloud.account}:root", "CreateDate": ROOT_SINCE}


def describe(user: Any) -> dict[str, Any]:
    boundary = boundary_arn(user)
    limited = {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}} if boundary else {}
    tagged = {"Tags": user.tags} if user.tags else {}
    own = {"Path": user.path, "UserName": user.name, "UserId": user.id, "Arn": user.arn, "CreateDate": user.create_date}
    return own | limited | tagged
