"""The other side of an audit: somebody else's code with its arrays, as a function of arrays.

An nn.Module's arrays are its parameters. Of a plain function they are given, and it gets them as its first argument.
"""

from __future__ import annotations

import copy
import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from ._pieces import Array, Shape

Nest = Any  # arrays in tuples, lists, dicts and dataclasses


class Callee(Protocol):
    """Somebody else's code."""

    shapes: Mapping[str, Shape]

    def __call__(self, arrays: Mapping[str, Array], args: Sequence[Nest]) -> list[Array]:
        """The arrays that it returns, from left to right, in float64. Raises whatever it raises."""

    def gradients(
        self, arrays: Mapping[str, Array], args: Sequence[Nest], d: Callable[[int, Shape], Array | None]
    ) -> tuple[dict[str, Array], list[Array]] | None:
        """Gradients of Σ d·result for its arrays and for the arrays in `args`; None when it cannot be differentiated.

        `d` gives the cotangent of a result from its place and shape; None for one that does not count.
        """


def callee(module: Any, arrays: Mapping[str, Any] | None) -> Callee:
    """Somebody else's code in the form that an audit needs. Raises TypeError when it is none."""
    torch = sys.modules.get("torch")  # whoever has a module has imported it
    if torch is not None and isinstance(module, torch.nn.Module):
        return TorchModule(module)
    if not callable(module):
        raise TypeError(f"{type(module).__name__} cannot be called")
    if arrays is None:
        raise TypeError("a function has no parameters of its own: give arrays={name: array}, as it takes them first")
    return Function(module, arrays)


def leaves(nest: Nest) -> Iterator[Any]:
    """The arrays in a nest, from left to right."""
    if isinstance(nest, Mapping):
        nest = list(nest.values())
    elif dataclasses.is_dataclass(nest) and not isinstance(nest, type):
        nest = [getattr(nest, field.name) for field in dataclasses.fields(nest)]
    if isinstance(nest, tuple | list):
        for part in nest:
            yield from leaves(part)
    elif nest is not None:
        yield nest


def mapped(function: Callable[[Any], Any], nest: Nest) -> Nest:
    """The same nest with each array replaced."""
    if isinstance(nest, tuple):
        return tuple(mapped(function, part) for part in nest)
    return function(nest)


class TorchModule:
    """A copy of an nn.Module, in float64 and without dropout."""

    def __init__(self, module: Any) -> None:
        self._torch: Any = sys.modules["torch"]  # heavy, and an audit of functions does without
        self._module = copy.deepcopy(module).double().eval().cpu()
        self.shapes: Mapping[str, Shape] = {n: tuple(value.shape) for n, value in self._module.named_parameters()}

    def _load(self, arrays: Mapping[str, Array]) -> Any:
        with self._torch.no_grad():
            for name, value in self._module.named_parameters():
                value.copy_(self._torch.tensor(arrays[name]))
        return self._torch

    def __call__(self, arrays: Mapping[str, Array], args: Sequence[Nest]) -> list[Array]:
        """See Callee."""
        torch = self._load(arrays)
        with torch.no_grad():
            found = self._module(*(mapped(torch.tensor, arg) for arg in args))
        return [_number(value.numpy()) for value in leaves(found)]

    def gradients(
        self, arrays: Mapping[str, Array], args: Sequence[Nest], d: Callable[[int, Shape], Array | None]
    ) -> tuple[dict[str, Array], list[Array]] | None:
        """See Callee."""
        torch = self._load(arrays)
        given = [mapped(lambda value: torch.tensor(value, requires_grad=True), arg) for arg in args]
        results = list(leaves(self._module(*given)))
        seeds = [(result, d(at, tuple(result.shape))) for at, result in enumerate(results)]
        loss = sum((result * torch.tensor(seed)).sum() for result, seed in seeds if seed is not None)
        wanted = [*self._module.parameters(), *leaves(tuple(given))]
        if not isinstance(loss, torch.Tensor) or not loss.requires_grad:
            return None
        found = torch.autograd.grad(loss, wanted, allow_unused=True, materialize_grads=True)
        values = [value.numpy() for value in found]
        return dict(zip(self.shapes, values, strict=False)), values[len(self.shapes) :]


class Function:
    """A function whose first argument is a mapping of arrays."""

    def __init__(self, function: Callable[..., Any], arrays: Mapping[str, Any]) -> None:
        self._function = function
        self.shapes: Mapping[str, Shape] = {name: tuple(np.shape(value)) for name, value in arrays.items()}

    def __call__(self, arrays: Mapping[str, Array], args: Sequence[Nest]) -> list[Array]:
        """See Callee."""
        return [_number(np.asarray(value)) for value in leaves(self._function(dict(arrays), *args))]

    def gradients(
        self, arrays: Mapping[str, Array], args: Sequence[Nest], d: Callable[[int, Shape], Array | None]
    ) -> tuple[dict[str, Array], list[Array]] | None:
        """None: a function of arrays says nothing of its derivative."""
        return None


def _number(value: Array) -> Array:
    if value.dtype.kind not in "fiu":
        raise TypeError(f"it returns an array of {value.dtype}, not of numbers")
    return np.asarray(value, np.float64)
