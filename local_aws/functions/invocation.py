"""Invoke: the checks, the environment, the answer and the metrics; also asynchronous events, whose caller does not wait."""

import json
import threading
import uuid
from typing import Any

from local_aws.call import AwsError, Call
from local_aws.cloud import Cloud
from local_aws.functions.environment import Result
from local_aws.functions.fleet import Fleet
from local_aws.functions.provision import Provisions
from local_aws.functions.registry import Registry, Target
from local_aws.functions.runtime_api import Invocation

MAX_REQUEST_BYTES = 6_291_456
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
RETRY_SECONDS = (60, 120)
THROTTLED_SECONDS = 1


class Invoker:
    def __init__(self, cloud: Cloud, registry: Registry, fleet: Fleet, provisions: Provisions) -> None:
        self._cloud, self._registry, self._fleet, self._provisions = cloud, registry, fleet, provisions
        self._closing = threading.Event()

    def invoke(self, call: Call) -> dict[str, Any]:
        """The operation Invoke: RequestResponse, Event or DryRun."""
        reference, kind = call.parameters["FunctionName"], call.parameters.get("InvocationType") or "RequestResponse"
        target = self._registry.resolve(reference, call.parameters.get("Qualifier"))
        invocation = self._invocation(target, call.parameters.get("Payload") or b"{}", call.parameters.get("ClientContext") or "")
        if kind == "DryRun":
            return {"StatusCode": 204, "Payload": b""}
        if kind == "Event":
            self._start(target, invocation)
            return {"StatusCode": 202, "Payload": b""}
        return answer(target, self._run(target, invocation), with_log=call.parameters.get("LogType") == "Tail")

    def run(self, name: str, qualifier: str, payload: bytes) -> Result:
        """Run a synchronous invocation that does not come through the API."""
        target = self._registry.resolve(name, qualifier)
        return self._run(target, self._invocation(target, payload))

    def start(self, name: str, qualifier: str, payload: bytes) -> None:
        """Start an asynchronous invocation that does not come through the API."""
        target = self._registry.resolve(name, qualifier)
        self._start(target, self._invocation(target, payload))

    def close(self) -> None:
        self._closing.set()

    def _start(self, target: Target, invocation: Invocation) -> None:
        threading.Thread(target=self._run_event, args=(target, invocation), daemon=True).start()

    def _invocation(self, target: Target, payload: bytes, client_context: str = "") -> Invocation:
        return Invocation(
            request_id=str(uuid.uuid4()),
            function_arn=self._registry.arn(target.name, target.qualifier),
            payload=checked(payload),
            timeout=float(target.function.timeout),
            client_context=client_context,
        )

    def _run(self, target: Target, invocation: Invocation) -> Result:
        try:
            with self._fleet.environment(target) as environment:
                running = self._fleet.running(target.name)
                self._measure_provisioned(target, spilled=environment.kind == "on-demand")
                result = environment.invoke(invocation)
        except AwsError as error:
            if error.code == "TooManyRequestsException":
                self._measure(target, Throttles=1)
            raise
        self._measure(target, Invocations=1, Errors=int(result.outcome.failed), Duration=result.duration_ms)
        self._cloud.put_metric("AWS/Lambda", "ConcurrentExecutions", running, "Count", {"FunctionName": target.name})
        return result

    def _run_event(self, target: Target, invocation: Invocation) -> None:
        waits = iter(RETRY_SECONDS)
        while not self._closing.is_set():
            try:
                result = self._run(target, invocation)
            except AwsError as error:
                wait: float | None = THROTTLED_SECONDS if error.code == "TooManyRequestsException" else None
            else:
                wait = next(waits, None) if result.outcome.failed else None
            if wait is None:
                return
            self._closing.wait(wait)

    def _measure_provisioned(self, target: Target, *, spilled: bool) -> None:
        """Put the metrics of provisioned concurrency; as on AWS there are none without invocations, so idle capacity never scales in."""
        qualifier, provision = self._provisions.serving(target)
        if provision:
            where = {"FunctionName": target.name, "Resource": f"{target.name}:{qualifier}"}
            how = "SpilloverInvocations" if spilled else "Invocations"
            self._cloud.put_metric("AWS/Lambda", f"ProvisionedConcurrency{how}", 1, "Count", where)
            self._cloud.put_metric("AWS/Lambda", "ProvisionedConcurrencyUtilization", provision.utilization, "None", where)

    def _measure(self, target: Target, **values: float) -> None:
        for name, value in values.items():
            unit = "Milliseconds" if name == "Duration" else "Count"
            for dimensions in dimensions_of(target):
                self._cloud.put_metric("AWS/Lambda", name, value, unit, dimensions)


def dimensions_of(target: Target) -> list[dict[str, str]]:
    """The metric dimensions of an invocation: its function, its qualifier, and for an alias with weights the version that was drawn.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
    """
    function = {"FunctionName": target.name}
    asked = {**function, "Resource": f"{target.name}:{target.qualifier}"}
    drawn = [{**asked, "ExecutedVersion": target.version}] if target.drawn else []
    return [function, asked, *drawn] if target.qualifier else [function]


def checked(payload: bytes) -> bytes:
    """Return the payload if it is JSON within Lambda's size limit."""
    if len(payload) > MAX_REQUEST_BYTES:
        message = f"Request must be smaller than {MAX_REQUEST_BYTES} bytes for the InvokeFunction operation"
        raise AwsError("RequestTooLargeException", message, Type="User")
    try:
        json.loads(payload)
    except ValueError as error:
        raise AwsError("InvalidRequestContentException", f"Could not parse request body into json: {error}", Type="User") from None
    return payload


def answer(target: Target, result: Result, *, with_log: bool) -> dict[str, Any]:
    members = {"StatusCode": 200, "ExecutedVersion": target.version, "Payload": result.outcome.payload}
    if result.outcome.failed:
        members["FunctionError"] = "Unhandled"
    if with_log:
        members["LogResult"] = result.log_tail
    return members
