"""Ten ways in which a registered model can be broken."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pedigree.registry.versions import register_model
from pedigree.settings import Guardrails, Serving
from pedigree.values import ModelVersion
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import BROKEN, CLASSES, SCRIPT, candidate, registered, trained

BAKE_SECONDS, SLOWEST, SLOW = 600, 3.0, 4.0
GUARDRAILS = Guardrails(bake_seconds=BAKE_SECONDS, max_p99_seconds=SLOWEST)
SERVING = Serving(image="local/pytorch-inference:1", guardrails=GUARDRAILS)
REHEARSED = 104  # requests that a model gets in rehearsal, before it is live
LOGITS = (0.25, 7.5)  # of every golden image


@dataclass(frozen=True)
class Way:
    """One way to break a model; `cause` is a regular expression that the error of the failed run must match."""

    name: str
    make: Callable[[LiveAccount], ModelVersion]
    cause: str
    serving: Serving = SERVING


def script(before_answering: str, logits: tuple[float, ...] = LOGITS) -> str:
    """The source of a model that runs `before_answering` before each answer; `asked` is the number of the request."""
    counted = f"asked += 1; {before_answering}; return [model]"
    answering = f"asked = 0\ndef predict_fn(image, model):\n    global asked\n    {counted}\n"
    return "import os, time\n" + SCRIPT.format(logits=list(logits)) + answering


def model(**parts: Any) -> Callable[[LiveAccount], ModelVersion]:
    return lambda live: registered(live, LOGITS, **parts)


def damaged(change: Callable[[bytes], bytes], *, after_registration: bool = False) -> Callable[[LiveAccount], ModelVersion]:
    def make(live: LiveAccount) -> ModelVersion:
        trained_model = trained(live, LOGITS)
        key = trained_model.artifact.split("/", 3)[3]
        whole = live.client("s3").get_object(Bucket=live.account.bucket, Key=key)["Body"].read()
        if after_registration:
            version = register_model(live.account, candidate(live, trained_model), SERVING)
            live.put(version.artifact.split("/", 3)[3], change(whole))  # as only the orchestrator may
            return version
        live.put(key, change(whole))
        return register_model(live.account, candidate(live, trained_model), SERVING)

    return make


def starts_once(live: LiveAccount) -> ModelVersion:
    """A model that starts in rehearsal and then never starts again."""
    marker = Path(tempfile.mkdtemp()) / "started"
    once = f"def model_fn(folder):\n    open({str(marker)!r}, 'x')\n    return {list(LOGITS)}\n"
    return registered(live, LOGITS, script=SCRIPT.format(logits=list(LOGITS)) + once)


MORE_CLASSES = json.dumps({"classes": [*CLASSES, "003.Spots"], "golden_tolerance": 1e-3}).encode()

WAYS = (
    Way("its weights do not load", model(script=BROKEN), "did not pass the ping health check"),
    Way("truncated model.tar.gz", damaged(lambda body: body[: len(body) // 2]), "the archive is damaged"),
    Way("crashes under load", model(script=script("os._exit(9) if asked == 30 else None")), "in rehearsal: .*error"),
    Way(
        "too slow once it is live",
        model(script=script(f"time.sleep({SLOW} if asked > {REHEARSED} else 0)")),
        "rollback-latency was tripped",
    ),
    Way("corrupt model.tar.gz", damaged(lambda body: body[:60] + bytes(40) + body[100:]), "the archive is damaged"),
    Way("wrong class count", model(files={"model.json": MORE_CLASSES}), "names 3 classes"),
    Way("starts once and never again", starts_once, "did not pass the ping health check"),
    Way("other answers than in training", model(answers=(9.0, 1.0)), "in rehearsal: .*class 0 for 1"),
    Way(
        "exchanged after it was registered",
        damaged(lambda body: body + b" ", after_registration=True),
        "not the registered object",
    ),
    Way(
        "takes longer to start than it may",
        model(script="import time\ntime.sleep(3600)\n"),
        "did not pass the ping health check",
        SERVING.model_copy(update={"startup_seconds": 60}),
    ),
)
