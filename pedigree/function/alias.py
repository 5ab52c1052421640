"""The alias `live`, through which callers reach the function."""

from pedigree.aws.adoption import Kind, describe, ensure
from pedigree.aws.clients import LambdaClient
from pedigree.aws.identity import COVERED
from pedigree.values import Outcome

ALIAS = "live"


def version_behind(aws_lambda: LambdaClient, name: str) -> str | None:
    """The version that the alias stands for, a canary's share aside; None where there is no alias yet."""
    found = describe(alias_kind(aws_lambda, name), ALIAS)
    return str(found["FunctionVersion"]) if found else None


def point_alias(aws_lambda: LambdaClient, name: str, version: str) -> tuple[str | None, Outcome]:
    """All requests to the version: (version the alias stood for before, what was done)."""
    request = {"FunctionName": name, "Name": ALIAS, "FunctionVersion": version}
    found, outcome = ensure(alias_kind(aws_lambda, name), ALIAS, request)
    before, weights = str(found["FunctionVersion"]), found.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    if before == version and not weights:
        return None, outcome
    aws_lambda.update_alias(**request, RoutingConfig={"AdditionalVersionWeights": {}})
    return (before if before != version else None), "updated"


def alias_kind(aws_lambda: LambdaClient, name: str) -> Kind:
    return Kind(
        "alias",
        describe=lambda alias: dict(aws_lambda.get_alias(FunctionName=name, Name=alias)),
        create=lambda request: aws_lambda.create_alias(**request),
        covered=COVERED["alias"],
    )
