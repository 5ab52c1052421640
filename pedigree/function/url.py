"""The HTTPS address of the alias, where one is wanted: for callers that sign their requests, or for everybody."""

import logging
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.adoption import Kind, describe, ensure, settled_by
from pedigree.aws.clients import LambdaClient
from pedigree.aws.errors import is_missing
from pedigree.aws.identity import COVERED
from pedigree.aws.resources.kind import gone_is_fine
from pedigree.function.alias import ALIAS
from pedigree.settings import Function
from pedigree.values import Outcome

LOG = logging.getLogger(__name__)
AUTH = {"iam": "AWS_IAM", "public": "NONE"}
# what AWS asks for to let everybody in: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
LET_IN: dict[str, dict[str, Any]] = {
    "public-url": {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
    "public-url-invoke": {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
}


def ensure_url(aws_lambda: LambdaClient, name: str, function: Function) -> tuple[str | None, Outcome]:
    """(address or None, what was done); who is no longer let in loses the permission too."""
    there, public = permissions(aws_lambda, name), function.url == "public"
    outcomes = [revoke(aws_lambda, name, sid) for sid in there if not public]
    if function.url == "none":
        outcomes += delete_url(aws_lambda, name)
        return None, changed(outcomes)
    request: dict[str, Any] = {"FunctionName": name, "Qualifier": ALIAS, "AuthType": AUTH[function.url]}
    found, outcome = ensure(url_kind(aws_lambda), name, request)
    outcomes.append(outcome)
    if found["AuthType"] != request["AuthType"]:
        aws_lambda.update_function_url_config(**request)
        outcomes.append("updated")
    if public:
        LOG.warning(f"Everybody who knows {found['FunctionUrl']} can use {name}, and you pay for it")
        outcomes += [let_in(aws_lambda, name, sid) for sid in LET_IN if sid not in there]
    return str(found["FunctionUrl"]), changed(outcomes)


def changed(outcomes: list[Outcome]) -> Outcome:
    return next((outcome for outcome in outcomes if outcome != "adopted"), "adopted")


def delete_url(aws_lambda: LambdaClient, name: str) -> Iterator[Outcome]:
    if describe(url_kind(aws_lambda), name):
        with gone_is_fine():
            aws_lambda.delete_function_url_config(FunctionName=name, Qualifier=ALIAS)
        yield "updated"


def url_kind(aws_lambda: LambdaClient) -> Kind:
    return Kind(
        "function URL",
        describe=lambda name: dict(aws_lambda.get_function_url_config(FunctionName=name, Qualifier=ALIAS)),
        create=lambda request: aws_lambda.create_function_url_config(**request),
        covered=COVERED["function URL"],
    )


def permissions(aws_lambda: LambdaClient, name: str) -> list[str]:
    """Statement IDs of LET_IN that the alias's policy has."""
    try:
        policy = str(aws_lambda.get_policy(FunctionName=name, Qualifier=ALIAS)["Policy"])
    except ClientError as error:
        if is_missing(error):
            return []
        raise
    return [sid for sid in LET_IN if f'"{sid}"' in policy]


def let_in(aws_lambda: LambdaClient, name: str, sid: str) -> Outcome:
    with settled_by(lambda: sid in permissions(aws_lambda, name)):
        aws_lambda.add_permission(FunctionName=name, Qualifier=ALIAS, StatementId=sid, Principal="*", **LET_IN[sid])
    return "updated"


def revoke(aws_lambda: LambdaClient, name: str, sid: str) -> Outcome:
    with gone_is_fine():
        aws_lambda.remove_permission(FunctionName=name, Qualifier=ALIAS, StatementId=sid)
    return "updated"
