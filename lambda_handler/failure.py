"""The one error of this package: the reason why a request has no prediction, in words for the caller."""


class Failure(Exception):
    """A refusal that becomes an answer with the HTTP status `status`; `message` reveals no endpoint, no ARN and no internal address."""

    def __init__(self, status: int, kind: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.retry_after = status, kind, message, retry_after


def bad_request(message: str) -> Failure:
    return Failure(400, "InvalidRequest", message)


def too_large(limit: int) -> Failure:
    return Failure(413, "ImageTooLarge", f"The image is larger than {limit} bytes.")
