"""Assignments of parameters to slots as layouts, which convert weights, and back: as users give them and read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..convert import Array as Stored
from ..convert import Layout, LayoutError, Part, parameters_of
from ..diagnostics import written
from ..language import Role, System
from ._match import Match
from ._parts_and_slots import Shape, SizedPart, Slot, as_matrix, upright

Assignment = dict[Slot, tuple[Part, bool]]


def layout_of(match: Match, system: System, shapes: Mapping[str, Shape]) -> Layout | None:
    """The layout that an assignment is; None where no layout can say it: a parameter is missing, or turns vary."""
    arrays = []
    for name, shape in shapes.items():
        own = {slot.index: match.of.get(slot) for slot in (*match.of, *match.dead) if slot.array == name}
        if len(shape) == 2 and shape[1] == 1 and any(held and held[0].operand is None for held in own.values()):
            return None  # a vector with an axis behind it
        turns = {turned for part_turned in own.values() if part_turned for turned in (part_turned[1],)}
        if len(turns) > 1:
            return None
        parts = {index: found[0] if found else None for index, found in own.items()}
        parts = {
            index: part if part is None or part.parameter in system.parameters else None
            for index, part in parts.items()
        }
        rows, wide = (1 + max(index[axis] for index in own) for axis in (0, 1))
        lead: tuple[int, ...] = tuple(1 for _ in shape[:-2]) if len(shape) > 2 else ()
        if all(slot.shape[0] == 1 < slot.shape[1] for slot in match.of if slot.array == name) and len(shape) == 2:
            upright_ = tuple((parts[row, column],) for row in range(rows) for column in range(wide))
            arrays.append(Stored(name, upright_, lead=(shape[0],)))
            continue
        grid = tuple(tuple(parts[row, column] for column in range(wide)) for row in range(rows))
        arrays.append(Stored(name, tuple(zip(*grid, strict=True)) if True in turns else grid, True in turns, lead))
    try:
        return Layout(system, tuple(array for array in arrays if any(part for row in array.grid for part in row)))
    except LayoutError:
        return None


def assigned(layout: Layout, shapes: Mapping[str, Shape], known: Sequence[SizedPart]) -> Assignment:
    """The slots of a layout's arrays with what lies in them."""
    sizes = {sized.part: upright(sized.shape) for sized in known}
    found: Assignment = {}
    for array in layout.arrays:
        heights = [next((sizes[part][0] for part in row if part is not None), 0) for row in array.grid]
        across = zip(*array.grid, strict=True)
        widths = [next((sizes[part][1] for part in column if part is not None), 0) for column in across]
        for row, line in enumerate(array.grid):
            for column, held in enumerate(line):
                if held is not None:
                    offset = (sum(heights[:row]), sum(widths[:column]))
                    slot, turned = _slot(array, shapes[array.name], offset, sizes[held], (row, column))
                    found[slot] = (held, turned)
    return found


def _slot(array: Stored, shape: Shape, offset: Shape, size: Shape, index: tuple[int, int]) -> tuple[Slot, bool]:
    wide = as_matrix(shape)[1]
    if size[1] == 1 and wide > 1:  # a vector in an array of several rows
        row, column = divmod(offset[0], wide)
        return _slot_at(array.name, shape, index, (row, column), (1, size[0])), True
    if array.transposed:
        return _slot_at(array.name, shape, index[::-1], offset[::-1], size[::-1]), True
    return _slot_at(array.name, shape, index, offset, size), False


def _slot_at(name: str, shape: Shape, index: tuple[int, int], offset: Shape, size: Shape) -> Slot:
    rows, columns = (slice(start, start + length) for start, length in zip(offset, size, strict=True))
    return Slot(name, index, rows, columns, size, whole=size == as_matrix(shape))


def as_layout(parameters: Layout | Mapping[str, Any], system: System) -> Layout:
    """A mapping as users write it: {"W_f": "Wf", "W_i": ("Wix.T", "Wih"), "b_f": ("b", "b2")}, `.T` for a transpose.

    Several names are the parts of a matrix by operand, or the biases that are added up. Raises LayoutError.
    """
    if isinstance(parameters, Layout):
        return parameters
    if not isinstance(parameters, Mapping):
        raise LayoutError(f'parameters is {written(parameters)}; expected a Layout, or {{"W_f": "Wf", "b_f": "bf"}}')
    arrays: list[Stored] = []
    known = parameters_of(system)
    for name, given in parameters.items():
        names = (given,) if isinstance(given, str) else given
        where = f"parameters[{written(name)}] is {written(given)}"
        if not isinstance(name, str) or name not in known.shapes:
            raise LayoutError(f"{where}: the cell has no such parameter; it has {', '.join(known.shapes)}")
        if not isinstance(names, tuple | list) or not names or not all(isinstance(text, str) for text in names):
            raise LayoutError(f"{where}; expected the name of an array, or several")
        count = len(known.columns.get(name, ()))
        if count and len(names) not in (1, count):
            raise LayoutError(f"{where}: {name} has {count} operands; give 1 or {count} arrays")
        whole: tuple[Part | None, ...] = tuple(Part(name, at) for at in range(count)) or (Part(name),)
        rows = [(part,) for part in whole] if count and len(names) == count else [whole] * len(names)
        for row, text in zip(rows, names, strict=True):
            arrays.append(Stored(text.removesuffix(".T"), (row,), text.endswith(".T")))
    return Layout(system, tuple(arrays))


def described(match: Match, system: System) -> dict[str, str]:
    """Each parameter with where it lies, as slices of the code's arrays."""
    lines: dict[str, list[str]] = {name: [] for name in (*system.parameters, *system.having(Role.CONSTANT))}
    for slot, (part, turned) in sorted(match.of.items(), key=lambda item: item[1][0].operand or 0):
        lines[part.parameter].append(f"{slot}{'.T' if turned and min(slot.shape) > 1 else ''}")
    known = parameters_of(system).columns
    return {name: (", " if known.get(name) else " + ").join(found) for name, found in lines.items() if found}
