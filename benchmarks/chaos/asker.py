"""A client that asks the live endpoint all the time, and takes note of every answer that it did not get."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from tests.lab.live_account import LiveAccount

PAUSE = 0.2  # seconds


@dataclass
class Asker:
    """Answers and failures since the first answer."""

    answers: int = 0
    failures: list[str] = field(default_factory=list)


@contextmanager
def asking(live: LiveAccount) -> Iterator[Asker]:
    """Ask while the body runs; what comes before the first answer does not count: there is no endpoint yet."""
    asker, end = Asker(), threading.Event()
    thread = threading.Thread(target=ask, args=(live, asker, end))
    thread.start()
    try:
        yield asker
    finally:
        end.set()
        thread.join()


def ask(live: LiveAccount, asker: Asker, end: threading.Event) -> None:
    runtime = live.aws.client("sagemaker-runtime")
    while not end.wait(PAUSE):
        try:
            runtime.invoke_endpoint(EndpointName=live.account.project, Body=b"picture", ContentType="image/jpeg")["Body"].read()
            asker.answers += 1
        except (ClientError, BotoCoreError) as error:
            if asker.answers:
                asker.failures.append(str(error))
