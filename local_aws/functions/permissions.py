"""The resource policy of a function: the principals that may call it, kept where the policy evaluator reads it."""

import json
from typing import Any

from local_aws.call import AwsError, Call
from local_aws.functions.errors import conflict, invalid, not_found
from local_aws.functions.registry import LATEST, Registry, split_reference


class Permissions:
    """The policy calls; the statements are in moto's record of $LATEST, each with the ARN of its resource."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def add(self, call: Call) -> dict[str, Any]:
        name, qualifier = self._resource(call)
        statements = self._statements(name)
        wanted = statement(call.parameters, self._registry.arn(name, qualifier))
        if any(wanted["Sid"] == other["Sid"] and wanted["Resource"] == other["Resource"] for other in statements):
            raise conflict(f"The statement id ({wanted['Sid']}) provided already exists. Please provide a new statement id.")
        statements.append(wanted)
        return {"Statement": json.dumps(wanted)}

    def get(self, call: Call) -> dict[str, Any]:
        name, qualifier = self._resource(call)
        arn = self._registry.arn(name, qualifier)
        found = [other for other in self._statements(name) if other["Resource"] == arn]
        if not found:
            raise not_found("The resource you requested does not exist.")
        return {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": found})}

    def remove(self, call: Call) -> dict[str, Any]:
        name, qualifier = self._resource(call)
        sid, arn = call.parameters["StatementId"], self._registry.arn(name, qualifier)
        statements = self._statements(name)
        if all(other["Resource"] != arn for other in statements):
            raise not_found("No policy is associated with the given resource.")
        found = next((other for other in statements if (other["Sid"], other["Resource"]) == (sid, arn)), None)
        if found is None:
            raise not_found(f"Statement {sid} is not found in resource policy.")
        statements.remove(found)
        return {}

    def _resource(self, call: Call) -> tuple[str, str]:
        name, own_qualifier = split_reference(call.parameters["FunctionName"])
        qualifier = own_qualifier or call.parameters.get("Qualifier") or ""
        if qualifier == LATEST:
            raise invalid("We currently do not support adding policies for $LATEST.")
        self._registry.resolve(name, qualifier)
        return name, qualifier

    def _statements(self, name: str) -> list[dict[str, Any]]:
        statements: list[dict[str, Any]] = self._registry.latest(name).policy.statements
        return statements


def statement(asked: dict[str, Any], arn: str) -> dict[str, Any]:
    """The policy statement that AddPermission writes."""
    principal, auth = asked["Principal"], asked.get("FunctionUrlAuthType")
    if auth and asked["Action"] != "lambda:InvokeFunctionUrl":
        raise invalid("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action")
    if principal == "*" and not (auth or asked.get("InvokedViaFunctionUrl") or asked.get("PrincipalOrgID") or asked.get("SourceAccount")):
        raise AwsError("AccessDeniedException", "local_aws accepts Principal '*' for a Function URL only: name a principal.", status=403)
    equal = {"lambda:FunctionUrlAuthType": auth, "aws:SourceAccount": asked.get("SourceAccount")}
    conditions = {
        "StringEquals": {key: value for key, value in equal.items() if value},
        "ArnLike": {"aws:SourceArn": asked["SourceArn"]} if asked.get("SourceArn") else {},
        "Bool": {"lambda:InvokedViaFunctionUrl": "true"} if asked.get("InvokedViaFunctionUrl") else {},
    }
    named = {"Service": principal} if principal.endswith(".amazonaws.com") else principal if principal == "*" else {"AWS": principal}
    held = {operator: keys for operator, keys in conditions.items() if keys}
    written = {"Sid": asked["StatementId"], "Effect": "Allow", "Principal": named, "Action": asked["Action"], "Resource": arn}
    return written | ({"Condition": held} if held else {})
