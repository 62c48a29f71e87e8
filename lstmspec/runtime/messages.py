"""What is wrong with an array, in words: its kind, its shape, its dtype."""

from typing import Any

import numpy as np

from .sizes import evaluate, names


class ShapeError(TypeError):
    """An argument does not have the shape or the dtype that the cell's equations ask for."""


def problem_with(
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
        elif not names(text) <= known.keys():
            if not all_known:
                continue
            return f"has shape {got}; expected {expected}: no size fits {text} = {size}{_values(known, origin)}"
        elif (wanted := evaluate(text, known)) != size:
            meant = text if text.isdigit() else f"{text} = {wanted}"
            return f"has shape {got}; expected {expected}: axis {axis} is {size}, not {meant}{_values(known, origin)}"
    if not _is_floating(value):
        return f"has dtype {value.dtype}; expected a floating one"
    return None


def _values(known: dict[str, int], origin: dict[str, str]) -> str:
    parts = [f"{dim} = {value} (from `{origin[dim]}`)" for dim, value in known.items()]
    return f"; {', '.join(parts)}" if parts else ""


def array_words(kind: type, axes: str) -> str:
    """An array of that kind and those axes."""
    return f"a {named(kind)} of shape ({', '.join(axes.split())})"


def type_words(value: Any) -> str:
    """The type of a value."""
    return "None" if value is None else named(type(value))


def named(kind: type) -> str:
    """A type with its package."""
    module = kind.__module__.partition(".")[0]
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def kind_words(value: Any) -> str:
    """The dtype of an array and, for tensors, the device."""
    return " on ".join(str(part) for part in kind_of(value) if part is not None)


def kind_of(value: Any) -> tuple[Any, ...]:
    """What all arrays of a call share: dtype and, for tensors, device."""
    return (value.dtype, None if isinstance(value, np.ndarray) else value.device)


def _is_floating(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return bool(np.issubdtype(value.dtype, np.floating))
    return bool(value.dtype.is_floating_point)
