"""Lambda's errors, in AWS's words."""

from local_aws.call import AwsError


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message, Type="User")


def conflict(message: str) -> AwsError:
    return AwsError("ResourceConflictException", message, Type="User")


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message, Type="User")


def throttled(reason: str) -> AwsError:
    return AwsError("TooManyRequestsException", "Rate Exceeded.", Reason=reason, Type="User", retryAfterSeconds="1")


def precondition_failed() -> AwsError:
    message = (
        "The RevisionId provided does not match the latest RevisionId for the Lambda function or alias. "
        "Call the GetFunction or the GetAlias API to retrieve the latest RevisionId for your resource."
    )
    return AwsError("PreconditionFailedException", message, Type="User")
