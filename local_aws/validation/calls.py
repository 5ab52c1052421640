"""The validation of a call, between authentication and authorisation: its shape, then the rules that need nothing but the request."""

from collections.abc import Callable, Mapping

from local_aws.call import Call
from local_aws.validation.buckets import bucket_name
from local_aws.validation.digests import checksum, content_md5
from local_aws.validation.launches import tag_specification, whole_launch
from local_aws.validation.policies import bucket_policy, trust_policy
from local_aws.validation.shapes import violations
from local_aws.validation.words import refusal

CHECKS: Mapping[tuple[str, str], tuple[Callable[[Call], None], ...]] = {
    ("ec2", "*"): (tag_specification,),
    ("ec2", "RunInstances"): (whole_launch,),
    ("iam", "CreateRole"): (trust_policy,),
    ("iam", "UpdateAssumeRolePolicy"): (trust_policy,),
    ("s3", "CreateBucket"): (bucket_name,),
    ("s3", "PutBucketPolicy"): (bucket_policy,),
    ("s3", "PutObject"): (content_md5, checksum),
    ("s3", "UploadPart"): (content_md5, checksum),
}


def validate(call: Call) -> None:
    """Raise AwsError in the wording of the service when AWS refuses the parameters of a call, whoever makes it."""
    found = violations(call.service, call.operation, call.parameters)
    if found:
        raise refusal(call.service, found)
    for operation in ("*", call.operation):
        for check in CHECKS.get((call.service, operation), ()):
            check(call)
