"""The other side of an audit: somebody else's code with its arrays, as a function of arrays.

An nn.Module's arrays are its parameters. Of a plain function they are given, and it gets them as its first argument.
Neither side may see an array that the other changes in place, so each gets copies.
"""

from __future__ import annotations

import contextlib
import copy
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from ..diagnostics import said as worded
from ._options import shapes_of
from ._parts_and_slots import Array, Shape
from ._trees import Tree, leaves, mapped, with_leaves

Cotangent = Callable[[int, Shape], Array | None]


class Callee(Protocol):
    """Somebody else's code."""

    shapes: Mapping[str, Shape]
    failure: str  # why gradients could not be had, in the code's own words

    def __call__(self, arrays: Mapping[str, Array], args: Sequence[Tree]) -> list[Array]:
        """The arrays of numbers that it returns, from left to right. Raises whatever it raises."""

    def gradients(
        self, arrays: Mapping[str, Array], args: Sequence[Tree], d: Cotangent
    ) -> tuple[dict[str, Array], list[Array]] | None:
        """Gradients of Σ d·result for its arrays and for the arrays in `args`; None when it has none.

        `d` gives the cotangent of a result from its place and shape; None for one that does not count. Where the code
        raises, its gradients are no numbers.
        """


def callee(module: Any, arrays: Tree | None) -> Callee:
    """Somebody else's code in the form that an audit needs. Raises TypeError when it is none."""
    torch = sys.modules.get("torch")  # whoever has a module has imported it
    if torch is not None and isinstance(module, torch.nn.Module):
        try:
            return TorchModule(torch, module)
        except Exception as error:  # a module is copied and moved by code of its own
            raise TypeError(f"it cannot be copied to the CPU in float64: {said(error)}") from error
    if isinstance(module, type):
        raise TypeError(f"{module.__name__} is a class: make one, {module.__name__}(…)")
    if not callable(module):
        raise TypeError(f"{type(module).__name__} cannot be called")
    if arrays is None:
        raise TypeError("a function has no parameters of its own: give arrays={name: array}, as it takes them first")
    shapes_of(arrays)  # raises where they are no tree of arrays, before anything walks it
    if torch is not None and any(isinstance(value, torch.Tensor) for value in leaves(arrays)):
        return TorchFunction(torch, module, arrays)
    return Function(module, arrays)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Code is called hundreds of times: its prints and warnings are no answers, and copies of this process must end."""
    process = os.getpid()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            yield
        except SystemExit as error:  # code may leave; the audit goes on
            raise RuntimeError(f"it leaves with SystemExit({worded(error)})") from error
        finally:
            if os.getpid() != process:  # else each copy would go on with the audit, and be copied again
                os._exit(0)


class Function:
    """A function of NumPy arrays, whose first argument is a tree of them."""

    failure = ""

    def __init__(self, function: Callable[..., Any], arrays: Tree) -> None:
        self._function, self._arrays = function, arrays
        self.shapes: Mapping[str, Shape] = shapes_of(arrays)

    def __call__(self, arrays: Mapping[str, Array], args: Sequence[Tree]) -> list[Array]:
        """See Callee."""
        given = with_leaves(self._arrays, {name: np.array(value) for name, value in arrays.items()})
        with _quiet():
            found = self._function(given, *(mapped(np.array, arg) for arg in args))
            return [np.asarray(value) for value in numbers(found)]

    def gradients(
        self, arrays: Mapping[str, Array], args: Sequence[Tree], d: Cotangent
    ) -> tuple[dict[str, Array], list[Array]] | None:
        """None: a function of NumPy arrays says nothing of its derivative."""
        return None


class TorchFunction:
    """A function of tensors, whose first argument is a tree of them."""

    failure = ""

    def __init__(self, torch: Any, function: Callable[..., Any], arrays: Tree) -> None:
        self._torch, self._function, self._arrays = torch, function, arrays
        self.shapes: Mapping[str, Shape] = shapes_of(arrays)

    def _run(self, leafs: Sequence[Any], args: Sequence[Tree]) -> Any:
        return self._function(with_leaves(self._arrays, dict(zip(self.shapes, leafs, strict=True))), *args)

    def __call__(self, arrays: Mapping[str, Array], args: Sequence[Tree]) -> list[Array]:
        """See Callee."""
        torch = self._torch
        with torch.no_grad(), _quiet():
            found = self._run(self._leafs(arrays), [mapped(torch.tensor, arg) for arg in args])
            return [value.numpy() if isinstance(value, torch.Tensor) else np.asarray(value) for value in numbers(found)]

    def _leafs(self, arrays: Mapping[str, Array]) -> list[Any]:
        """The tensors of the code, with these values."""
        return [self._torch.tensor(arrays[name], requires_grad=True) for name in self.shapes]

    def gradients(
        self, arrays: Mapping[str, Array], args: Sequence[Tree], d: Cotangent
    ) -> tuple[dict[str, Array], list[Array]] | None:
        """See Callee."""
        torch = self._torch
        own = self._leafs(arrays)
        given = [mapped(lambda value: torch.tensor(value, requires_grad=True), arg) for arg in args]
        wanted = [*own, *leaves(tuple(given))]
        loss = torch.zeros((), dtype=torch.float64)
        try:
            with _quiet():
                # A copy of each, which may be changed in place as an argument that needs no gradient may be.
                results = numbers(self._run(own, [mapped(torch.clone, arg) for arg in given]))
                for at, result in enumerate(results):
                    if (seed := d(at, tuple(np.shape(result)))) is not None and isinstance(result, torch.Tensor):
                        loss = loss + (result * torch.tensor(seed)).sum()
                loss = loss + 0 * wanted[0].sum()  # a result that is cut off from everything has zeros for gradients
                found = torch.autograd.grad(loss, wanted, allow_unused=True, materialize_grads=True)
            values = [value.detach().numpy() for value in found]
        except Exception as error:  # its backward pass is code of its own
            self.failure = said(error)
            values = [np.full(tuple(value.shape), np.nan) for value in wanted]
        return dict(zip(self.shapes, values, strict=False)), values[len(own) :]


class TorchModule(TorchFunction):
    """A copy of an nn.Module, in float64 and without dropout."""

    def __init__(self, torch: Any, module: Any) -> None:
        self._module = copy.deepcopy(module).double().eval().cpu().requires_grad_()
        super().__init__(torch, self._module, dict(self._module.named_parameters()))

    def _leafs(self, arrays: Mapping[str, Array]) -> list[Any]:
        with self._torch.no_grad():
            for name, value in self._module.named_parameters():
                value.copy_(self._torch.tensor(arrays[name]))
        return list(self._module.parameters())

    def _run(self, leafs: Sequence[Any], args: Sequence[Tree]) -> Any:
        return self._module(*args)


def said(error: Exception) -> str:
    """An exception of somebody else's in a line, whatever its own `str` does."""
    try:
        first = next(iter(str(error).splitlines()), "")
    except Exception:
        first = ""
    return f"{type(error).__name__}: {first}".rstrip(": ")


def numbers(results: Tree) -> list[Any]:
    """The floating numbers and arrays of them among returned values; lengths, flags and names are no results."""
    return [value for value in leaves(results) if isinstance(value, float) or _kind(value) == "f"]


def _kind(value: Any) -> str:
    kind = getattr(value, "dtype", None)
    return "f" if getattr(kind, "is_floating_point", False) else str(getattr(kind, "kind", ""))
