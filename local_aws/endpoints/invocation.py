"""InvokeEndpoint: choose a variant, send the request to one of its instances, and answer in SageMaker's words."""

import http.client
import random
import time
from collections.abc import Mapping
from typing import Any

from local_aws.call import AwsError
from local_aws.cloud import Cloud
from local_aws.endpoints.endpoint import Endpoint
from local_aws.endpoints.instance import Instance, Reply
from local_aws.endpoints.meter import Meter
from local_aws.endpoints.rollout import LOG_GROUP
from local_aws.endpoints.variant import NoInstance, Retired, Variant

TIMEOUT = 60.0
REQUEST_HEADERS = {"ContentType": "Content-Type", "Accept": "Accept", "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes"}
TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container "
    "in Amazon CloudWatch, resolve the issue, and try again."
)


class Invocations:
    """Sends requests to the instances of an endpoint; `timeout` in seconds."""

    def __init__(self, cloud: Cloud, meter: Meter, *, timeout: float = TIMEOUT) -> None:
        self._cloud, self._meter, self._timeout = cloud, meter, timeout

    def invoke(self, endpoint: Endpoint, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The InvokeEndpoint answer; ValidationError, ServiceUnavailable or ModelError."""
        body = asked.get("Body", b"")
        headers = {header: asked[member] for member, header in REQUEST_HEADERS.items() if member in asked}
        while True:
            variant = choose_variant(endpoint, asked.get("TargetVariant"))
            try:
                with variant.lease() as instance:
                    reply = self._ask(endpoint, variant, instance, body, headers)
            except (Retired, ConnectionRefusedError):  # the traffic moved, or the server died, before this request reached the server
                continue
            except NoInstance:
                raise AwsError("ServiceUnavailable", f"No instance of variant {variant.name} is available.", status=503) from None
            return self._answer(endpoint, variant, reply)

    def _ask(self, endpoint: Endpoint, variant: Variant, instance: Instance, body: bytes, headers: Mapping[str, str]) -> Reply:
        self._meter.asked(endpoint.name, variant.name, instances=variant.current)
        start = time.perf_counter()
        try:
            reply = instance.post(body, headers, self._timeout)
        except ConnectionRefusedError:
            instance.give_up()
            raise
        except TimeoutError:
            reply = Reply(0, {}, TIMED_OUT.encode())
        except (OSError, http.client.HTTPException):
            reply = Reply(0, {}, b"The model server closed the connection before it answered.")
        self._meter.answered(endpoint.name, variant.name, status=reply.status, latency=time.perf_counter() - start)
        return reply

    def _answer(self, endpoint: Endpoint, variant: Variant, reply: Reply) -> dict[str, Any]:
        if not 200 <= reply.status < 300:
            raise self._model_error(endpoint, reply)
        answer = {
            "Body": reply.body,
            "ContentType": reply.headers.get("content-type", "application/octet-stream"),
            "InvokedProductionVariant": variant.name,
        }
        attributes = reply.headers.get("x-amzn-sagemaker-custom-attributes")
        return answer | ({"CustomAttributes": attributes} if attributes else {})

    def _model_error(self, endpoint: Endpoint, reply: Reply) -> AwsError:
        region, account, group = self._cloud.region, self._cloud.account, f"{LOG_GROUP}/{endpoint.name}"
        side, text = "client" if 400 <= reply.status < 500 else "server", reply.body.decode(errors="replace")
        console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group}"
        received = f'Received {side} error ({reply.status}) from primary with message "{text}".'
        return AwsError(
            "ModelError",
            f"{received} See {console} in account {account} for more information.",
            status=424,
            OriginalStatusCode=reply.status,
            OriginalMessage=text,
            LogStreamArn=self._cloud.arn("logs", f"log-group:{group}"),
        )


def choose_variant(endpoint: Endpoint, target: str | None) -> Variant:
    variants = endpoint.fleet()
    if target is not None:
        variant = next((variant for variant in variants if variant.name == target), None)
        if variant is None:
            raise AwsError("ValidationError", f"Variant {target} not found in endpoint {endpoint.name}.")
        return variant
    weights = [variant.weight for variant in variants]
    return random.choices(variants, weights if any(weights) else None)[0]  # noqa: S311
