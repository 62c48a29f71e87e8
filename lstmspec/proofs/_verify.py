"""A cell's generated models, proved: values, derivatives, shapes; and the checks themselves, by planted faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..emit import BACKENDS, Backend, Runner, cell_of, drafted, package_of, source_of
from ..language import HasSystem
from ..procedure import Model, Procedure, procedures
from ._cases import NoValues, references
from ._checks import CHECKS
from ._compare import Difference
from ._draw import Ranges
from ._models import runners
from ._planting import Planted, Verdict, files_of, planted
from ._reference import Reference
from ._trial import Measured, beside, checks_of, fails, measured, without_effect

FEW, MANY = 2, 8  # faults in each pass of each backend
AGREEMENT, SHAPES = "agreement", "shapes"


@dataclass(frozen=True)
class Outcome:
    """What a check found of a model.

    Attributes:
        model: The backend's title, and the device where that is not the CPU.
        check: The check's name.
        difference: The largest one; None where the check cannot say anything.
        bound: What is allowed.
        wrong: What is wrong in words, where it is no difference of numbers.

    """

    model: str
    check: str
    difference: Difference | None
    bound: float = 0.0
    wrong: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether what it says is good."""
        return not self.wrong and (self.difference is None or self.difference.error <= self.bound)


@dataclass(frozen=True)
class Proof:
    """What was tried of a cell.

    Attributes:
        cell: The cell.
        outcomes: A check of a model each.
        faults: What became of planted faults.
        has_values: Whether there are data at which the cell can be verified; without, nothing was tried.

    """

    cell: HasSystem
    outcomes: tuple[Outcome, ...] = ()
    faults: tuple[Verdict, ...] = ()
    has_values: bool = True


def verify(
    cell: HasSystem,
    backends: Sequence[Backend] = BACKENDS,
    *,
    quick: bool = False,
    seed: int = 1,
    ranges: Ranges | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> Proof:
    """Prove the generated models of a cell.

    NumPy = PyTorch = the slow evaluation of the equations; gradients are those of a complex step; second derivatives
    those of central differences of complex steps; shapes hold at all sizes; and planted faults are seen.

    Args:
        cell: The cell.
        backends: Whose models.
        quick: One case, one direction along each argument, and few faults.
        seed: Of the data and the faults.
        ranges: Where some arguments lie: `{"x": (0.1, 0.9)}`.
        progress: Called with what is done next.

    Raises:
        SpecError: the cell is ill-shaped, or cannot be generated.
        ImportError: a backend's library is missing.

    """
    progress("generating")
    model = Model(cell.system)
    made, files = procedures(model), drafted([cell.system], backends)
    try:
        cases = references(cell, quick=quick, seed=seed, ranges=ranges or {})
    except NoValues:
        return Proof(cell, has_values=False)
    trials = tuple(planted(model, made, backends, FEW if quick else MANY, seed))
    faulty = files_of(model, made, source_of(cell_of(model)), trials)
    with package_of({**files, **faulty}) as package:
        models = runners(package, model.folder, backends)
        outcomes = list(_compared(models, cases, progress))
        raising = {one.model for one in outcomes if one.difference is not None and one.difference.error == np.inf}
        sound = {title: runner for title, runner in models.items() if title not in raising}
        outcomes += _agreeing(sound, cases, progress)
        outcomes += _shaped(models, model, made, progress)
        progress("planting faults")
        tried = trials if all(outcome.holds for outcome in outcomes) else ()  # a fault of a fault says nothing
        verdicts = tuple(_judged(one, package, model, cases) for one in tried)
    return Proof(cell, tuple(outcomes), verdicts)


def steps(backends: Sequence[Backend] = BACKENDS) -> int:
    """How often `verify` reports progress, at most."""
    return 3 + len(CHECKS) + sum(len(backend.devices) for backend in backends)


def _compared(
    models: Mapping[str, Runner], cases: Sequence[Reference], progress: Callable[[str], None]
) -> Iterator[Outcome]:
    for check in CHECKS:
        progress(check.name)
        for title, runner in models.items():
            yield _worst(title, check.name, [measured(check, runner, case) for case in cases])


def _agreeing(
    models: Mapping[str, Runner], cases: Sequence[Reference], progress: Callable[[str], None]
) -> Iterator[Outcome]:
    """Every number of every gradient of each model beside those of the first one."""
    progress(AGREEMENT)
    titles = list(models)
    for title in titles[1:]:
        first, runner = models[titles[0]], models[title]
        found = [beside(check, runner, first, case) for check in CHECKS[2:] for case in cases]
        yield _worst(title, AGREEMENT, found)


def _worst(title: str, check: str, found: Sequence[Measured]) -> Outcome:
    """The case that is nearest to its bound, or beyond it."""
    usable = [one for one in found if one.usable]
    if not usable:
        return Outcome(title, check, None)
    worst = max(usable, key=lambda one: (one.difference.error / one.bound, one.difference.error))
    return Outcome(title, check, worst.difference, worst.bound)


def _shaped(
    models: Mapping[str, Runner], model: Model, made: Sequence[Procedure], progress: Callable[[str], None]
) -> Iterator[Outcome]:
    for title, runner in models.items():
        progress(SHAPES)
        found = [runner.misshapen(procedure, model.dims) for procedure in made]
        if all(one is not None for one in found):
            yield Outcome(title, SHAPES, None, wrong=tuple(line for one in found for line in one or ()))


def _judged(one: Planted, package: str, model: Model, cases: Sequence[Reference]) -> Verdict:
    checks = checks_of(one.fault.procedure.name)
    good = one.backend.runner(package, model.folder)
    try:
        runner = one.backend.runner(package, one.folder)
    except Exception:  # a module that cannot be imported is seen by anyone
        return Verdict(one, seen=True, has_effect=True)
    seen = fails(runner, good, cases, checks)
    return Verdict(one, seen, has_effect=seen or not without_effect(runner, good, cases, checks))
