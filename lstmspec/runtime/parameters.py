"""Parameters under the names of the equations, and as the arrays that a model keeps: cut and joined as tables say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .cell import Cell, Start
from .sizes import evaluate

Arrays = dict[str, Any]
Concatenate = Callable[[Sequence[Any], int], Any]  # arrays and an axis, in memory of its own


def part(array: Any, place: int, count: int) -> Any:
    """One of `count` equal parts of an array's rows, a view."""
    if count == 1:
        return array
    rows = array.shape[0] // count
    return array[place * rows : (place + 1) * rows]


def columns(array: Any, start: str, stop: str, sizes: Mapping[str, int]) -> Any:
    """Some columns of a matrix, a view; without bounds all of an array."""
    return array[:, evaluate(start, sizes) : evaluate(stop, sizes)] if stop else array


def packed(cell: Cell, spec: Mapping[str, Any], sizes: Mapping[str, int], concatenate: Concatenate) -> Arrays:
    """The stored arrays, from the parameters of the equations; nothing of it is the caller's."""
    found: Arrays = {}
    for name, stored in cell.stored.items():
        rows = [columns(spec[piece.parameter], piece.start, piece.stop, sizes) for piece in stored.pieces]
        found[name] = concatenate(rows, 0)
    return found


def unpacked(cell: Cell, arrays: Mapping[str, Any], concatenate: Concatenate) -> Arrays:
    """The parameters of the equations, from the stored arrays; in memory of their own."""
    sample = {dim: 1009 + place for place, dim in enumerate(cell.dims)}  # columns lie in one order for all sizes
    parts: dict[str, list[tuple[int, Any]]] = {name: [] for name in cell.parameters}
    for name, stored in cell.stored.items():
        for place, piece in enumerate(stored.pieces):
            first = evaluate(piece.start, sample) if piece.stop else 0
            parts[piece.parameter].append((first, part(arrays[name], place, len(stored.pieces))))
    ordered = {name: [array for _, array in sorted(found, key=_place)] for name, found in parts.items()}
    return {name: concatenate(found, 1) for name, found in ordered.items()}


def _place(found: tuple[int, Any]) -> int:
    return found[0]


def fill(
    cell: Cell, name: str, array: Any, sizes: Mapping[str, int], rule: Callable[[Any, Start | None], None]
) -> None:
    """Fill an array with first values, piece by piece: `rule(piece, start)`, with None for what is not declared."""
    pieces = cell.stored[name].pieces
    for place, piece in enumerate(pieces):
        whole = part(array, place, len(pieces))
        for start in piece.first or (None,):
            declared = start is not None and bool(start.rule)
            rule(columns(whole, start.start, start.stop, sizes) if start else whole, start if declared else None)
