"""The project's own zip in an execution environment: it needs only what the Lambda runtime has."""

import json
from typing import Any

from pedigree.function.package import zip_files
from pedigree.training.code import package_files
from tests.lab.running_aws import RunningAws, allow
from tests.local_aws.deployed import LAMBDA, Deployed, Deployer


def answer(function: Deployed, event: Any) -> tuple[int, str]:
    payload = function.invoke(event).payload
    return payload["statusCode"], json.loads(payload["body"])["error"]["type"]


def test_the_zip_answers_in_an_execution_environment(deploy: Deployer, aws: RunningAws) -> None:
    role = aws.make_role(allow("sagemaker:InvokeEndpoint", "*"), trusts=LAMBDA)
    settings = {"Role": role, "Handler": "lambda_handler.handler.handler", "Environment": {"Variables": {"ENDPOINT_NAME": "nowhere"}}}
    function = deploy(zip_files(package_files("lambda_handler")), **settings)
    assert answer(function, {}) == (400, "InvalidRequest")
    assert answer(function, {"url": "https://localhost/dog.jpg"}) == (403, "AddressRefused")
    assert answer(function, {"image": "R0lGODlh"}) == (415, "UnsupportedImage")
    assert answer(function, {"image": "/9j/4AAQ"}) == (503, "ModelUnavailable")
