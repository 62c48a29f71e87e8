"""A backend over a library of arrays, by its words and its template."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import jinja2

from ...procedure import Model, Procedure
from .._backend import CannotGenerate
from .._case import Runner
from .._python import PythonFiles
from .._static import StaticChecker
from ._body import printed
from ._page import Page
from ._printer import CannotPrint
from ._spelling import Spelling, Word


@dataclass(frozen=True)
class ArrayBackend(PythonFiles):
    """A row of the table of backends; see `Backend`.

    Attributes:
        spelling: The library's words.
        rules: The rules of initialisers that its runtime has, as `RULES` of one of its files.
        template: The page of a module.
        array: What annotations call an array.
        load: A generated module, imported, as a runner on a device.
        missing: Why nothing can run on a device; empty when it can.
        static: The program that infers shapes of its code, where there is one.

    """

    name: str
    title: str
    runtime: Sequence[str]
    imports: Sequence[str]
    spelling: Spelling
    rules: Collection[str]
    template: Path
    array: str
    devices: Sequence[str]
    load: Callable[[ModuleType, str], Runner]
    missing: Callable[[str], str]
    static: Callable[[], StaticChecker] | None = None

    def runner(self, package: str, folder: str, device: str = "cpu") -> Runner:
        """A model, imported."""
        return self.load(importlib.import_module(f"{package}.{folder}.{self.name}"), device)

    def lacks(self, device: str) -> str:
        """Why its models cannot run there."""
        return self.missing(device)

    def spell(self, operation: str, word: Word) -> None:
        """Give an elementwise operation that was added to the table its word: `spell("erf", call("torch.erf"))`."""
        self.spelling.elementwise[operation] = word

    def static_checker(self) -> StaticChecker | None:
        """The program that infers shapes of its code, where there is one."""
        return self.static() if self.static else None

    def files(self, model: Model, procedures: Sequence[Procedure]) -> Mapping[str, str]:
        """The module of a model."""
        if missing := [rule for rule in _rules_of(model) if rule not in self.rules]:
            raise CannotGenerate(f"the initialiser {missing[0]} has no row in {self.title}")
        try:
            bodies = [printed(procedure, model.dims, self.spelling) for procedure in procedures]
        except CannotPrint as error:
            raise CannotGenerate(f"{self.title} has no word for `{error}`", str(error)) from error
        page = Page(model, self.title, self.array, tuple(bodies))
        return {f"{self.name}.py": _template(self.template).render(page=page)}


def _rules_of(model: Model) -> list[str]:
    """The rules from which parameters start."""
    found = (model.system.symbols[name].initial for name in model.system.parameters)
    return [part.rule for initial in found for part in (initial if isinstance(initial, tuple) else (initial,)) if part]


@functools.cache
def _template(path: Path) -> jinja2.Template:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.from_string(path.read_text(encoding="utf-8"))
