"""Run-time checks: jaxtyping's annotations, enforced by beartype where a model is called, not in every step."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from beartype import beartype
from jaxtyping import TypeCheckError, config, jaxtyped

from .cell import Cell
from .messages import ShapeError, array_words, kind_of, kind_words, problem_with, type_words
from .sizes import evaluate, voted


class Boundary:
    """The checks of one function: of its arrays before any arithmetic, and of its results.

    Dimensions are bound first, from the weights, through an array without memory whose shape is (n, k, …); so an
    argument that disagrees with the weights is the one that is blamed.

    Nothing is checked under JAXTYPING_DISABLE=1, nor while torch.compile traces the call: it would record the checks.

    Args:
        owner: What is called, for messages.
        cell: The cell.
        like: The kind of array, as annotations say it: `lambda axes: Float[Tensor, axes]`.
        arguments: Array → its axes.
        results: The axes of each result.
        called: Array of the cell's tables → the argument that has its sizes, where that is called otherwise.

    """

    def __init__(
        self,
        owner: str,
        cell: Cell,
        like: Callable[[str], Any],
        arguments: Mapping[str, str],
        results: Sequence[str],
        called: Mapping[str, str] | None = None,
    ) -> None:
        self.owner = owner
        self.cell = cell
        self.arguments = dict(arguments)
        self.kind: type = like("").array_type
        places = {name: place for place, name in enumerate(arguments)}
        names = {source.array: (called or {}).get(source.array, source.array) for source in cell.sources}
        self.sources = tuple((source, places[names[source.array]]) for source in cell.sources)

        def checked(sizes: Any, arrays: Any, run: Any) -> Any:
            return run()

        hints = {"sizes": like(" ".join(cell.dims)), "arrays": _tuple_of(like(axes) for axes in arguments.values())}
        checked.__annotations__ = {**hints, "run": Any, "return": _tuple_of(like(axes) for axes in results)}
        self.checked = jaxtyped(checked, typechecker=beartype)

    def sizes(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """The dimensions, read off the arrays; symbolic ones stay symbolic."""
        known: dict[str, Any] = {}
        for source, place in self.sources:
            size = arrays[place].shape[source.axis]
            if source.factor != "1" or source.rest != "0":
                size = (size - evaluate(source.rest, known)) // evaluate(source.factor, known)
            known[source.dim] = size
        return tuple(known[dim] for dim in self.cell.dims)

    def call(self, arrays: Sequence[Any], run: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> tuple[Any, ...]:
        """`run` with the sizes, if the arrays are what they should be. Raises ShapeError."""
        if _is_off():
            return run(self.sizes(arrays))
        cause: Exception | None = None
        try:
            kinds = [kind_of(array) for array in arrays]
            if kinds.count(kinds[0]) == len(kinds):
                sizes = self.sizes(arrays)
                known = _without_memory(arrays[0], sizes)
                results: tuple[Any, ...] = self.checked(known, tuple(arrays), lambda: run(sizes))
                return results
        except (TypeCheckError, AttributeError, IndexError, TypeError, ValueError) as error:
            cause = error
        message = self._explained(dict(zip(self.arguments, arrays, strict=True)))
        if message is None and cause is not None:
            raise cause
        raise ShapeError(message) from cause

    def _explained(self, arrays: dict[str, Any]) -> str | None:
        """What is wrong with the first argument that does not fit, in the cell's own words; None when all fit."""
        for name, value in arrays.items():
            if not isinstance(value, self.kind):
                expected = array_words(self.kind, self.arguments[name])
                return f"{self.owner}: argument `{name}` is {type_words(value)}; expected {expected}"
        weights = {name: value for name, value in arrays.items() if "batch" not in self.arguments[name]}
        known, origin = voted([(n, self.arguments[n].split(), tuple(v.shape)) for n, v in weights.items()], {})
        first = next(iter(arrays))
        for name, value in arrays.items():
            if problem := problem_with(value, self.arguments[name], known, origin, name):
                return f"{self.owner}: argument `{name}` {problem}"
            if kind_of(value) != kind_of(arrays[first]):
                kinds = f"{kind_words(value)}; expected {kind_words(arrays[first])}, as `{first}` is"
                return f"{self.owner}: argument `{name}` is {kinds}"
        return None


def _tuple_of(hints: Iterable[Any]) -> Any:
    found = tuple(hints)
    return tuple[found] if found else tuple[()]  # type: ignore[valid-type]  # made at run time, for beartype


def _is_off() -> bool:
    torch = sys.modules.get("torch")
    return bool(config.jaxtyping_disable) or (torch is not None and torch.compiler.is_compiling())


def _without_memory(like: Any, shape: tuple[int, ...]) -> Any:
    if isinstance(like, np.ndarray):
        return np.broadcast_to(np.zeros((), like.dtype), shape)
    return like.new_empty(()).expand(shape)
