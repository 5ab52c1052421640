"""The validation of a call, between authentication and authorisation."""

from local_aws.call import Call
from local_aws.validation.shapes import violations
from local_aws.validation.words import refusal


def validate(call: Call) -> None:
    """Raise AwsError in the wording of the service when AWS refuses the parameters of a call, whoever makes it."""
    found = violations(call.service, call.operation, call.parameters)
    if found:
        raise refusal(call.service, found)
