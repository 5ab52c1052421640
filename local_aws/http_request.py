"""An HTTP request as it arrived, before anything interprets it: signatures and Function URLs need it unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment

RAW_HEADERS = "local_aws.headers"  # key in the WSGI environment; WSGI's own keys do not distinguish "_" and "-"


@dataclass(frozen=True)
class HttpRequest:
    """An HTTP request to this machine: `path` is not percent-decoded, the names in `headers` are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    address: str = "127.0.0.1"

    @property
    def target(self) -> str:
        return self.path + (f"?{self.query}" if self.query else "")

    @cached_property
    def arguments(self) -> Mapping[str, str]:
        """The arguments of the query, decoded; of an argument that is given twice, the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


def request_of(environ: WSGIEnvironment, body: bytes) -> HttpRequest:
    path, _, query = str(environ["RAW_URI"]).partition("?")
    return HttpRequest(environ["REQUEST_METHOD"], path, query, environ[RAW_HEADERS], body, str(environ["REMOTE_ADDR"]))
