"""Function URLs: each is a separate server on a free loopback port, and requires IAM authorisation unless its AuthType is NONE.

On AWS the address is https://<id>.lambda-url.<region>.on.aws/.
"""

import json
import sys
import threading
import traceback
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local_aws.call import AwsError, Call, Principal
from local_aws.claims import claim_of
from local_aws.cloud import Cloud
from local_aws.functions.cors import Settings, answer_headers, preflight, refuse_page
from local_aws.functions.errors import conflict, not_found
from local_aws.functions.invocation import Invoker
from local_aws.functions.registry import LATEST, Registry, split_reference
from local_aws.functions.url_events import UrlAnswer, answer_of, event_of, refusal
from local_aws.http_request import HttpRequest, request_of
from local_aws.http_server import Server
from local_aws.iam.authority import IamAuthority
from local_aws.iam.refusals import Refused, Rejection
from local_aws.journal import Entry, Journal

ACTION, ANYBODY = "lambda:InvokeFunctionUrl", "anonymous"
MOST_BYTES = 6 * 1024**2  # of a body: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html


@dataclass
class UrlConfig:
    """A Function URL; `qualifier` is an alias, or "" for $LATEST."""

    name: str
    qualifier: str
    arn: str
    auth: str
    cors: Settings
    server: Server = field(init=False)
    port: int = 0
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z")
    changed: str = ""

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "server"}

    def serve(self, server: Server, application: WSGIApplication) -> None:
        """Answer on the port of the server from now on."""
        self.server, self.port = server, server.server_port
        server.application = application
        server.refuse = lambda headers: refuse_page(self.cors, own_origins(server), headers)
        threading.Thread(target=server.serve_forever, args=(0.1,), name=f"url of {self.name}", daemon=True).start()

    def describe(self) -> dict[str, Any]:
        return {
            "FunctionUrl": f"{self.server.url}/",
            **({"Cors": dict(self.cors)} if self.cors else {}),
            "FunctionArn": self.arn,
            "AuthType": self.auth,
            "CreationTime": self.created,
            "LastModifiedTime": self.changed or self.created,
            "InvokeMode": "BUFFERED",
        }

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Urls:
    """The URLs of all functions, by function and qualifier; those in `urls` open their ports again."""

    def __init__(
        self, cloud: Cloud, registry: Registry, invoker: Invoker, journal: Journal, urls: dict[tuple[str, str], UrlConfig]
    ) -> None:
        self._cloud, self._registry, self._invoker, self._journal, self._urls = cloud, registry, invoker, journal, urls
        self._authority = IamAuthority(cloud)
        for config in urls.values():
            self._serve(config)

    def create(self, call: Call) -> dict[str, Any]:
        name, qualifier = named(call)
        if qualifier and qualifier not in self._registry.aliases(name):
            raise self._registry.unknown(name, qualifier)
        if (name, qualifier) in self._urls:
            raise conflict(f"FunctionUrlConfig exists for this Lambda function: {self._registry.arn(name, qualifier)}")
        self._registry.latest(name)  # fails for an unknown function before a port is opened
        cors = call.parameters.get("Cors") or {}
        config = UrlConfig(name, qualifier, self._registry.arn(name, qualifier), call.parameters["AuthType"], cors)
        self._serve(config)
        self._urls[name, qualifier] = config
        return config.describe()

    def get(self, call: Call) -> dict[str, Any]:
        return self._find(call).describe()

    def list_urls(self, call: Call) -> dict[str, Any]:
        name, _ = named(call)
        return {"FunctionUrlConfigs": [config.describe() for (owner, _), config in list(self._urls.items()) if owner == name]}

    def update(self, call: Call) -> dict[str, Any]:
        config = self._find(call)
        config.auth = call.parameters.get("AuthType") or config.auth
        config.cors = call.parameters.get("Cors", config.cors)
        config.changed = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z"
        return config.describe()

    def delete(self, call: Call) -> dict[str, Any]:
        config = self._find(call)
        del self._urls[config.name, config.qualifier]
        config.close()
        return {}

    def forget(self, name: str) -> None:
        """Close the URLs of a function that is deleted."""
        for key in [key for key in self._urls if key[0] == name]:
            self._urls.pop(key).close()

    def close(self) -> None:
        for key in list(self._urls):
            self._urls.pop(key).close()

    def answer(self, config: UrlConfig, request: HttpRequest) -> UrlAnswer:
        """Answer a request and write one line to the journal, whatever the outcome is."""
        if answer := preflight(config.cors, request):
            return answer
        principal, outcome = ANYBODY, "ok"
        try:
            caller = self._authorized(config, request)
            principal = caller.arn if caller else ANYBODY
            return self._run(config, request, caller)
        except AwsError as error:
            outcome = error.code
            if error.code == "TooManyRequestsException":
                return refusal(429, error.message, Retry_After="1", x_amzn_ErrorType=error.code)
            return refusal(error.status or 400, error.message, x_amzn_ErrorType=error.code)
        finally:
            self._journal.write(Entry(principal, ACTION, config.arn, outcome))

    def _authorized(self, config: UrlConfig, request: HttpRequest) -> Principal | None:
        """The caller, None when no signature is required; AwsError when the caller has no permission."""
        parameters = {"FunctionName": config.name, "Qualifier": config.qualifier, "FunctionUrlAuthType": config.auth}
        if config.auth == "NONE":
            self._authority.authorize_anybody(Call("lambda", "InvokeFunctionUrl", Principal(ANYBODY), parameters))
            return None
        claim = claim_of(request)
        if claim is None:
            raise AwsError("MissingAuthenticationTokenException", "Forbidden", status=403)
        if claim.service != "lambda":
            raise Rejection(Refused.WRONG_SIGNATURE).error("lambda")
        principal = self._authority.authenticate("lambda", claim, request)
        self._authority.authorize(Call("lambda", "InvokeFunctionUrl", principal, parameters))
        return principal

    def _run(self, config: UrlConfig, request: HttpRequest, caller: Principal | None) -> UrlAnswer:
        event = event_of(request, config.id, authorizer_of(self._cloud, caller) if caller else None)
        result = self._invoker.run(config.name, config.qualifier, json.dumps(event).encode())
        if result.outcome.failed:
            return refusal(502, "Internal Server Error", x_amzn_ErrorType="InternalServerErrorException")
        try:
            return answer_of(result.outcome.payload)
        except (ValueError, TypeError, AttributeError):  # the result of the function is not an HTTP answer
            return refusal(502, "Internal Server Error", x_amzn_ErrorType="InternalServerErrorException")

    def _serve(self, config: UrlConfig) -> None:
        """Open the port of a URL: the port that it had, or any port when it is new or another program has taken its port."""
        host = str(urlsplit(self._cloud.url).hostname)
        try:
            server = Server(host, config.port, MOST_BYTES)
        except OSError as error:
            server = Server(host, 0, MOST_BYTES)
            print(f"The URL of {config.arn} moves from port {config.port} to {server.server_port}: {error.strerror}.", file=sys.stderr)
        config.serve(server, Door(self, config))

    def _find(self, call: Call) -> UrlConfig:
        config = self._urls.get(named(call))
        if config is None:
            raise not_found("The resource you requested does not exist.")
        return config


class Door:
    """The WSGI application of one URL."""

    def __init__(self, urls: Urls, config: UrlConfig) -> None:
        self._urls, self._config = urls, config

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            request = request_of(environ, environ["wsgi.input"].read())
            answer = self._urls.answer(self._config, request)
            added = answer_headers(self._config.cors, request.headers.get("origin", ""))
        except Exception:  # a bug of local_aws becomes an answer, as for every other call
            traceback.print_exc(file=sys.stderr)
            answer, added = refusal(500, "local_aws failed; its error output has the traceback."), ()
        ours = {"content-length", *(name.lower() for name, _ in added)}
        headers = [*((name, value) for name, value in answer.headers if name.lower() not in ours), *added]
        start_response(f"{answer.status} -", [*headers, ("Content-Length", str(len(answer.body)))])
        return [answer.body]


def own_origins(server: Server) -> tuple[str, ...]:
    """The origins of a page that the function itself answers."""
    return server.url, f"http://localhost:{server.server_port}"


def named(call: Call) -> tuple[str, str]:
    name, own_qualifier = split_reference(call.parameters["FunctionName"])
    qualifier = own_qualifier or call.parameters.get("Qualifier") or ""
    return name, "" if qualifier == LATEST else qualifier


def authorizer_of(cloud: Cloud, caller: Principal) -> dict[str, Any]:
    arn = caller.session_arn or caller.arn
    return {
        "accessKey": caller.access_key_id,
        "accountId": cloud.account,
        "callerId": arn.rsplit("/", 1)[-1],
        "userArn": arn,
        "userId": arn,
    }
