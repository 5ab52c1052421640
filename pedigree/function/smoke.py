"""The smoke test: golden images through the front door, as a caller would send them."""

import base64
import json
import math
import time
from functools import partial
from typing import Any

from pedigree.artifact.contents import read_golden
from pedigree.artifact.golden import BUSY_SECONDS, Golden, GoldenImage, compare, index_of_largest
from pedigree.aws.clients import LambdaClient, client
from pedigree.aws.errors import ANY_AWS_ERROR, TOO_MANY_REQUESTS, SmokeTestFailed, is_throttled
from pedigree.aws.failures import words_of
from pedigree.aws.waiting import Busy, ask_patiently
from pedigree.values import Account, FunctionVersion, ModelVersion, SmokeTest

SHOWN = ("file", "label", "predicted", "probability", "milliseconds")


def smoke_test(account: Account, function: FunctionVersion, version: ModelVersion) -> SmokeTest:
    """Ask the alias for every golden image of the version; SmokeTestFailed names each wrong answer, Throttled is none."""
    aws_lambda = client(account.credentials, "lambda")
    golden = read_golden(client(account.credentials, "s3"), version.artifact)
    answers = [ask(aws_lambda, function.name, function.alias, golden, image) for image in golden.images]
    problems = [answer["problem"] for answer in answers if answer["problem"]]
    if problems:
        raise SmokeTestFailed("smoke test", function.resource, "; ".join(problems), "see the log groups of the function and the endpoint")
    return SmokeTest(function.resource, [{name: answer[name] for name in SHOWN} for answer in answers])


def ask(aws_lambda: LambdaClient, name: str, qualifier: str, golden: Golden, image: GoldenImage) -> dict[str, Any]:
    """A prediction with the `version` that answered; `problem` says what is wrong with it.

    Where AWS refused to ask a version, it is None, and `refusal` is the error.

    A function or endpoint that is too busy is asked again for BUSY_SECONDS; then Throttled.
    """
    once = partial(ask_once, aws_lambda, name, qualifier, golden, image)
    return ask_patiently(once, step="smoke test", resource=f"{name}:{qualifier}", seconds=BUSY_SECONDS)


def ask_once(aws_lambda: LambdaClient, name: str, qualifier: str, golden: Golden, image: GoldenImage) -> dict[str, Any]:
    event = {"image": base64.b64encode(image.content).decode()}
    begun = time.monotonic()
    try:
        answer = aws_lambda.invoke(FunctionName=name, Qualifier=qualifier, Payload=json.dumps(event))
    except ANY_AWS_ERROR as error:
        if is_throttled(error):
            raise Busy from error
        return {"version": None, "problem": f"{image.file}: {words_of(error)}", "refusal": error}
    milliseconds = round(1000 * (time.monotonic() - begun), 1)
    payload = json.loads(answer["Payload"].read())
    status = payload.get("statusCode") if isinstance(payload, dict) else None
    if status == TOO_MANY_REQUESTS:  # the handler says so of the endpoint
        raise Busy
    if "FunctionError" in answer or status != 200:
        return {"version": answer["ExecutedVersion"], "problem": f"{image.file}: {json.dumps(payload)}"}
    logits = json.loads(payload["body"])
    problem = compare(image, logits, golden.tolerance)
    predicted, probability = (None, None) if problem else most_likely(logits[0], golden.classes)
    return {
        "file": image.file,
        "label": image.label,
        "predicted": predicted,
        "probability": probability,
        "milliseconds": milliseconds,
        "version": answer["ExecutedVersion"],
        "problem": problem,
    }


def most_likely(logits: list[float], classes: list[str]) -> tuple[str, float]:
    top = index_of_largest(logits)
    weights = [math.exp(logit - logits[top]) for logit in logits]
    return classes[top], round(weights[top] / sum(weights), 4)
