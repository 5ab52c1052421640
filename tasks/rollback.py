"""The rollback of a function and an endpoint that a run changed but could not prove."""

from collections.abc import Iterator
from contextlib import contextmanager

from pedigree.aws.errors import Throttled
from pedigree.aws.naming import endpoint_name
from pedigree.settings import Serving
from pedigree.values import Account, Endpoint
from tasks.endpoint import restore_endpoint
from tasks.function import restore_function
from tasks.runs.stage import RECORD


@contextmanager
def restored_on_failure(account: Account, serving: Serving) -> Iterator[None]:
    """When the body raises, restore the function's alias and then the endpoint to their proven versions; the error continues.

    A deployment that fails has restored its endpoint itself; the function may still be as an earlier, killed run left it.
    Throttled restores nothing: it says nothing against what is live, and the next run asks again or goes back.
    """
    try:
        yield
    except Throttled:
        raise
    except BaseException:  # cancellation too
        record = RECORD.get()
        assert record is not None, "stages are recorded"
        restore_function(account, endpoint_name(account.project, serving))
        if endpoint := record.value(Endpoint):
            restore_endpoint(account, endpoint)
        raise
