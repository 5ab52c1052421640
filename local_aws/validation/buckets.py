"""The names that S3 takes for a bucket."""

import ipaddress
import re

from local_aws.call import AwsError, Call
from local_aws.rules import rule

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


@rule(
    "S3 CreateBucket",
    "A bucket name has 3 to 63 lowercase letters, digits, dots and hyphens, is no IP address, and has none of the reserved endings.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
)
def bucket_name(call: Call) -> None:
    name = str(call.parameters["Bucket"])
    if NAME.fullmatch(name) and ".." not in name and not is_address(name) and not name.startswith(PREFIXES) and not name.endswith(SUFFIXES):
        return
    raise AwsError("InvalidBucketName", "The specified bucket is not valid.", status=400, BucketName=name)


def is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
