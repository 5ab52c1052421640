"""The rehearsal: before a live endpoint changes, the new config answers on an endpoint of its own that nobody else asks."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

from pedigree.artifact.golden import Golden, GoldenImage, check_endpoint
from pedigree.aws.clients import client
from pedigree.aws.naming import within
from pedigree.endpoint.stand_in import stand_in
from pedigree.settings.serving import REHEARSAL
from pedigree.values import Account

CALLERS, REQUESTS = 4, 100


def rehearse(account: Account, config: str, golden: Golden, *, endpoint: str) -> list[str]:
    """Why the config must not go live. It has to start, to answer the golden images right, and to bear several callers at once."""
    with stand_in(account, config, within(endpoint, REHEARSAL)) as rehearsal:
        problems = rehearsal.problems(config) or wrong_under_load(account, rehearsal.name, golden)
    return [f"in rehearsal: {problem}" for problem in problems]


def wrong_under_load(account: Account, endpoint: str, golden: Golden) -> list[str]:
    """Each thing that went wrong, once."""
    runtime = client(account.credentials, "sagemaker-runtime")

    def ask(image: GoldenImage) -> str | None:
        return check_endpoint(runtime, endpoint, image, golden.tolerance)

    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(ask, islice(cycle(golden.images), REQUESTS)))
    return list(dict.fromkeys(problem for problem in answers if problem))[:3]
