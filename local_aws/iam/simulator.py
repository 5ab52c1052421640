"""SimulatePrincipalPolicy: the permissions of a role, decided by the same evaluator that decides its calls."""

from itertools import product
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.iam.context import common_context
from local_aws.iam.evaluator import Request
from local_aws.iam.principals import find_role
from local_aws.iam.roles import decision_of


class PolicySimulator:
    """Simulates the policies of roles and their boundaries; it ignores resource policies and policies in the call."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def operations(self) -> Operations:
        return {("iam", "SimulatePrincipalPolicy"): self.simulate}

    def close(self) -> None:
        return

    def simulate(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        role = find_role(self._cloud, asked["PolicySourceArn"])
        if role is None:
            raise AwsError("NoSuchEntity", f"There is no role {asked['PolicySourceArn']}.", status=404)
        given = {entry["ContextKeyName"].lower(): entry["ContextKeyValues"] for entry in asked.get("ContextEntries", [])}
        context = common_context(self._cloud) | given
        pairs = product(asked["ActionNames"], asked.get("ResourceArns") or ["*"])
        return {"EvaluationResults": [self._result(role, Request(*pair, context)) for pair in pairs], "IsTruncated": False}

    def _result(self, role: Any, request: Request) -> dict[str, Any]:
        return {
            "EvalActionName": request.action,
            "EvalResourceName": request.resource,
            "EvalDecision": decision_of(self._cloud, role, request).value,
            "MatchedStatements": [],
        }
