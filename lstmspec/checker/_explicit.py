"""A system whose every shape is declared: nothing of it is left to infer, whatever is done to its equations."""

from __future__ import annotations

from dataclasses import replace

from ..language import System
from ._check import check


def explicit(system: System) -> System:
    """The system with every shape declared as it was solved. Raises SpecError when it is ill-shaped."""
    solved = check(system).require().of
    return replace(system, symbols={name: replace(old, shape=solved[name]) for name, old in system.symbols.items()})
