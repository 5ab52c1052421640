"""One execution environment: Lambda's Python runtime client in a process that sees the unpacked zip and no code of this repository."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from local_aws.functions.outcome import Outcome, outcome_of
from local_aws.functions.runtime_api import Invocation, Report, RuntimeApi, Stage
from local_aws.functions.spec import Spec
from local_aws.functions.transcript import Transcript
from local_aws.iam.on_behalf import Log
from local_aws.processes import Child

Initialization = Literal["on-demand", "provisioned-concurrency"]
INIT_SECONDS: dict[Initialization, float] = {"on-demand": 10, "provisioned-concurrency": 130}

# Output goes to a file, not through a pipe: all lines printed before an answer are then in the file when the answer arrives.
COMMAND = ("sh", "-c", 'exec python -m awslambdaric "$1" >>"$2" 2>&1', "sh")


@dataclass(frozen=True)
class Result:
    """The outcome of an invocation, with the log for the caller."""

    outcome: Outcome
    log_tail: str
    duration_ms: float


class Environment:
    """An environment that starts at once; `initialise` waits for the runtime, `invoke` runs one event at a time, `end` kills it."""

    def __init__(self, spec: Spec, kind: Initialization, *, task: Path, output: Path, variables: Mapping[str, str], log: Log) -> None:
        self.spec, self.kind, self.alive, self.idle_since = spec, kind, True, time.monotonic()
        self._log, self._output = log, Output(output)
        self._ready: Report | None = None
        self._init_ms: float | None = None
        self._api = RuntimeApi()
        own = {
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_INITIALIZATION_TYPE": kind,
            "AWS_LAMBDA_LOG_GROUP_NAME": log.group,
            "AWS_LAMBDA_LOG_STREAM_NAME": log.stream,
        }
        log.write(f"INIT_START Runtime Version: {spec.runtime}\tInitialization Type: {kind}")
        self._began = time.perf_counter()
        self._child = Child([*COMMAND, spec.handler, str(output)], cwd=task, env={**variables, **own}, on_line=log.write)
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def initialised(self) -> bool:
        return self._ready is not None and self._ready.stage is Stage.READY

    def initialise(self) -> bool:
        """Wait until the runtime asks for its first event; False when the runtime failed, ended or was too slow."""
        if self._ready is None:
            # As on AWS, an on-demand initialisation that is too slow continues under the function's own timeout.
            self._ready = self._api.wait_for_report(INIT_SECONDS[self.kind] + self.spec.timeout)
            self._init_ms = (time.perf_counter() - self._began) * 1000
            for line in self._output.read():
                self._log.write(line)
        return self.initialised

    def invoke(self, invocation: Invocation) -> Result:
        """Run one event; a timeout, an exit or a failed initialisation ends the environment."""
        init_ms = self._first_init_ms()
        transcript = Transcript(self._log, invocation.request_id, self.spec)
        began = time.perf_counter()
        report = self._run(invocation)
        duration_ms = (time.perf_counter() - began) * 1000
        outcome = outcome_of(report, request_id=invocation.request_id, timeout=self.spec.timeout)
        for line in self._output.read():
            transcript.add(line)
        transcript.end(outcome, duration_ms=duration_ms, init_ms=init_ms)
        if report.stage not in (Stage.RESPONSE, Stage.ERROR):
            self.end()
        self.idle_since = time.monotonic()
        return Result(outcome, transcript.tail(), duration_ms)

    def end(self) -> None:
        self.alive = False
        self._api.close()
        self._child.kill()

    def _first_init_ms(self) -> float | None:
        """Milliseconds that this invocation waited for the runtime to start; None when the runtime was ready."""
        if self._ready is not None:
            return None
        self.initialise()
        return self._init_ms

    def _run(self, invocation: Invocation) -> Report:
        if not self.initialised:
            assert self._ready is not None
            return self._ready
        self._api.hand_out(invocation)
        return self._api.wait_for_report(invocation.timeout)

    def _watch(self) -> None:
        status = self._child.wait()
        self.alive = False
        self._api.report(Report(Stage.EXIT, status=status))


class Output:
    """The file with the runtime's output; `read` returns the lines since the last call."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset = path, 0
        path.touch()

    def read(self) -> list[str]:
        with self._path.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
        self._offset += len(text)
        # The runtime client ends the lines of one traceback with \r, so that the traceback stays one log event.
        return [line.replace("\r", "\n") for line in text.decode(errors="replace").split("\n") if line]
