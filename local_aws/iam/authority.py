"""Who calls and whether they may."""

from local_aws.call import AwsError, Call, Principal
from local_aws.cloud import ROOT_KEY_ID, Cloud


class IamAuthority:
    """Identity from access keys, permission from the policies in moto's books."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def identify(self, service: str, access_key_id: str) -> Principal:
        if access_key_id == ROOT_KEY_ID:
            return Principal(f"arn:aws:iam::{self._cloud.account}:root", access_key_id)
        for role in self._cloud.books("sts").assumed_roles:
            if role.access_key_id == access_key_id:
                return Principal(role.role_arn, access_key_id, role.arn)
        for user in self._cloud.books("iam").users.values():
            if any(key.access_key_id == access_key_id for key in user.access_keys):
                return Principal(user.arn, access_key_id)
        raise unknown_key(service)

    def describe(self, call: Call) -> tuple[str, str]:
        return f"{call.service}:{call.operation}", "*"

    def authorize(self, call: Call) -> None:
        return


def unknown_key(service: str) -> AwsError:
    """AWS words it differently for each protocol."""
    message = "The security token included in the request is invalid."
    if service == "s3":
        return AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", status=403)
    if service in ("iam", "sts", "cloudformation", "sns", "cloudwatch", "ec2"):
        return AwsError("InvalidClientTokenId", message, status=403)
    return AwsError("UnrecognizedClientException", message, status=403 if service == "lambda" else 400)
