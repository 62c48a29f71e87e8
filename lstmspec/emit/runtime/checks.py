"""Run-time checks of generated models: jaxtyping annotations, enforced by beartype at the sequence boundary."""

import functools
import inspect
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from beartype import beartype
from jaxtyping import TypeCheckError, config, jaxtyped


class ShapeError(TypeError):
    """An argument does not have the shape or the dtype that the cell's equations ask for."""


Sources = dict[str, tuple[str, int, int, str]]  # dimension → argument, axis, factor, what else is in that axis


def checked(owner: str, **sources: tuple[str, int, int, str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Check a function's annotations when it is called, before any arithmetic.

    `sources` says for each dimension symbol which argument shows it, (argument, axis, factor, rest): an axis of size
    4*k+n shows k, once n is known, as ("W", 0, 4, "n"). They are bound first,
    through the function's first parameter `sizes`, an array without memory whose shape is (n, k, ...); so an argument
    that disagrees with the weights is the one that is blamed. The other arguments are passed on as they are.

    Nothing is checked under JAXTYPING_DISABLE=1, nor while torch.compile traces the call: it would record the checks.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        strict = jaxtyped(function, typechecker=beartype)
        hints = {name: p.annotation for name, p in inspect.signature(function).parameters.items()}
        names = [name for name in hints if name != "sizes"]
        dims = hints["sizes"].dim_str.split()
        floating = [place for place, name in enumerate(names) if hasattr(hints[name], "dim_str")]

        @functools.wraps(function)
        def call(*args: Any) -> Any:
            try:
                known: dict[str, int] = {}
                for dim, (source, axis, factor, rest) in sources.items():
                    size = args[names.index(source)].shape[axis]
                    known[dim] = (size - _evaluate(rest, known) if rest != "0" else size) // factor
                sizes = _without_memory(args[floating[0]], tuple(known[dim] for dim in dims))
                if _is_off():
                    return function(sizes, *args)
                kinds = [_kind(args[place]) for place in floating]
                if kinds.count(kinds[0]) == len(kinds):
                    return strict(sizes, *args)
            except (TypeCheckError, AttributeError, IndexError, TypeError, ValueError) as error:
                message = _explained(owner, sources, hints, names, args)
                if message is None:
                    raise
                raise ShapeError(message) from error
            raise ShapeError(_explained(owner, sources, hints, names, args))

        return call

    return decorate


def _is_off() -> bool:
    torch = sys.modules.get("torch")
    return bool(config.jaxtyping_disable) or (torch is not None and torch.compiler.is_compiling())


def _without_memory(like: Any, shape: tuple[int, ...]) -> Any:
    if isinstance(like, np.ndarray):
        return np.broadcast_to(np.zeros((), like.dtype), shape)
    return like.new_empty(()).expand(shape)


def _kind(value: Any) -> tuple[Any, ...]:
    """What all arrays of a call share: dtype and, for tensors, device."""
    return (value.dtype, getattr(value, "device", None))


def _said(value: Any) -> str:
    return " on ".join(str(part) for part in _kind(value) if part is not None)


def _explained(
    owner: str, sources: Sources, hints: dict[str, Any], names: list[str], args: tuple[Any, ...]
) -> str | None:
    """What is wrong with the first argument that does not fit, in the cell's own words; None when all fit."""
    known, origin = _bound(sources, names, args)
    first: tuple[str, Any] | None = None
    # What shows the sizes is looked at first: if it contradicts itself, nothing else is to blame.
    showing = [source for source, *_ in sources.values()]
    for name in sorted(names, key=lambda name: name not in showing):
        hint, value = hints[name], args[names.index(name)]
        if not hasattr(hint, "dim_str"):
            continue
        expected = f"({', '.join(hint.dim_str.split())})"
        where = f"{owner}: argument `{name}`"
        if not isinstance(value, hint.array_type):
            kind = f"{hint.array_type.__module__.split('.')[0]}.{hint.array_type.__name__}"
            return f"{where} is {type(value).__module__}.{type(value).__name__}; expected a {kind} of shape {expected}"
        got = tuple(value.shape)
        if value.ndim != len(hint.dim_str.split()):
            return f"{where} has shape {got}, {value.ndim} axes; expected {expected}{_values(known, origin)}"
        for axis, (text, size) in enumerate(zip(hint.dim_str.split(), got, strict=True)):
            if text.isidentifier() and text not in known:
                known[text], origin[text] = size, name
            elif _names(text) <= known.keys() and (wanted := _evaluate(text, known)) != size:
                problem = f"axis {axis} is {size}, not {text} = {wanted}"
                return f"{where} has shape {got}; expected {expected}: {problem}{_values(known, origin)}"
        if not _is_floating(value):
            return f"{where} has dtype {value.dtype}; expected a floating one"
        if first is None:
            first = (name, value)
        elif _kind(value) != _kind(first[1]):
            return f"{where} is {_said(value)}; expected {_said(first[1])}, as `{first[0]}` is"
    return None


def _bound(sources: Sources, names: list[str], args: tuple[Any, ...]) -> tuple[dict[str, int], dict[str, str]]:
    """The sizes that can be read off the arguments, and which argument showed each."""
    known: dict[str, int] = {}
    origin: dict[str, str] = {}
    for dim, (source, axis, factor, rest) in sources.items():
        shape = getattr(args[names.index(source)], "shape", ())
        if len(shape) >= -axis and _names(rest) <= known.keys():
            size = shape[axis] - _evaluate(rest, known)
            if size % factor == 0:
                known[dim], origin[dim] = size // factor, source
    return known, origin


def _names(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", text))


def _evaluate(text: str, known: dict[str, int]) -> int:
    """The value of a size such as `4*k` or `n+k`."""
    return sum(
        (-1 if sign == "-" else 1) * _product(factors, known) for sign, factors in re.findall(r"([+-]?)([^+-]+)", text)
    )


def _product(text: str, known: dict[str, int]) -> int:
    value = 1
    for factor in text.split("*"):
        value *= int(factor) if factor.isdigit() else known[factor]
    return value


def _values(known: dict[str, int], origin: dict[str, str]) -> str:
    parts = [f"{dim} = {value} (from `{origin[dim]}`)" for dim, value in known.items()]
    return f"; {', '.join(parts)}" if parts else ""


def sizes_in_spec(owner: str, spec: dict[str, Any], shapes: dict[str, str], **sources: Any) -> dict[str, int]:
    """Check parameters given under the names of the equations; the sizes that they show.

    Raises:
        ShapeError: a name is missing or unknown, or an array has a shape that the others contradict.

    """
    if missing := [name for name in shapes if name not in spec]:
        raise ShapeError(f"{owner}: parameters {missing} are missing; expected {list(shapes)}")
    if unknown := [name for name in spec if name not in shapes]:
        raise ShapeError(f"{owner}: {unknown} are no parameters of this cell; expected {list(shapes)}")
    names = list(shapes)
    known, origin = _bound(sources, names, tuple(spec[name] for name in names))
    for name, axes in shapes.items():
        if not hasattr(spec[name], "dtype") or not _is_floating(spec[name]):
            kind = getattr(spec[name], "dtype", type(spec[name]).__name__)
            raise ShapeError(f"{owner}: `{name}` is {kind}; expected a floating array")
        if _kind(spec[name]) != _kind(spec[names[0]]):
            raise ShapeError(f"{owner}: `{name}` is {_said(spec[name])}, `{names[0]}` is {_said(spec[names[0]])}")
        got = tuple(spec[name].shape)
        parts = axes.split()
        wanted = tuple(_evaluate(text, known) if _names(text) <= known.keys() else None for text in parts)
        if got != wanted:
            expected = f"({', '.join(parts)})"
            raise ShapeError(f"{owner}: `{name}` has shape {got}; expected {expected}{_values(known, origin)}")
    return known


def _is_floating(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return bool(np.issubdtype(value.dtype, np.floating))
    return bool(value.dtype.is_floating_point)
