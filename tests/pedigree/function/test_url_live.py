"""A Function URL in front of the alias: none, for who signs, for everybody, and back."""

import base64
import json
from typing import Any

import pytest

from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.function.publish import publish_function
from pedigree.settings import Function
from pedigree.values import FunctionVersion
from tests.lab.function_urls import UrlAnswer, post, signed
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import FIRST, SERVING, registered

PICTURE = json.dumps({"image": base64.b64encode(b"\xff\xd8\xff").decode()}).encode()


def test_an_address_comes_changes_and_goes_as_it_is_asked_for(live: LiveAccount, caplog: pytest.LogCaptureFixture) -> None:
    model = registered(live)
    endpoint = deploy_endpoint(live.account, model, SERVING)

    def publish(url: Any) -> FunctionVersion:
        function = Function(reserved_concurrency=2, provisioned_concurrency=0, url=url)
        return publish_function(live.account, endpoint, function, model)

    assert publish("none").url is None
    signing = publish("iam")
    assert signing.url is not None
    assert (signing.outcome, publish("iam").outcome, publish("iam").url) == ("updated", "adopted", signing.url)
    assert (ask(live, signing.url).status, unsigned(signing.url), warnings(caplog)) == (200, 403, [])
    assert json.loads(ask(live, signing.url).body) == [list(FIRST)]
    public = publish("public")
    assert (public.outcome, public.url, unsigned(signing.url)) == ("updated", signing.url, 200)
    assert warnings(caplog) == [f"Everybody who knows {signing.url} can use {live.account.project}, and you pay for it"]
    assert publish("public").outcome == "adopted"
    assert (publish("iam").outcome, unsigned(signing.url)) == ("updated", 403)
    assert live.client("lambda").get_function_url_config(FunctionName=live.account.project, Qualifier="live")["AuthType"] == "AWS_IAM"
    publish("public")
    gone = publish("none")
    assert (gone.url, gone.outcome, publish("none").outcome) == (None, "updated", "adopted")
    with pytest.raises(live.client("lambda").exceptions.ResourceNotFoundException):
        live.client("lambda").get_policy(FunctionName=live.account.project, Qualifier="live")


def ask(live: LiveAccount, url: str) -> UrlAnswer:
    return post(url, PICTURE, signed(url, PICTURE, live.aws.admin))


def unsigned(url: str) -> int:
    return post(url, PICTURE, {"Content-Type": "application/json"}).status


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The library's warnings so far."""
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING" and record.name.startswith("pedigree")]
