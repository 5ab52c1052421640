"""CORS of a Function URL: which web pages may call it, as its configuration says.

https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
"""

from collections.abc import Collection, Mapping
from typing import Any

from local_aws.functions.url_events import UrlAnswer
from local_aws.http_request import HttpRequest
from local_aws.strangers import Refusal

Settings = Mapping[str, Any]  # the Cors of a Function URL; empty when there is none


def refuse_page(settings: Settings, own: Collection[str], headers: Mapping[str, str]) -> Refusal | None:
    """A refusal for a web page of an origin that is neither in the settings nor the URL's own.

    On AWS the browser alone keeps to CORS; on this machine a page of any site could run the function otherwise.
    """
    origin = headers.get("origin")
    if origin is None or origin in own or allows(settings, origin):
        return None
    return Refusal(403, f"The CORS settings of this function URL do not allow the origin {origin!r}.")


def allows(settings: Settings, origin: str) -> bool:
    allowed = [str(entry).lower() for entry in settings.get("AllowOrigins") or ()]
    return "*" in allowed or origin.lower() in allowed


def preflight(settings: Settings, request: HttpRequest) -> UrlAnswer | None:
    """The answer to a preflight request of an allowed page; None for every other request, which runs the function."""
    origin = request.headers.get("origin", "")
    if request.method != "OPTIONS" or "access-control-request-method" not in request.headers or not allows(settings, origin):
        return None
    listed = {"Methods": settings.get("AllowMethods"), "Headers": settings.get("AllowHeaders")}
    headers = {f"Access-Control-Allow-{name}": ",".join(values) for name, values in listed.items() if values}
    age = {"Access-Control-Max-Age": str(settings["MaxAge"])} if settings.get("MaxAge") else {}
    return UrlAnswer(200, (*answer_headers(settings, origin), *headers.items(), *age.items()), b"")


def answer_headers(settings: Settings, origin: str) -> tuple[tuple[str, str], ...]:
    """The headers that let a page of this origin read an answer; none for an origin that is not allowed."""
    if not origin or not allows(settings, origin):
        return ()
    exposed = ",".join(settings.get("ExposeHeaders") or ())
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Vary", "Origin"),
        *((("Access-Control-Allow-Credentials", "true"),) if settings.get("AllowCredentials") else ()),
        *((("Access-Control-Expose-Headers", exposed),) if exposed else ()),
    )
