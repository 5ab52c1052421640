import base64
from typing import Any

import pytest

from lambda_handler.event import ImageRequest, Inline, S3Object, Url, parse
from lambda_handler.failure import Failure

URL = "https://example.com/dog.jpg"
IMAGE = b"\xff\xd8\xff some bytes"
ENCODED = base64.b64encode(IMAGE).decode()


def gateway(body: Any, **more: Any) -> dict[str, Any]:
    """An event of API Gateway v1; v2 and Function URLs differ in members that we do not read."""
    return {"httpMethod": "POST", "headers": {"content-type": "application/json"}, "body": body, "isBase64Encoded": False, **more}


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        ({"url": URL}, ImageRequest(Url(URL))),
        ({"bucket": "b", "key": "k"}, ImageRequest(S3Object("b", "k"))),
        ({"image": ENCODED, "top": 5}, ImageRequest(Inline(IMAGE), top=5)),
        ({"endpoint_name": "e", "request_dict": {"url": URL}}, ImageRequest(Url(URL), endpoint_name="e")),
        ({"request_dict": {"url": URL, "top": 2}}, ImageRequest(Url(URL), top=2)),
    ],
)
def test_a_direct_event_names_its_image(event: dict[str, Any], request_: ImageRequest) -> None:
    assert parse(event) == request_


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        (gateway('{"url": "https://example.com/dog.jpg"}'), ImageRequest(Url(URL))),
        (gateway('{"bucket": "b", "key": "k"}', queryStringParameters={"top": "3"}), ImageRequest(S3Object("b", "k"), top=3)),
        (gateway('{"url": "https://example.com/dog.jpg", "top": 2}', queryStringParameters={"top": "3"}), ImageRequest(Url(URL), top=2)),
        (gateway(base64.b64encode(b'{"bucket": "b", "key": "k"}').decode(), isBase64Encoded=True), ImageRequest(S3Object("b", "k"))),
        (gateway(ENCODED, headers={"Content-Type": "image/jpeg"}, isBase64Encoded=True), ImageRequest(Inline(IMAGE))),
        (
            {
                "version": "2.0",
                "requestContext": {"http": {"method": "POST"}},
                "headers": {"content-type": "image/png"},
                "queryStringParameters": {"top": "1"},
                "body": ENCODED,
                "isBase64Encoded": True,
            },
            ImageRequest(Inline(IMAGE), top=1),
        ),
    ],
)
def test_an_http_envelope_is_opened(event: dict[str, Any], request_: ImageRequest) -> None:
    assert parse(event) == request_


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (None, "not a JSON object"),
        ([], "not a JSON object"),
        ("text", "not a JSON object"),
        ({}, "has 0 images"),
        ({"url": URL, "bucket": "b", "key": "k"}, "has 2 images"),
        ({"url": 1}, "url is not a string"),
        ({"bucket": "b"}, "key is missing"),
        ({"image": "not base64!"}, "not valid base64"),
        ({"url": URL, "top": 0}, "of at least 1"),
        ({"url": URL, "top": "many"}, "of at least 1"),
        ({"url": URL, "top": True}, "of at least 1"),
        ({"url": URL, "top": 1.5}, "of at least 1"),
        ({"url": URL, "endpoint_name": ["e"]}, "endpoint_name is not a string"),
        (gateway("not json"), "not JSON"),
        (gateway(None), "not JSON"),
        (gateway("[1]"), "not a JSON object"),
        (gateway({"url": URL}), "body is not a string"),
        (gateway(b"\xff".hex() + "!", isBase64Encoded=True), "not valid base64"),
        (gateway('{"url": "https://x/"}', queryStringParameters={"top": "-1"}), "of at least 1"),
        (gateway("{}", headers=None, queryStringParameters=None), "has 0 images"),
    ],
)
def test_a_request_without_one_clear_image_is_refused(event: object, message: str) -> None:
    with pytest.raises(Failure, match=message) as raised:
        parse(event)
    assert raised.value.status == 400
