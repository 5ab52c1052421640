"""The claim of a request: who signed it, when and for which service, as the request itself says. Nothing is checked here.

A signature is in the Authorization header or in the query of a presigned URL:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html (the older presigned URLs of S3)
"""

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qs

from local_aws.http_request import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
SCOPE = r"(?P<key_id>[^/,\s]+)/(?P<day>\d{8})/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request"
SIGNED = r"SignedHeaders=(?P<headers>[^,\s]+), ?Signature=(?P<signature>[0-9a-f]{64})"
AUTHORIZATION = re.compile(f"{ALGORITHM} Credential={SCOPE}, ?{SIGNED}")
CREDENTIAL = re.compile(SCOPE)
SERVICE = re.compile(r"Credential=[^/,\s]+/[^/,\s]*/[^/,\s]*/(?P<service>[^/,\s]+)/")


class Kind(Enum):
    HEADER = "header"
    PRESIGNED = "presigned"
    OLD_PRESIGNED = "old presigned"  # Signature Version 2, of S3 only


@dataclass(frozen=True)
class Claim:
    """A signature with its scope; `moment` is YYYYMMDDThhmmssZ, `expires` are seconds, or the epoch second of an old presigned URL."""

    kind: Kind
    key_id: str
    service: str
    signature: str
    day: str = ""
    region: str = ""
    moment: str = ""
    signed_headers: tuple[str, ...] = ()
    token: str = ""
    expires: str = ""


def claim_of(request: HttpRequest) -> Claim | None:
    """The claim of a request; None when it is not signed, or not in the form of a signature."""
    if "authorization" in request.headers:
        return claim_of_header(request)
    arguments = {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items() if len(values) == 1}
    if "AWSAccessKeyId" in arguments:
        token = arguments.get("x-amz-security-token", "")
        key_id, signature = arguments["AWSAccessKeyId"], arguments.get("Signature", "")
        return Claim(Kind.OLD_PRESIGNED, key_id, "s3", signature, token=token, expires=arguments.get("Expires", ""))
    scope = CREDENTIAL.fullmatch(arguments.get("X-Amz-Credential", ""))
    if scope is None or arguments.get("X-Amz-Algorithm") != ALGORITHM:
        return None
    return Claim(
        Kind.PRESIGNED,
        scope["key_id"],
        scope["service"],
        arguments.get("X-Amz-Signature", ""),
        scope["day"],
        scope["region"],
        arguments.get("X-Amz-Date", ""),
        tuple(arguments.get("X-Amz-SignedHeaders", "").split(";")),
        arguments.get("X-Amz-Security-Token", ""),
        arguments.get("X-Amz-Expires", ""),
    )


def claim_of_header(request: HttpRequest) -> Claim | None:
    found = AUTHORIZATION.fullmatch(request.headers["authorization"])
    if found is None:
        return None
    moment = request.headers.get("x-amz-date", "")
    headers, token = tuple(found["headers"].split(";")), request.headers.get("x-amz-security-token", "")
    return Claim(Kind.HEADER, found["key_id"], found["service"], found["signature"], found["day"], found["region"], moment, headers, token)


def claimed_service(request: HttpRequest) -> str:
    """The service that a signature names, also a signature in a wrong form; empty when there is none."""
    found = SERVICE.search(request.headers.get("authorization", ""))
    return found["service"] if found else ""
