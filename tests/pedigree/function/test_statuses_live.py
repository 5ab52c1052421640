"""What the model's own container answers reaches the function's caller as what it is: through InvokeEndpoint, ModelError and handler."""

import base64
import json
from typing import Any

import pytest

from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.function.alias import ALIAS
from pedigree.function.publish import publish_function
from pedigree.settings import Function
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import FIRST, SCRIPT, SERVING, registered

JPEG = b"\xff\xd8\xff"
# as AWS's image does it: the status of the toolkit's own error is the answer's, any other error is a 500
REFUSING = (
    SCRIPT.format(logits=list(FIRST))
    + """
from sagemaker_inference.errors import GenericInferenceToolkitError
def input_fn(body, content_type):
    if body.startswith(b"\\xff\\xd8\\xffstatus "):
        raise GenericInferenceToolkitError(int(body[10:]), "refused")
    if body.endswith(b"fault"):
        raise RuntimeError("a fault of ours")
    return body
"""
)


@pytest.fixture
def ask(live: LiveAccount) -> Any:
    """The answer of the function to an image, as (status, error type or None, Retry-After or None)."""
    model = registered(live, script=REFUSING)
    function = Function(reserved_concurrency=2, provisioned_concurrency=0)
    publish_function(live.account, deploy_endpoint(live.account, model, SERVING), function, model)

    def ask(image: bytes) -> tuple[int, str | None, str | None]:
        event = {"image": base64.b64encode(JPEG + image).decode()}
        answer = live.client("lambda").invoke(FunctionName=live.account.project, Qualifier=ALIAS, Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read())
        body = json.loads(payload["body"])
        return payload["statusCode"], body["error"]["type"] if isinstance(body, dict) else None, payload["headers"].get("Retry-After")

    return ask


def test_a_callers_error_a_busy_model_and_a_fault_keep_their_own_status(ask: Any) -> None:
    assert ask(b"") == (200, None, None)
    assert [ask(f"status {status}".encode()) for status in (413, 415, 422)] == [
        (413, "ImageTooLarge", None),
        (415, "UnsupportedImage", None),
        (422, "UnreadableImage", None),
    ]
    assert [ask(f"status {status}".encode()) for status in (429, 503)] == [(429, "Throttled", "1"), (503, "ModelUnavailable", "1")]
    assert ask(b"fault") == (502, "ModelFailed", None)
