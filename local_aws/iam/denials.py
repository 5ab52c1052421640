"""Access denials with the error code, status and words of each service."""

from local_aws.call import AwsError

EXPLICIT = "with an explicit deny in {} policy"
NOT_TRUSTED = "because no resource-based policy allows the sts:AssumeRole action"

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
UNKNOWN_KEYS = {
    "s3": ("InvalidAccessKeyId", 403),
    "lambda": ("UnrecognizedClientException", 403),
    "sagemaker-runtime": ("UnrecognizedClientException", 403),
    "ec2": ("AuthFailure", 401),
    **dict.fromkeys(("iam", "sts", "cloudformation", "cloudwatch", "sns"), ("InvalidClientTokenId", 403)),
}
DEFAULT_UNKNOWN_KEY = ("UnrecognizedClientException", 400)


def implicit(policy: str, action: str) -> str:
    return f"because no {policy} allows the {action} action"


def access_denied(service: str, arn: str, action: str, resource: str, reason: str) -> AwsError:
    code, status = REFUSALS.get(service, DEFAULT_REFUSAL)
    named = f'"{resource}"' if service == "s3" else resource
    return AwsError(code, f"User: {arn} is not authorized to perform: {action} on resource: {named} {reason}", status=status)


def unknown_key(service: str) -> AwsError:
    code, status = UNKNOWN_KEYS.get(service, DEFAULT_UNKNOWN_KEY)
    message = "The security token included in the request is invalid."
    return AwsError(
        code, "The AWS Access Key Id you provided does not exist in our records." if service == "s3" else message, status=status
    )
