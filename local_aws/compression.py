"""Request bodies that an SDK compresses: those of PutMetricData from 10 KiB on.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-compression.html
"""

import zlib
from wsgiref.types import WSGIEnvironment

from local_aws.call import AwsError
from local_aws.http_server import MOST_BYTES

COMPRESSED = frozenset({"cloudwatch"})  # the services of local_aws with an operation that botocore compresses
GZIP = 16 + zlib.MAX_WBITS


def expand(service: str, body: bytes, environ: WSGIEnvironment) -> bytes:
    """The body as the client made it; AwsError when it is no gzip, or larger than any body may be."""
    if service not in COMPRESSED or environ.get("HTTP_CONTENT_ENCODING") != "gzip":
        return body
    stream = zlib.decompressobj(GZIP)
    try:
        whole = stream.decompress(body, MOST_BYTES)
    except zlib.error as error:
        raise AwsError("SerializationException", f"The body is no gzip: {error}.", status=400) from None
    if not stream.eof:
        raise AwsError("SerializationException", f"The body is cut off, or larger than {MOST_BYTES} bytes.", status=400)
    environ["CONTENT_LENGTH"] = str(len(whole))
    del environ["HTTP_CONTENT_ENCODING"]
    return whole
