"""Refusals of callers whose signature does not hold, with the error code, status and words of each service.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from enum import Enum

from local_aws.call import AwsError

QUERY = frozenset({"iam", "sts", "cloudformation", "cloudwatch", "monitoring", "sns"})
REST = frozenset({"lambda", "sagemaker-runtime"})  # the JSON services that answer 403 instead of 400

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)
UNKNOWN = "The security token included in the request is invalid."
NOT_VALIDATED = "AWS was not able to validate the provided access credentials"
INVALID_SIGNATURE = "InvalidSignatureException"


class Refused(Enum):
    """A reason to refuse a caller: (code, status, message) of S3, of the query services, of EC2 and of the JSON services."""

    UNKNOWN_KEY = (
        ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
        ("InvalidClientTokenId", 403, UNKNOWN),
        ("AuthFailure", 401, NOT_VALIDATED),
        ("UnrecognizedClientException", 400, UNKNOWN),
    )
    WRONG_TOKEN = (
        ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        ("InvalidClientTokenId", 403, UNKNOWN),
        ("AuthFailure", 401, NOT_VALIDATED),
        ("UnrecognizedClientException", 400, UNKNOWN),
    )
    EXPIRED_TOKEN = (
        ("ExpiredToken", 400, "The provided token has expired."),
        ("ExpiredToken", 403, "The security token included in the request is expired"),
        ("RequestExpired", 400, "Request has expired."),
        ("ExpiredTokenException", 400, "The security token included in the request is expired"),
    )
    WRONG_SIGNATURE = (
        ("SignatureDoesNotMatch", 403, MISMATCH),
        ("SignatureDoesNotMatch", 403, MISMATCH),
        ("AuthFailure", 401, NOT_VALIDATED),
        (INVALID_SIGNATURE, 400, MISMATCH),
    )
    WRONG_TIME = (
        ("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large."),
        ("SignatureDoesNotMatch", 403, "Signature expired, or not yet current: the clocks of client and service differ too much."),
        ("RequestExpired", 400, "Request has expired."),
        (INVALID_SIGNATURE, 400, "Signature expired, or not yet current: the clocks of client and service differ too much."),
    )
    EXPIRED_URL = (
        ("AccessDenied", 403, "Request has expired"),
        ("SignatureDoesNotMatch", 403, "Signature expired."),
        ("RequestExpired", 400, "Request has expired."),
        (INVALID_SIGNATURE, 400, "Signature expired."),
    )
    WRONG_REGION = (
        ("AuthorizationHeaderMalformed", 400, "The authorization header is malformed; the region '{given}' is wrong; expecting '{region}'"),
        ("SignatureDoesNotMatch", 403, "Credential should be scoped to a valid region, and local_aws has {region} only."),
        ("AuthFailure", 401, "Credential should be scoped to a valid region, and local_aws has {region} only."),
        (INVALID_SIGNATURE, 400, "Credential should be scoped to a valid region, and local_aws has {region} only."),
    )
    UNSIGNED_HEADERS = (
        ("AccessDenied", 403, "There were headers present in the request which were not signed"),
        ("SignatureDoesNotMatch", 403, "'Host' and every 'X-Amz-' header of the request must be signed."),
        ("AuthFailure", 401, "'Host' and every 'X-Amz-' header of the request must be signed."),
        (INVALID_SIGNATURE, 400, "'Host' and every 'X-Amz-' header of the request must be signed."),
    )
    WRONG_BODY = (
        ("XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed."),
        ("SignatureDoesNotMatch", 403, MISMATCH),
        ("AuthFailure", 401, NOT_VALIDATED),
        (INVALID_SIGNATURE, 400, MISMATCH),
    )
    NO_BODY_HASH = (
        ("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256"),
        ("SignatureDoesNotMatch", 403, MISMATCH),
        ("AuthFailure", 401, NOT_VALIDATED),
        (INVALID_SIGNATURE, 400, MISMATCH),
    )
    BROKEN_CHUNKS = (
        ("IncompleteBody", 400, "You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header."),
        ("SignatureDoesNotMatch", 403, MISMATCH),
        ("AuthFailure", 401, NOT_VALIDATED),
        (INVALID_SIGNATURE, 400, MISMATCH),
    )
    MALFORMED = (
        ("AuthorizationHeaderMalformed", 400, "The authorization header or query that you provided is not valid."),
        ("IncompleteSignature", 400, "The request signature does not conform to AWS standards."),
        ("AuthFailure", 401, "The request signature does not conform to AWS standards."),
        ("IncompleteSignatureException", 400, "The request signature does not conform to AWS standards."),
    )

    def error(self, service: str, **words: str) -> AwsError:
        """The error of the service; `words` fill its message."""
        s3, query, ec2, json = self.value
        code, status, message = s3 if service == "s3" else query if service in QUERY else ec2 if service == "ec2" else json
        if service in REST:
            status = 403
        return AwsError(code, message.format(**words), status=status)


class Rejection(Exception):
    """A caller is refused; `words` fill the message."""

    def __init__(self, reason: Refused, **words: str) -> None:
        super().__init__(reason.name)
        self.reason, self.words = reason, words

    def error(self, service: str) -> AwsError:
        return self.reason.error(service, **self.words)
