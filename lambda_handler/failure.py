"""Why a request has no prediction: the one error of this package, made to be shown to the caller."""


class Failure(Exception):
    """Becomes an answer of `status`; `message` names no endpoint, no ARN and no address of ours."""

    def __init__(self, status: int, kind: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.retry_after = status, kind, message, retry_after


def bad_request(message: str) -> Failure:
    return Failure(400, "InvalidRequest", message)


def too_large(limit: int) -> Failure:
    return Failure(413, "ImageTooLarge", f"The image is larger than {limit} bytes.")
