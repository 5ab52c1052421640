"""Access denials with the error code, status and words of each service."""

from local_aws.call import AwsError

EXPLICIT = "with an explicit deny in {} policy"
NOT_TRUSTED = "because no resource-based policy allows the {} action"

# error code and HTTP status of a denial; the JSON services use the default
REFUSALS = {
    "s3": ("AccessDenied", 403),
    "iam": ("AccessDenied", 403),
    "sts": ("AccessDenied", 403),
    "cloudformation": ("AccessDenied", 403),
    "cloudwatch": ("AccessDenied", 403),
    "sns": ("AuthorizationError", 403),
    "ec2": ("UnauthorizedOperation", 403),
    "lambda": ("AccessDeniedException", 403),
    "sagemaker-runtime": ("AccessDeniedException", 403),
}
DEFAULT_REFUSAL = ("AccessDeniedException", 400)


def implicit(policy: str, action: str) -> str:
    return f"because no {policy} allows the {action} action"


def access_denied(service: str, arn: str, action: str, resource: str, reason: str) -> AwsError:
    code, status = REFUSALS.get(service, DEFAULT_REFUSAL)
    named = f'"{resource}"' if service == "s3" else resource
    return AwsError(code, f"User: {arn} is not authorized to perform: {action} on resource: {named} {reason}", status=status)
