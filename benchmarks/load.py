"""Callers that invoke an endpoint without a pause, and the answers that they got."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pedigree.aws.errors import ANY_AWS_ERROR
from tests.lab.small_models import picture


@dataclass
class Load:
    """The load on an endpoint: an answer that is not in `right`, or an error, is a failure. No call is repeated."""

    runtime: Any
    endpoint: str
    right: set[tuple[float, ...]] = field(default_factory=set)
    requests: int = 0
    failures: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def by(self, callers: int) -> Iterator[None]:
        threads = [threading.Thread(target=self._keep_asking) for _ in range(callers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _keep_asking(self) -> None:
        image = picture("red")
        while not self._over.wait(0.02):
            problem = self._ask(image)
            with self._lock:
                self.requests += 1
                self.failures += [problem] if problem else []

    def _ask(self, image: bytes) -> str | None:
        try:
            answer = self.runtime.invoke_endpoint(EndpointName=self.endpoint, ContentType="image/jpeg", Body=image)
            logits = tuple(json.loads(answer["Body"].read())[0])
        except ANY_AWS_ERROR as error:
            return str(error)
        return None if logits in self.right else f"an answer of no known model: {logits}"
