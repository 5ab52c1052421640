"""Pickles of moto's records: an object of another service is named by its place there, and what belongs to a process is left out."""

import importlib
import io
import marshal
import pickle
import sys
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, NamedTuple

from moto.core.base_backend import BackendDict, BaseBackend

ATTEMPTS = 100  # a thread may change a record while another one pickles it
AWSS_OWN = ("AWSManagedPolicy",)  # records that moto makes at its start, so that they are named and not kept
REDUCTIONS: dict[type, Callable[[Any], Any]] = {
    type(threading.Lock()): lambda _: (threading.Lock, ()),
    type(threading.RLock()): lambda _: (threading.RLock, ()),
    FunctionType: lambda value: reduce_function(value) if "<" in value.__qualname__ else NotImplemented,
    weakref.WeakValueDictionary: lambda records: (weakref.WeakValueDictionary, (dict(records),)),
}


class Place(NamedTuple):
    """The place of a record: an attribute of moto's backend of a service, there a dict, and its key in it."""

    module: str
    account: str
    region: str
    attribute: str
    key: Any


def module_of(kind: type) -> str:
    """moto's module of a class, such as `iam`; empty for a class that belongs to no service."""
    package, _, rest = kind.__module__.partition(".")
    module = rest.partition(".")[0]
    return module if package == "moto" and module not in ("core", "utilities") else ""


Hollow = Mapping[tuple[str, str], Mapping[str, Any]]  # (module, class) -> attributes that are not kept, with what replaces each


def dump(value: object, module: str, hollow: Hollow) -> bytes:
    """Pickle records of moto's `module`, without the attributes that `hollow` names."""
    for attempt in range(ATTEMPTS):
        file = io.BytesIO()
        try:
            Pickler(file, module, hollow).dump(value)
        except RuntimeError:  # a dict changed its size meanwhile
            if attempt == ATTEMPTS - 1:
                raise
        else:
            break
    return file.getvalue()


def load(pickled: bytes) -> Any:
    return pickle.loads(pickled)  # noqa: S301  our own file, which only its owner can write


class Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, module: str, hollow: Hollow) -> None:
        super().__init__(file, protocol=5)
        self._module, self._hollow = module, hollow
        self._plain: set[type] = set()  # the classes, seen before, that pickle can do alone

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if kind in self._plain:
            return NotImplemented
        if kind in REDUCTIONS:
            return REDUCTIONS[kind](value)
        if isinstance(value, defaultdict) and kind is not defaultdict:  # its reduction calls the class, whose arguments it does not know
            return defaultdict.__new__, (kind,), (vars(value), {"default_factory": value.default_factory}), None, iter(value.items())
        if home := module_of(kind):
            return self._reduce_record(value, home)
        self._plain.add(kind)
        return NotImplemented

    def _reduce_record(self, value: Any, home: str) -> Any:
        """The reduction of an object of moto's module `home`."""
        kind = type(value)
        if isinstance(value, BaseBackend):
            return backend, (home, value.account_id, value.region_name)
        if left_out := self._hollow.get((home, kind.__name__)):
            return revive, (kind,), {**vars(value), **left_out}
        if home != self._module or kind.__name__ in AWSS_OWN:
            place = place_of(value)
            return (find, place) if place else NotImplemented
        self._plain.add(kind)
        return NotImplemented


def revive(kind: type) -> Any:
    return object.__new__(kind)


def reduce_function(value: FunctionType) -> Any:
    """The reduction of a lambda, or of a function within a function."""
    closure = tuple(cell.cell_contents for cell in value.__closure__ or ())
    return function, (marshal.dumps(value.__code__), value.__module__, closure)


def function(code: bytes, module: str, closure: tuple[Any, ...]) -> FunctionType:
    cells = tuple(map(cell_of, closure))
    return FunctionType(marshal.loads(code), vars(sys.modules[module]), closure=cells)  # noqa: S302  our own file


def cell_of(value: Any) -> Any:
    found: Any = (lambda: value).__closure__
    return found[0]


def backend(module: str, account: str, region: str) -> Any:
    return backends(module)[account][region]


def backends(module: str) -> Any:
    """moto's backends of a module, by account and region."""
    models = importlib.import_module(f"moto.{module}.models")
    return next(each for each in vars(models).values() if isinstance(each, BackendDict) and module_of(each.backend) == module)


def place_of(record: Any) -> Place | None:
    """The place of a record of another service; None when it stands in no dict of its backend."""
    module = module_of(type(record))
    for account, region, home in list(backends(module).iter_backends()):
        for attribute, collection in list(vars(home).items()):
            if isinstance(collection, dict):
                for key, value in list(collection.items()):
                    if value is record:
                        return Place(module, account, region, attribute, key)
    return None


def find(module: str, account: str, region: str, attribute: str, key: Any) -> Any:
    return getattr(backend(module, account, region), attribute)[key]
