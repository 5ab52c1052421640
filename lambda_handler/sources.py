"""Load the image of a request: from the request itself, from S3 or from the web."""

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError

from lambda_handler.clients import client
from lambda_handler.deadline import Deadline
from lambda_handler.event import Inline, S3Object, Source, Url
from lambda_handler.failure import Failure, too_large
from lambda_handler.fetch import fetch
from lambda_handler.network import internet

MISSING = ("NoSuchKey", "NoSuchBucket", "404")
FORBIDDEN = ("AccessDenied", "403")


def load_image(source: Source, *, limit: int, seconds: float) -> bytes:
    """Load the image: at most `limit` bytes, within `seconds`; Failure otherwise."""
    match source:
        case Inline(image):
            if len(image) > limit:
                raise too_large(limit)
            return image
        case S3Object():
            return read_object(source, limit=limit, seconds=seconds)
        case Url(url):
            return fetch(url, limit=limit, deadline=Deadline.after(seconds), network=internet())


def read_object(source: S3Object, *, limit: int, seconds: float) -> bytes:
    try:
        answer = client("s3", max(1, int(seconds))).get_object(Bucket=source.bucket, Key=source.key)
        with answer["Body"] as body:
            if answer["ContentLength"] > limit:
                raise too_large(limit)
            return bytes(body.read())
    except ClientError as error:
        raise refused(error.response.get("Error", {}).get("Code", "")) from None
    except (ConnectTimeoutError, ReadTimeoutError):
        raise Failure(504, "SourceTimeout", "S3 did not answer in time.") from None
    except BotoCoreError:
        raise Failure(502, "SourceUnavailable", "The object could not be read.") from None


def refused(code: str) -> Failure:
    if code in MISSING:
        return Failure(404, "ImageNotFound", "There is no such object.")
    if code in FORBIDDEN:
        return Failure(403, "ImageForbidden", "This function may not read that object.")
    return Failure(502, "SourceUnavailable", f"S3 answered {code}.")
