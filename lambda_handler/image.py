"""Detect the media type of an image from its first bytes: file names and headers can be wrong."""

from lambda_handler.failure import Failure

SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def media_type(image: bytes) -> str:
    """The media type image/jpeg or image/png; Failure 415 for anything else."""
    for signature, media in SIGNATURES.items():
        if image.startswith(signature):
            return media
    raise Failure(415, "UnsupportedImage", "The image is neither JPEG nor PNG.")
