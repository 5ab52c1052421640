"""The rollback of a function and an endpoint that a run changed but could not prove."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from pedigree.aws.errors import Throttled
from pedigree.aws.naming import endpoint_name
from pedigree.settings import Serving
from pedigree.values import Account, Endpoint
from tasks.endpoint import restore_endpoint
from tasks.function import restore_function
from tasks.runs.beside import beside
from tasks.runs.stage import RECORD

Changed = TypeVar("Changed", Endpoint, str)


@contextmanager
def restored_on_failure(account: Account, serving: Serving) -> Iterator[None]:
    """When the body raises, restore the function's alias and then the endpoint to their proven versions; the error continues.

    Each is restored whatever becomes of the other, and whatever fails here is a note to the error. A deployment that fails has restored
    its endpoint itself; the function may still be as an earlier, killed run left it.
    Throttled restores nothing: it says nothing against what is live, and the next run asks again or goes back.
    """
    try:
        yield
    except Throttled:
        raise
    except BaseException as error:  # cancellation too
        record = RECORD.get()
        assert record is not None, "stages are recorded"
        with ExitStack() as rollback:  # the last callback runs first
            if endpoint := record.value(Endpoint):
                rollback.callback(undo, f"endpoint {endpoint.name}", restore_endpoint, account, endpoint, error)
            name = endpoint_name(account.project, serving)
            rollback.callback(undo, f"function {name}", restore_function, account, name, error)
        raise


def undo(what: str, restore: Callable[[Account, Changed], None], account: Account, changed: Changed, error: BaseException) -> None:
    with beside(f"the rollback of {what}", error):
        restore(account, changed)
