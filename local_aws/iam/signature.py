"""The check of a signature: whose key it is, of what time and region, and whether the request is the one that was signed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
"""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from botocore.auth import HmacV1Auth, S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from local_aws import chunks
from local_aws.claims import Claim, Kind
from local_aws.cloud import Cloud
from local_aws.http_request import HttpRequest
from local_aws.iam.refusals import Refused, Rejection
from local_aws.iam.secret_keys import SecretKey, find_secret_key

ANY_REGION = frozenset({"iam", "sts"})  # global services: a client of any region reaches them
MOST_SECONDS = {"s3": 900}  # allowed difference between the clocks of client and service
USUAL_SECONDS = 300
LONGEST = 7 * 24 * 3600  # of a presigned URL
UNSIGNED, UNSIGNED_CHUNKS = "UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED_CHUNKS = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
BODY_HASH = "x-amz-content-sha256"
OLD_ARGUMENTS = ("AWSAccessKeyId", "Signature", "Expires")


def verify(cloud: Cloud, claim: Claim, request: HttpRequest) -> None:
    """Return when the request was signed by the owner of the claimed key, for this service, lately. Raises Rejection."""
    key = find_secret_key(cloud, claim.key_id)
    if key is None:
        raise Rejection(Refused.UNKNOWN_KEY)
    if not hmac.compare_digest(key.token.encode(), claim.token.encode()):
        raise Rejection(Refused.WRONG_TOKEN)
    if claim.kind is Kind.OLD_PRESIGNED:
        verify_old(claim, key, request)
    else:
        verify_version_4(cloud, claim, key, request)
    if key.expired:
        raise Rejection(Refused.EXPIRED_TOKEN)


def verify_version_4(cloud: Cloud, claim: Claim, key: SecretKey, request: HttpRequest) -> None:
    if claim.region != cloud.region and claim.service not in ANY_REGION:
        raise Rejection(Refused.WRONG_REGION, given=claim.region, region=cloud.region)
    check_time(claim)
    if "host" not in claim.signed_headers or unsigned_headers(claim, request):
        raise Rejection(Refused.UNSIGNED_HEADERS)
    auth, signed = signer(claim, key), aws_request(claim, request)
    expected = auth.signature(auth.string_to_sign(signed, auth.canonical_request(signed)), signed)
    if not hmac.compare_digest(expected, claim.signature):
        raise Rejection(Refused.WRONG_SIGNATURE)
    check_body(claim, request, lambda text: str(auth.signature(text, signed)))


def verify_old(claim: Claim, key: SecretKey, request: HttpRequest) -> None:
    """Check an old presigned URL of S3, in which an epoch second takes the place of the date."""
    if not claim.expires.isdigit():
        raise Rejection(Refused.MALFORMED)
    signer: Any = HmacV1Auth(Credentials(claim.key_id, key.secret, key.token or None))
    signer._get_date = lambda: claim.expires
    headers = HTTPHeaders()
    for name, value in {**request.headers, **request.arguments}.items():  # boto3 signs these headers and writes them into the URL
        if name.startswith("x-amz-") or name in ("content-md5", "content-type"):
            headers[name] = value
    expected = signer.get_signature(request.method, urlsplit(f"http://host{request.target}"), headers)
    if not hmac.compare_digest(expected, claim.signature):
        raise Rejection(Refused.WRONG_SIGNATURE)
    if time.time() > int(claim.expires):
        raise Rejection(Refused.EXPIRED_URL)


def check_time(claim: Claim) -> None:
    """Refuse a signature of another day than its scope, of another time than now, and a presigned URL after its end."""
    try:
        moment = datetime.strptime(claim.moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Rejection(Refused.MALFORMED) from None
    if not claim.moment.startswith(claim.day):
        raise Rejection(Refused.MALFORMED)
    ahead = moment - time.time()
    most = MOST_SECONDS.get(claim.service, USUAL_SECONDS)
    if claim.kind is Kind.HEADER and abs(ahead) > most:
        raise Rejection(Refused.WRONG_TIME)
    if claim.kind is Kind.PRESIGNED:
        if not (claim.expires.isdigit() and 1 <= int(claim.expires) <= LONGEST):
            raise Rejection(Refused.MALFORMED)
        if ahead > most or -ahead > int(claim.expires):
            raise Rejection(Refused.EXPIRED_URL)


def unsigned_headers(claim: Claim, request: HttpRequest) -> set[str]:
    """The headers with a meaning for AWS that the signature does not cover; a presigned URL may carry its body's hash unsigned."""
    return {name for name in request.headers if name.startswith("x-amz-")} - {*claim.signed_headers, BODY_HASH}


def signer(claim: Claim, key: SecretKey) -> Any:
    """botocore's signer of the claimed kind: S3 does not normalise paths, and presigns without the body."""
    kinds = {("s3", Kind.HEADER): S3SigV4Auth, ("s3", Kind.PRESIGNED): S3SigV4QueryAuth}
    return kinds.get((claim.service, claim.kind), SigV4Auth)(Credentials(claim.key_id, key.secret), claim.service, claim.region)


def aws_request(claim: Claim, request: HttpRequest) -> Any:
    """The request as botocore's signer wants it: with the signed headers only, and without its signature."""
    headers = {name: request.headers.get(name, "") for name in claim.signed_headers}
    if BODY_HASH in request.headers:
        headers[BODY_HASH] = request.headers[BODY_HASH]
    url = f"http://{headers['host']}{request.path}?{canonical_query(request.query)}"
    signed: Any = AWSRequest(request.method, url, headers, request.body)
    signed.context["timestamp"] = claim.moment
    return signed


def canonical_query(query: str) -> str:
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    encoded = [(quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in encoded if name != "X-Amz-Signature")


def check_body(claim: Claim, request: HttpRequest, sign: chunks.Sign) -> None:
    """Refuse a body that is not the signed one; of a body in signed chunks every chunk is checked."""
    declared = request.headers.get(BODY_HASH)
    if declared is None:
        if claim.service == "s3" and claim.kind is Kind.HEADER:
            raise Rejection(Refused.NO_BODY_HASH)
    elif declared.startswith("STREAMING-"):
        check_chunks(claim, request, declared, sign)
    elif declared not in (UNSIGNED, hashlib.sha256(request.body).hexdigest()):
        raise Rejection(Refused.WRONG_BODY)


def check_chunks(claim: Claim, request: HttpRequest, declared: str, sign: chunks.Sign) -> None:
    try:
        chunked = chunks.parse(request.body, request.headers.get("x-amz-decoded-content-length", ""))
    except chunks.BrokenChunks:
        raise Rejection(Refused.BROKEN_CHUNKS) from None
    if declared in SIGNED_CHUNKS and not chunks.are_signed(chunked, claim, sign):
        raise Rejection(Refused.WRONG_SIGNATURE)
    if declared not in (*SIGNED_CHUNKS, UNSIGNED_CHUNKS):
        raise Rejection(Refused.WRONG_BODY)
