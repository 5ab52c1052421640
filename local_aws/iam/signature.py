"""Signature Version 4 of an HTTP request that is not an AWS API call: it finds the signer and checks the signature.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws.call import AwsError
from local_aws.cloud import ROOT_KEY_ID, ROOT_SECRET, Cloud

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,]+)/(?P<date>\d{8})/(?P<region>[^/,]+)/(?P<service>[^/,]+)/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
MOST_SECONDS = 300  # allowed difference between the clocks of caller and service


def signer(cloud: Cloud, service: str, *, method: str, url: str, headers: Mapping[str, str], body: bytes) -> str:
    """Access key id of the signer; AwsError when the signature is missing or wrong. The names in `headers` are in lower case."""
    found = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if found is None:
        raise refused("MissingAuthenticationTokenException", "Forbidden")
    date = headers.get("x-amz-date", "")
    if (found["region"], found["service"]) != (cloud.region, service) or not date.startswith(found["date"]) or not is_recent(date):
        raise refused("InvalidSignatureException", "The signature is of another time, region or service.")
    secret, token = secret_of(cloud, found["key"])
    if not secret or headers.get("x-amz-security-token", "") != token:
        raise refused("UnrecognizedClientException", "The security token included in the request is invalid.")
    if headers.get("x-amz-content-sha256", digest := hashlib.sha256(body).hexdigest()) not in (digest, "UNSIGNED-PAYLOAD"):
        raise refused("InvalidSignatureException", "The body is not the one that was signed.")
    signed = {name: headers[name] for name in found["headers"].split(";") if name in headers}
    request: Any = AWSRequest(method, url, signed, body)
    request.context["timestamp"] = date
    auth: Any = SigV4Auth(Credentials(found["key"], secret), service, cloud.region)
    expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    if not hmac.compare_digest(expected, found["signature"]):
        raise refused("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.")
    return found["key"]


def is_recent(date: str) -> bool:
    try:
        moment = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs((datetime.now(UTC) - moment).total_seconds()) <= MOST_SECONDS


def secret_of(cloud: Cloud, access_key_id: str) -> tuple[str, str]:
    """(secret, session token) of a key, both empty for an unknown key; users and the root have no token."""
    if access_key_id == ROOT_KEY_ID:
        return ROOT_SECRET, ""
    for session in cloud.books("sts").assumed_roles:
        if session.access_key_id == access_key_id:
            return session.secret_access_key, session.session_token
    keys = [key for user in cloud.books("iam").users.values() for key in user.access_keys]
    return next((key.secret_access_key for key in keys if key.access_key_id == access_key_id), ""), ""


def refused(code: str, message: str) -> AwsError:
    return AwsError(code, message, status=403)
