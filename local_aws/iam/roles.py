"""Credentials of an IAM role: SageMaker, Lambda and EC2 assume a role before they start a job, function or instance."""

import time
from typing import Any

from local_aws.call import AwsError
from local_aws.cloud import Cloud
from local_aws.iam.context import common_context, service_context
from local_aws.iam.evaluator import Decision, Request, evaluate
from local_aws.iam.patterns import Context
from local_aws.iam.principals import as_policy, boundary_of, find_role, policies_of
from local_aws.iam.resource_policy import Grant, evaluate_resource_policy
from local_aws.sessions import Session

# AWS's services renew the credentials of what they run; here they outlast the longest training job of SageMaker, which is 28 days
LIFETIME = 28 * 24 * 3600.0


def assume_execution_role(cloud: Cloud, role_arn: str, service: str) -> dict[str, str]:
    """Environment variables with AWS credentials of a new role session; AwsError when the trust policy does not allow `service`.

    `service` is a principal such as `sagemaker.amazonaws.com`.
    """
    if not trusts_service(cloud, role_arn, service):
        raise untrusted(role_arn, service)
    session = cloud.sessions.add(session_of(find_role(cloud, role_arn), service.partition(".")[0], LIFETIME))
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret,
        "AWS_SESSION_TOKEN": session.token,
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_REGION": cloud.region,
        "AWS_DEFAULT_REGION": cloud.region,
    }


def session_of(role: Any, name: str, seconds: float) -> Session:
    """A new session of moto's role."""
    account = role.arn.split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{role.name}/{name}"
    return Session(role.arn, arn, f"{role.id}:{name}", time.time() + seconds)


def trusts_service(cloud: Cloud, role_arn: str, service: str) -> bool:
    role = find_role(cloud, role_arn)
    if role is None:
        return False
    request = Request("sts:AssumeRole", role_arn, service_context(cloud))
    policy = as_policy(role.assume_role_policy_document)
    return evaluate_resource_policy(policy, request, (), cloud.account, service) is Grant.GRANTED


def role_may(cloud: Cloud, role_arn: str, action: str, resource: str, keys: Context | None = None) -> bool:
    """Whether a role has a permission; for actions that reach no API of local_aws, such as the registration of an agent.

    `keys` are the condition keys beside those of every call.
    """
    role, context = find_role(cloud, role_arn), {**common_context(cloud), **(keys or {})}
    return role is not None and decision_of(cloud, role, Request(action, resource, context)) is Decision.ALLOWED


def decision_of(cloud: Cloud, role: Any, request: Request) -> Decision:
    """The decision of the policies of moto's role and of its boundary."""
    decisions = [evaluate(policies_of(role), request), *(evaluate(limit, request) for limit in boundary_of(cloud, role).values())]
    return max(decisions, key=list(Decision).index)


def untrusted(role_arn: str, service: str) -> AwsError:
    if service == "lambda.amazonaws.com":
        return AwsError("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
    message = f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal '{service}' to assume the role."
    return AwsError("ValidationException", message)
