"""The rehearsal: before a live endpoint changes, the new config answers on an endpoint of its own that nobody else asks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

from tasks.aws.clients import client
from tasks.deployment.golden import Golden, GoldenImage, check_endpoint
from tasks.deployment.rollout import Rollout
from tasks.values import Account

CALLERS, REQUESTS = 4, 100
EXPIRY = timedelta(hours=3)  # what a killed run leaves is deleted by the flow `reap`


def rehearse(account: Account, config: str, golden: Golden, *, endpoint: str) -> list[str]:
    """Why the config must not go live. It has to start, to answer the golden images right, and to bear several callers at once."""
    rollout = Rollout(client(account.credentials, "sagemaker"), account, f"{endpoint}-rehearsal")
    found = rollout.present()
    try:
        if found and found["EndpointConfigName"] != config:
            rollout.delete()
            found = None
        if found is None:
            rollout.create(config, expires_at=datetime.now(UTC) + EXPIRY)
        return [f"in rehearsal: {problem}" for problem in rollout.problems(config) or wrong_under_load(account, rollout.name, golden)]
    finally:
        rollout.delete()


def wrong_under_load(account: Account, endpoint: str, golden: Golden) -> list[str]:
    """Each thing that went wrong, once."""
    runtime = client(account.credentials, "sagemaker-runtime")

    def ask(image: GoldenImage) -> str | None:
        return check_endpoint(runtime, endpoint, image, golden.tolerance)

    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(ask, islice(cycle(golden.images), REQUESTS)))
    return list(dict.fromkeys(problem for problem in answers if problem))[:3]
