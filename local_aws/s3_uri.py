"""Split an S3 URI: `s3://bucket/some/key` -> `("bucket", "some/key")`."""


def split_s3_uri(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
