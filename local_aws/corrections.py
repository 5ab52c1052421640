"""Corrections of moto's modules. Each is made when its module is loaded, so that a start loads no service that nobody calls."""

import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

Correction = Callable[[Any], None]


def correct(module: str, correction: Correction) -> None:
    """Let `correction` change a module of moto before anybody can use it; at once when it is loaded already."""
    if FINDER not in sys.meta_path:
        sys.meta_path.insert(0, FINDER)
    if module in sys.modules:
        correction(sys.modules[module])
    else:
        FINDER.corrections.setdefault(module, []).append(correction)


def after_making(backend: Any, work: Correction) -> None:
    """Let `work` add to every new backend of one of moto's services, before anybody can use it."""
    make = backend.__init__

    def make_and_work(self: Any, *given: Any, **named: Any) -> None:
        make(self, *given, **named)
        work(self)

    backend.__init__ = make_and_work


class Finder(MetaPathFinder):
    """Finds the modules that wait for their corrections; all others are left to Python's own finders."""

    def __init__(self) -> None:
        self.corrections: dict[str, list[Correction]] = {}

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname not in self.corrections:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = CorrectingLoader(fullname, spec.origin, self.corrections[fullname])
        return spec


class CorrectingLoader(SourceFileLoader):
    """Loads one module and corrects it; other threads that import it wait until both are done."""

    def __init__(self, fullname: str, path: str, corrections: Sequence[Correction]) -> None:
        super().__init__(fullname, path)
        self._corrections = corrections

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        for correction in self._corrections:
            correction(module)


FINDER = Finder()
