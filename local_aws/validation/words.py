"""The error with which each service answers a call that breaks its input shape."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local_aws.call import AwsError
from local_aws.validation.shapes import Violation

# error codes of services that do not answer ValidationException
CODES = {
    "cloudformation": "ValidationError",
    "cloudwatch": "ValidationError",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "sagemaker-runtime": "ValidationError",
    "sns": "ValidationError",
    "sts": "ValidationError",
}
IAM_NAME = r"[\w+=,.@-]+"
TOKENS: Mapping[type, str] = {int: "NUMBER_VALUE", float: "NUMBER_VALUE", str: "STRING_VALUE"}  # of a JSON document
WRAPPERS = ("String", "Boolean", "Integer", "Long", "Float", "Double")  # of Java
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
# S3's codes for values in a body that it does not know, where it does not answer MalformedXML
UNKNOWN_INSIDE = {
    "Events": ("InvalidArgument", "A specified event is not supported for notifications."),
    "LocationConstraint": ("InvalidLocationConstraint", "The specified location-constraint is not valid"),
}
# S3's codes for headers with a value that it does not know
UNKNOWN_VALUES = {
    "ChecksumAlgorithm": ("InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any of the valid types."),
    "ServerSideEncryption": ("InvalidArgument", "The encryption method specified is not supported"),
    "StorageClass": ("InvalidStorageClass", "The storage class you specified is not valid"),
}


def refusal(service: str, found: Sequence[Violation]) -> AwsError:
    """The error for violations, which are at least one; a value of a wrong type comes before all others."""
    for violation in found:
        if violation.constraint.kind == "type":
            return AwsError("SerializationException", mistyped(violation), status=400)
    return WORDINGS.get(service, common)(service, found)


def common(service: str, found: Sequence[Violation]) -> AwsError:
    """The wording of the framework that most services share."""
    count = f"{len(found)} validation error{'s' * (len(found) > 1)} detected"
    return AwsError(CODES.get(service, "ValidationException"), f"{count}: {'; '.join(map(sentence, found))}", status=400)


def sentence(violation: Violation) -> str:
    where = f"at '{violation.path}' failed to satisfy constraint: {violation.constraint.text}"
    if violation.value is None:
        return f"Value null {where}"
    return f"Value {where}" if violation.shape.metadata.get("sensitive") else f"Value '{shown(violation.value)}' {where}"


def shown(value: Any) -> str:
    """A value as Java shows it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={shown(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, bytes):
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def mistyped(violation: Violation) -> str:
    """The words for a JSON value of another type than the shape's."""
    value, wanted = violation.value, violation.constraint.text
    if isinstance(value, dict | list):
        return f"Start of {'list' if isinstance(value, list) else 'structure or map'} found where not expected."
    if wanted.title() not in WRAPPERS:
        return "Unexpected field type"
    token = f"{str(value).upper()}_VALUE" if isinstance(value, bool) else TOKENS.get(type(value), "VALUE")
    return f"{token} can not be converted to a{'n' * (wanted == 'integer')} {wanted.title()}"


def iam(service: str, found: Sequence[Violation]) -> AwsError:
    for violation in found:
        if violation.constraint.limit == IAM_NAME:
            allowed = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
            return AwsError("ValidationError", f"The specified value for {violation.path} is invalid. {allowed}", status=400)
    return common(service, found)


def ecr(_service: str, found: Sequence[Violation]) -> AwsError:
    first, kind = found[0], found[0].constraint.kind
    told = first.constraint.text.removeprefix("Member ").replace("regular expression pattern: ", "regular expression '")
    ending = "'" if kind == "pattern" else ""
    return AwsError(
        "InvalidParameterException", f"Invalid parameter at '{first.path}' failed to satisfy constraint: '{told}{ending}'", status=400
    )


def ec2(_service: str, found: Sequence[Violation]) -> AwsError:
    """EC2 names one parameter, by its name in the query."""
    first, parameter = found[0], ".".join(part[:1].upper() + part[1:] for part in found[0].path.split(".") if part != "member")
    if first.member == "InstanceTypes":
        return AwsError("InvalidInstanceType", f"The following supplied instance types do not exist: {shown(first.value)}", status=400)
    if first.constraint.kind == "required":
        if first.member == "InstanceIds":
            return AwsError("InvalidParameterCombination", "No instances specified", status=400)
        parameter = {"Resources": "resourceIdSet"}.get(parameter, parameter)  # of CreateTags and DeleteTags
        return AwsError("MissingParameter", f"The request must contain the parameter {parameter}", status=400)
    reason = first.constraint.text.replace("Member must", "It must")
    return AwsError("InvalidParameterValue", f"Value ({shown(first.value)}) for parameter {parameter} is invalid. {reason}", status=400)


def s3(_service: str, found: Sequence[Violation]) -> AwsError:
    """S3 names a header; of an XML body it mostly says only that it is wrong."""
    first, kind = found[0], found[0].constraint.kind
    if kind != "required" and first.member in UNKNOWN_INSIDE:
        code, message = UNKNOWN_INSIDE[first.member]
        return AwsError(code, message, status=400)
    if "." in first.path or first.shape.type_name == "structure":
        return AwsError(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", status=400
        )
    if kind == "required":
        return AwsError("InvalidArgument", f"The request must contain {first.member}.", status=400, ArgumentName=first.member)
    code, message = UNKNOWN_VALUES.get(first.member, ("InvalidArgument", first.constraint.text.replace("Member", first.member)))
    return AwsError(code, message, status=400, ArgumentName=first.member, ArgumentValue=shown(first.value))


WORDINGS: Mapping[str, Callable[[str, Sequence[Violation]], AwsError]] = {"ec2": ec2, "ecr": ecr, "iam": iam, "s3": s3}
