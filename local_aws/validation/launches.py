"""The parameters that a launch on EC2 needs, which the service model calls optional."""

from local_aws.call import AwsError, Call
from local_aws.rules import rule

NEEDED = ("ImageId", "InstanceType")  # AWS takes m1.small by default; local_aws takes no default


def whole_launch(call: Call) -> None:
    for name in NEEDED:
        if name not in call.parameters:
            raise AwsError("MissingParameter", f"The request must contain the parameter {name}", status=400)


@rule(
    "EC2, every call that makes something with tags",
    "A tag specification names a resource type and has at least one tag.",
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TagSpecification.html",
)
def tag_specification(call: Call) -> None:
    for entry in call.parameters.get("TagSpecifications", []):
        if "ResourceType" not in entry:
            raise AwsError("InvalidParameterValue", "Tag specification resource type must have a value", status=400)
        if not entry.get("Tags") or not all("Key" in tag and "Value" in tag for tag in entry["Tags"]):
            raise AwsError("InvalidParameterValue", "Tag specification must have at least one tag", status=400)
