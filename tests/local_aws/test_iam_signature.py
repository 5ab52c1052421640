"""Whose signature holds: requests as botocore signs them, each with one thing changed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws.claims import claim_of
from local_aws.cloud import Cloud
from local_aws.http_request import HttpRequest
from local_aws.iam.refusals import Rejection
from local_aws.iam.signature import verify
from local_aws.sessions import Session

pytestmark = pytest.mark.quick
CLOUD = Cloud("http://127.0.0.1:1", Path("unused"))
ROLE = Session("arn:aws:iam::123456789012:role/r", "arn:aws:sts::123456789012:assumed-role/r/s", "id:s", time.time() + 900)
URL = "http://127.0.0.1:1/a%20folder/x?b=2&a=1&empty"
SIGNERS: dict[str, Any] = {"s3": S3SigV4Auth, "sagemaker": SigV4Auth}


def root() -> Credentials:
    return Credentials(CLOUD.secrets.root_key_id, CLOUD.secrets.root_secret)


def of(session: Session) -> Credentials:
    return Credentials(session.access_key_id, session.secret, session.token)


def arrived(request: Any) -> HttpRequest:
    """The request as a server gets it."""
    parts = urlsplit(request.url)
    headers = {"host": parts.netloc, **{name.lower(): str(value) for name, value in request.headers.items()}}
    return HttpRequest(request.method, parts.path, parts.query, headers, request.body or b"")


def signed(service: str = "s3", keys: Credentials | None = None, region: str = CLOUD.region, body: bytes = b"body") -> HttpRequest:
    request: Any = AWSRequest("PUT", URL, {"Content-Type": "text/plain", "X-Amz-Meta-Of": "me"}, body)
    auth: Any = SIGNERS.get(service, SigV4Auth)(keys or root(), service, region)
    auth.add_auth(request)
    return arrived(request)


def presigned(kind: Any, keys: Credentials, seconds: int = 60) -> HttpRequest:
    request: Any = AWSRequest("GET", "http://127.0.0.1:1/bucket/key?versionId=1", {})
    auth: Any = kind(keys, expires=seconds) if kind is HmacV1QueryAuth else kind(keys, "s3", CLOUD.region, expires=seconds)
    auth.add_auth(request)
    return arrived(request)


def refusal(request: HttpRequest) -> str:
    """The name of the reason; empty when the signature holds."""
    claim = claim_of(request)
    assert claim is not None
    try:
        verify(CLOUD, claim, request)
    except Rejection as rejection:
        return rejection.reason.name
    return ""


@pytest.fixture(autouse=True)
def session() -> Session:
    return CLOUD.sessions.add(ROLE)


@pytest.mark.parametrize("service", ["s3", "sagemaker", "iam"])
def test_what_botocore_signs_holds(service: str) -> None:
    assert [refusal(signed(service)), refusal(signed(service, of(ROLE)))] == ["", ""]


CHANGES: list[tuple[str, Callable[[HttpRequest], HttpRequest], str]] = [
    ("another method", lambda r: replace(r, method="DELETE"), "WRONG_SIGNATURE"),
    ("another path", lambda r: replace(r, path="/a%20folder/y"), "WRONG_SIGNATURE"),
    ("another query", lambda r: replace(r, query="b=2&a=3&empty"), "WRONG_SIGNATURE"),
    ("another body", lambda r: replace(r, body=b"BODY"), "WRONG_BODY"),
    ("another host", lambda r: changed(r, host="evil.example"), "WRONG_SIGNATURE"),
    ("another type", lambda r: changed(r, **{"content-type": "text/html"}), "WRONG_SIGNATURE"),
    ("a header that is not signed", lambda r: changed(r, **{"x-amz-acl": "public-read"}), "UNSIGNED_HEADERS"),
    ("a forged digest", lambda r: changed(r, **{"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}), "WRONG_SIGNATURE"),
    ("no digest", lambda r: without(r, "x-amz-content-sha256"), "WRONG_SIGNATURE"),
    ("another moment", lambda r: changed(r, **{"x-amz-date": "20200101T000000Z"}), "MALFORMED"),
    ("no moment", lambda r: without(r, "x-amz-date"), "MALFORMED"),
]


@pytest.mark.parametrize(("change", "reason"), [pytest.param(change, reason, id=name) for name, change, reason in CHANGES])
def test_a_request_that_is_not_the_signed_one_is_refused(change: Callable[[HttpRequest], HttpRequest], reason: str) -> None:
    request = signed()
    assert (refusal(request), refusal(change(request))) == ("", reason)


def changed(request: HttpRequest, **headers: str) -> HttpRequest:
    return replace(request, headers={**request.headers, **headers})


def without(request: HttpRequest, name: str) -> HttpRequest:
    return replace(request, headers={key: value for key, value in request.headers.items() if key != name})


def test_a_body_of_another_service_is_signed_too() -> None:
    request = signed("sagemaker")
    assert refusal(replace(request, body=b"{}")) == "WRONG_SIGNATURE"


def test_a_key_that_is_not_theirs_is_refused() -> None:
    assert refusal(signed(keys=Credentials(CLOUD.secrets.root_key_id, "guessed"))) == "WRONG_SIGNATURE"
    assert refusal(signed(keys=Credentials("AKIANOBODYNOBODYNOBO", "guessed"))) == "UNKNOWN_KEY"


def test_a_session_needs_its_token_and_ends() -> None:
    assert refusal(signed(keys=Credentials(ROLE.access_key_id, ROLE.secret))) == "WRONG_TOKEN"
    assert refusal(signed(keys=Credentials(ROLE.access_key_id, ROLE.secret, "guessed"))) == "WRONG_TOKEN"
    ended = CLOUD.sessions.add(Session(ROLE.owner_arn, ROLE.arn, ROLE.user_id, time.time() - 1))
    assert refusal(signed(keys=of(ended))) == "EXPIRED_TOKEN"


@pytest.mark.parametrize(
    ("service", "minutes", "reason"), [("s3", 10, ""), ("s3", 20, "WRONG_TIME"), ("sagemaker", 4, ""), ("sagemaker", 6, "WRONG_TIME")]
)
def test_clocks_may_differ_a_little(monkeypatch: pytest.MonkeyPatch, service: str, minutes: int, reason: str) -> None:
    for ahead in (minutes, -minutes):
        with monkeypatch.context() as patched:
            moment = datetime.now(UTC) + timedelta(minutes=ahead)
            patched.setattr("botocore.auth.get_current_datetime", lambda moment=moment: moment)
            assert refusal(signed(service)) == reason


def test_a_signature_for_another_region_is_refused_but_for_global_services() -> None:
    assert [refusal(signed(service, region="eu-west-1")) for service in ("s3", "sagemaker", "iam", "sts")] == ["WRONG_REGION"] * 2 + [
        ""
    ] * 2


@pytest.mark.parametrize("kind", [S3SigV4QueryAuth, HmacV1QueryAuth])
def test_presigned_addresses_hold_until_they_end(monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    address = presigned(kind, of(ROLE))
    assert refusal(address) == ""
    assert refusal(replace(address, path="/bucket/other")) == "WRONG_SIGNATURE"
    assert refusal(replace(address, method="DELETE")) == "WRONG_SIGNATURE"
    assert refusal(replace(address, query=address.query.replace("versionId=1", "versionId=2"))) == "WRONG_SIGNATURE"
    later = time.time() + 61
    monkeypatch.setattr("local_aws.iam.signature.time.time", lambda: later)
    assert refusal(address) == "EXPIRED_URL"


def test_a_presigned_address_lasts_a_week_at_most() -> None:
    assert refusal(presigned(S3SigV4QueryAuth, root(), 7 * 24 * 3600)) == ""
    assert refusal(presigned(S3SigV4QueryAuth, root(), 7 * 24 * 3600 + 1)) == "MALFORMED"


UNSIGNED: list[Mapping[str, str]] = [
    {},
    {"authorization": "Bearer x"},
    {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3"},
]


@pytest.mark.parametrize("headers", UNSIGNED)
def test_a_request_without_a_whole_signature_claims_nothing(headers: Mapping[str, str]) -> None:
    query = f"X-Amz-Credential={CLOUD.secrets.root_key_id}/20260101/us-east-1/lambda/aws4_request"
    assert claim_of(HttpRequest("POST", "/", query, headers, b"")) is None
