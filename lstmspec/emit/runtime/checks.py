"""Run-time checks of generated models: jaxtyping annotations, enforced by beartype at the sequence boundary."""

import functools
import inspect
import operator
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from beartype import beartype
from jaxtyping import TypeCheckError, config, jaxtyped


class ShapeError(TypeError):
    """An argument does not have the shape or the dtype that the cell's equations ask for."""


Source = tuple[str, int, str, str]  # argument, axis, factor, rest: that axis has size factor * dimension + rest


def checked(owner: str, **sources: Source) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Check a function's annotations when it is called, before any arithmetic.

    `sources` says for each dimension symbol which argument shows it. They are bound first, through the function's first
    parameter `sizes`, an array without memory whose shape is (n, k, ...); so an argument that disagrees with the
    weights is the one that is blamed. The other arguments are passed on as they are.

    Nothing is checked under JAXTYPING_DISABLE=1, nor while torch.compile traces the call: it would record the checks.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        strict = jaxtyped(function, typechecker=beartype)
        hints = {name: p.annotation for name, p in inspect.signature(function).parameters.items()}
        names = [name for name in hints if name != "sizes"]
        dims = hints["sizes"].dim_str.split()
        floating = [place for place, name in enumerate(names) if hasattr(hints[name], "dim_str")]

        def sized(args: tuple[Any, ...]) -> Any:
            known: dict[str, Any] = {}
            for dim, (source, axis, factor, rest) in sources.items():
                size = args[names.index(source)].shape[axis]
                known[dim] = (size - _evaluate(rest, known)) // _evaluate(factor, known)
            return _without_memory(args[floating[0]], tuple(known[dim] for dim in dims))

        @functools.wraps(function)
        def call(*args: Any) -> Any:
            if _is_off():
                return function(sized(args), *args)
            try:
                kinds = [_kind(args[place]) for place in floating]
                if kinds.count(kinds[0]) == len(kinds):
                    return strict(sized(args), *args)
                cause = None
            except (TypeCheckError, AttributeError, IndexError, TypeError, ValueError) as error:
                cause = error
            message = _explained(owner, hints, dict(zip(names, args, strict=True)))
            if message is None and cause is not None:
                raise cause
            raise ShapeError(message) from cause

        return call

    return decorate


def sizes_given(owner: str, **sizes: Any) -> tuple[Any, ...]:
    """Sizes as users give them to a constructor, as integers. Raises ValueError for what is no positive integer."""
    found = []
    for name, size in sizes.items():
        if type(size).__name__ != "SymInt":  # symbolic sizes stay symbolic
            try:
                whole = operator.index(size)
            except TypeError:
                whole = 0
            if whole < 1 or isinstance(size, bool):
                raise ValueError(f"{owner}: {name} = {size!r} is no size; expected a positive integer")
            found.append(whole)
        else:
            found.append(size)
    return tuple(found)


def is_a(owner: str, argument: str, value: Any, kind: type) -> None:
    """Raise ShapeError when an argument is no instance of a class."""
    if not isinstance(value, kind):
        what = f"a {_named(kind)}" if kind.__module__.startswith("numpy") else f"this module's {kind.__name__}"
        raise ShapeError(f"{owner}: argument `{argument}` is {_type(value)}; expected {what}")


def sizes_in_spec(owner: str, spec: Any, shapes: dict[str, str], kind: type, **given: int) -> dict[str, int]:
    """Check parameters given under the names of the equations; the sizes that they show, or that are given.

    Raises:
        ShapeError: a name is missing or unknown, or an array has a shape or a dtype that the others contradict.

    """
    if missing := [name for name in shapes if name not in spec]:
        raise ShapeError(f"{owner}: parameters {missing} are missing; expected {list(shapes)}")
    if unknown := [name for name in spec if name not in shapes]:
        raise ShapeError(f"{owner}: {unknown} are no parameters of this cell; expected {list(shapes)}")
    for name, axes in shapes.items():
        if not isinstance(spec[name], kind):
            raise ShapeError(f"{owner}: `{name}` is {_type(spec[name])}; expected {_array(kind, axes)}")
    axes_of = [(name, axes.split(), tuple(spec[name].shape)) for name, axes in shapes.items()]
    known, origin = _voted(axes_of, given)
    first = next(iter(shapes), "")
    for name, axes in shapes.items():
        if problem := _problem(spec[name], axes, known, origin, name, all_known=True):
            raise ShapeError(f"{owner}: `{name}` {problem}")
        if _kind(spec[name]) != _kind(spec[first]):
            raise ShapeError(
                f"{owner}: `{name}` is {_said(spec[name])}; expected {_said(spec[first])}, as `{first}` is"
            )
    return known


# -- when something is wrong -----------------------------------------------------------------------------------------


def _explained(owner: str, hints: dict[str, Any], values: dict[str, Any]) -> str | None:
    """What is wrong with the first argument that does not fit, in the cell's own words; None when all fit."""
    arrays = {name: value for name, value in values.items() if hasattr(hints[name], "dim_str")}
    for name, value in arrays.items():
        if not isinstance(value, hints[name].array_type):
            expected = _array(hints[name].array_type, hints[name].dim_str)
            return f"{owner}: argument `{name}` is {_type(value)}; expected {expected}"
    weights = {name: value for name, value in arrays.items() if "batch" not in hints[name].dim_str}
    axes_of = [(name, hints[name].dim_str.split(), tuple(value.shape)) for name, value in weights.items()]
    known, origin = _voted(axes_of, {})
    first = next(iter(arrays))
    for name, value in arrays.items():
        if problem := _problem(value, hints[name].dim_str, known, origin, name):
            return f"{owner}: argument `{name}` {problem}"
        if _kind(value) != _kind(arrays[first]):
            kinds = f"{_said(value)}; expected {_said(arrays[first])}, as `{first}` is"
            return f"{owner}: argument `{name}` is {kinds}"
    return None


def _problem(
    value: Any, axes: str, known: dict[str, int], origin: dict[str, str], name: str, *, all_known: bool = False
) -> str | None:
    """What is wrong with an array's shape and dtype, given the sizes known so far; a new symbol is bound by it.

    With `all_known`, a size with a symbol that nothing has bound is one that no symbol's value fits.
    """
    parts, got = axes.split(), tuple(value.shape)
    expected = f"({', '.join(parts)})"
    if len(got) != len(parts):
        count = "1 axis" if len(got) == 1 else f"{len(got)} axes"
        return f"has shape {got}, {count}; expected {expected}{_values(known, origin)}"
    for axis, (text, size) in enumerate(zip(parts, got, strict=True)):
        if text.isidentifier() and text not in known:
            known[text], origin[text] = size, name
        elif not _names(text) <= known.keys():
            if not all_known:
                continue
            return f"has shape {got}; expected {expected}: no size fits {text} = {size}{_values(known, origin)}"
        elif (wanted := _evaluate(text, known)) != size:
            meant = text if text.isdigit() else f"{text} = {wanted}"
            return f"has shape {got}; expected {expected}: axis {axis} is {size}, not {meant}{_values(known, origin)}"
    if not _is_floating(value):
        return f"has dtype {value.dtype}; expected a floating one"
    return None


def _voted(
    arrays: Iterable[tuple[str, list[str], tuple[int, ...]]], given: dict[str, int]
) -> tuple[dict[str, int], dict[str, str]]:
    """The sizes on which most axes agree, and an array that shows each: so the odd one out is to blame."""
    axes = [(name, text, size) for name, texts, shape in arrays for text, size in zip(texts, shape, strict=False)]
    known = dict(given)
    origin = dict.fromkeys(given, "the argument of that name")
    while True:
        votes: dict[tuple[str, int], list[str]] = {}
        for name, text, size in axes:
            open_ = [dim for dim in _names(text) if dim not in known]
            if len(open_) == 1 and (value := _solved(text, open_[0], size, known)) is not None:
                votes.setdefault((open_[0], value), []).append(name)
        if not votes:
            return known, origin
        (dim, value), names = max(votes.items(), key=lambda vote: len(vote[1]))
        known[dim], origin[dim] = value, names[0]


def _solved(text: str, dim: str, size: int, known: dict[str, int]) -> int | None:
    """The positive integer that a dimension is when `text`, linear in it, has this size."""
    rest = _evaluate(text, known | {dim: 0})
    factor = _evaluate(text, known | {dim: 1}) - rest
    linear = _evaluate(text, known | {dim: 2}) - rest == 2 * factor
    fits = linear and factor > 0 and size > rest and (size - rest) % factor == 0
    return (size - rest) // factor if fits else None


def _names(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", text))


def _evaluate(text: str, known: dict[str, Any]) -> Any:
    """The value of a size such as `4*k` or `n+k`."""
    if text.isdigit():
        return int(text)
    total = 0
    for sign, product in re.findall(r"([+-]?)([^+-]+)", text):
        value = -1 if sign == "-" else 1
        for factor in product.split("*"):
            value = value * (int(factor) if factor.isdigit() else known[factor])
        total = total + value
    return total


def _values(known: dict[str, int], origin: dict[str, str]) -> str:
    parts = [f"{dim} = {value} (from `{origin[dim]}`)" for dim, value in known.items()]
    return f"; {', '.join(parts)}" if parts else ""


def _array(kind: type, axes: str) -> str:
    return f"a {_named(kind)} of shape ({', '.join(axes.split())})"


def _type(value: Any) -> str:
    return "None" if value is None else _named(type(value))


def _named(kind: type) -> str:
    module = kind.__module__.partition(".")[0]
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def _said(value: Any) -> str:
    return " on ".join(str(part) for part in _kind(value) if part is not None)


# -- what the two kinds of array have in common ----------------------------------------------------------------------


def _is_off() -> bool:
    torch = sys.modules.get("torch")
    return bool(config.jaxtyping_disable) or (torch is not None and torch.compiler.is_compiling())


def _without_memory(like: Any, shape: tuple[int, ...]) -> Any:
    if isinstance(like, np.ndarray):
        return np.broadcast_to(np.zeros((), like.dtype), shape)
    return like.new_empty(()).expand(shape)


def _kind(value: Any) -> tuple[Any, ...]:
    """What all arrays of a call share: dtype and, for tensors, device."""
    return (value.dtype, None if isinstance(value, np.ndarray) else value.device)


def _is_floating(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return bool(np.issubdtype(value.dtype, np.floating))
    return bool(value.dtype.is_floating_point)
