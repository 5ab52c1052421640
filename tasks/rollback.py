"""What a run put live and could not prove goes back."""

from collections.abc import Iterator
from contextlib import contextmanager

from pedigree.values import Account, Endpoint, FunctionVersion
from tasks.endpoint import restore_endpoint
from tasks.function import restore_function
from tasks.runs.stage import RECORD


@contextmanager
def restored_on_failure(account: Account) -> Iterator[None]:
    """Whatever ends the body, the function's alias and then the endpoint go back to what was proven before; the error goes on."""
    try:
        yield
    except BaseException:  # cancellation too
        record = RECORD.get()
        assert record is not None, "stages are recorded"
        if function := record.value(FunctionVersion):
            restore_function(account, function)
        if endpoint := record.value(Endpoint):
            restore_endpoint(account, endpoint)
        raise
