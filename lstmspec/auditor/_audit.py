"""Does somebody else's code compute a cell's equations? If not: which equation is another, and how?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..checker import check
from ..convert import Layout, LayoutError
from ..diagnostics import fitting, one_line, written
from ..language import HasSystem, System, system_of
from ._assignments import as_layout, described, layout_of
from ._callee import callee
from ._compare import gradients
from ._conventions import everywhere
from ._edit_rules import edits
from ._edits import Edit
from ._options import NoOption, constants_of, require_room, seed_of, sizes_of
from ._report import Audit, differing, impossible, not_carried, uncallable, unexplained, wrong_gradient
from ._search import Found, Search, data_for
from ._sizes_from_arrays import guessed
from ._tolerances import SLOPES

TRIES = 12  # sizes at which code is called, where none are given
CALLABLE = 3  # of them, at how many the edits are tried
NAME = 200  # characters of the code's name that are shown
FAR = 2.0  # how much more than the best a size may leave over
Progress = Callable[[Sequence[Edit]], Iterable[Edit]]


@fitting
def audit(
    cell: System | HasSystem,
    module: Any,
    *,
    parameters: Layout | Mapping[str, Any] | None = None,
    arrays: Mapping[str, Any] | None = None,
    sizes: Mapping[str, int] | None = None,
    constants: Mapping[str, float] | None = None,
    name: str = "",
    seed: int = 0,
    progress: Progress = iter,
) -> Audit:
    """Compare somebody else's implementation with a cell: outputs, states and gradients at random points, in float64.

    How it is called, and where each parameter lies in its arrays, is found: gates in any order, packed or apart,
    transposed or not, one bias or two. Where it differs, single edits of the equations are tried until one makes both
    equal; that edit names the difference of the code.

    Args:
        cell: A cell class.
        module: An nn.Module, or any function `f(arrays, *inputs and states)` that returns arrays.
        parameters: Where the parameters lie, when it is known: a Layout, or {"W_f": "Wf", "W_i": ("Wix.T", "Wih")}.
        arrays: The arrays of a function, by name; only their shapes matter.
        sizes: The sizes of the dimension symbols; read off the arrays when left out.
        constants: Values of the cell's constants, where the code has others than the defaults.
        name: The code's name in messages.
        seed: Of the random points.
        progress: Is given the edits that are to be tried, and gives them back one by one.

    Raises:
        SpecError: the cell is ill-shaped, or is none. A failed comparison is a finding of the result, LS404.

    """
    system = system_of(cell)
    dims = check(system).require().dims
    if not isinstance(name, str):
        return impossible(system, type(module).__name__, f"name is {written(name)}; expected text")
    name = one_line(name or str(getattr(module, "__name__", type(module).__name__)), NAME)
    try:
        code = callee(module, arrays)
        layout = as_layout(parameters, system) if parameters is not None else None
        fixed, numbers, seed = sizes_of(sizes, dims), constants_of(constants, system), seed_of(seed)
        if fixed is not None:
            require_room(system, fixed, code.shapes)
        if not callable(progress):
            raise NoOption(f"progress is {written(progress)}; expected a function that is given the edits")
    except (TypeError, LayoutError, NoOption) as error:
        return impossible(system, name, str(error))
    given = guessed(system, code.shapes) if fixed is None else iter([(0.0, fixed)])
    searches, least = list[Search](), math.inf
    for price, own in itertools.islice(given, TRIES):
        if any(search.trials for search in searches) and price > FAR * max(1.0, least):
            break
        try:
            search = Search(system, code, own, numbers, seed, layout)
        except KeyError as error:
            return impossible(system, name, f"{error} is none of its arrays", code.shapes)
        except (ValueError, IndexError) as error:
            return impossible(system, name, f"sizes or parameters do not fit its arrays: {error}", code.shapes)
        if (agreement := search.agreement(system)) is not None:
            return _agreeing(system, name, search, agreement)
        searches, least = [*searches, search], min(least, price)
    if not searches:
        return impossible(system, name, "its arrays cannot be cut into the cell's parameters", code.shapes)
    return _otherwise(system, name, searches, progress)


def _otherwise(system: System, name: str, searches: Sequence[Search], progress: Progress) -> Audit:
    """The report where the code does not compute the equations."""
    taken = [search for search in searches if search.trials]
    if not taken:
        return uncallable(system, name, searches[0].sizes, searches[0].code.shapes, searches[0].refusals)
    for search in taken:
        if (agreement := search.agreement(system, stateless=True)) is not None:
            return not_carried(_agreeing(system, name, search, agreement))
    if 1 in taken[0].sizes.values():
        why = "at a size of 1 every part fits everywhere; audit it at other sizes, each its own"
        return impossible(system, name, why, taken[0].code.shapes)
    if (explained := _explained(taken[:CALLABLE], progress)) is not None:
        made, search, agreement = explained
        report = _agreeing(made[-1].system, name, search, agreement)
        return differing(replace(report, system=system, edits=made))
    return unexplained(system, name, taken[0].sizes, taken[0].words)


def _agreeing(system: System, name: str, search: Search, found: Found) -> Audit:
    """The report where both compute the same; gradients are compared too."""
    data = data_for(search.system, search.sizes, search.lengths[1:], search.seed + 2)
    slopes = gradients(found.equations, search.code, found.call, found.match, data, search.seed + 2)
    report = Audit(
        system,
        name,
        search.sizes,
        str(found.call),
        described(found.match, system),
        layout_of(found.match, system, search.code.shapes),
        found.errors,
        slopes,
        unused=tuple(str(slot) for slot in found.match.dead),
    )
    if not found.is_carried:
        report = not_carried(report, found.call.states, found.returned)
    bad = [key for key, error in (slopes or {}).items() if error > SLOPES * found.bound]
    return wrong_gradient(report, bad, search.code.failure) if bad else report


def _explained(searches: Sequence[Search], progress: Progress) -> tuple[tuple[Edit, ...], Search, Found] | None:
    """The first edit that makes both equal; alone, or with an edit of all biases at once."""
    system = searches[0].system
    chains: list[tuple[Edit, ...]] = [(edit,) for edit in edits(system)]
    chains += [(first, second) for first in everywhere(system) for second in edits(first.system)]
    for last in progress([chain[-1] for chain in chains]):
        for search in searches:
            if (found := search.agreement(last.system)) is not None:
                return next(chain for chain in chains if chain[-1] is last), search, found
    return None
