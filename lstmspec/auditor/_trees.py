"""Arrays in tuples, lists, dicts and dataclasses: as code takes its parameters, and as it returns its results."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Nest = Any


def leaves(nest: Nest) -> Iterator[Any]:
    """All that is in a nest and no nest, from left to right; None is nothing."""
    if nest is None:
        return
    parts = _parts(nest)
    if parts is None:
        yield nest
    else:
        for part in parts.values():
            yield from leaves(part)


def flat(nest: Nest, inside: str = "") -> dict[str, Any]:
    """The arrays in a nest under names like `cell.kernel`."""
    found: dict[str, Any] = {}
    for key, part in (_parts(nest) or {}).items():
        name = f"{inside}.{key}" if inside else key
        found |= {name: part} if _parts(part) is None else flat(part, name)
    return found


def nested(like: Nest, values: Mapping[str, Any], inside: str = "") -> Nest:
    """The same nest with other arrays, given under their names."""
    parts = _parts(like)
    if parts is None:
        return values[inside]
    made = {key: nested(part, values, f"{inside}.{key}" if inside else key) for key, part in parts.items()}
    if isinstance(like, Mapping):
        return dict(zip(like, made.values(), strict=True))
    if isinstance(like, list):
        return list(made.values())
    return (
        type(like)(*made.values()) if hasattr(like, "_fields") or not isinstance(like, tuple) else tuple(made.values())
    )


def mapped(function: Callable[[Any], Any], nest: Nest) -> Nest:
    """A tuple, of tuples too, with each array replaced."""
    if isinstance(nest, tuple):
        return tuple(mapped(function, part) for part in nest)
    return function(nest)


def _parts(nest: Nest) -> dict[str, Any] | None:
    if isinstance(nest, Mapping):
        return {str(key): value for key, value in nest.items()}
    if dataclasses.is_dataclass(nest) and not isinstance(nest, type):
        return {field.name: getattr(nest, field.name) for field in dataclasses.fields(nest)}
    if isinstance(nest, tuple) and hasattr(nest, "_fields"):
        return dict(zip(nest._fields, nest, strict=True))
    if isinstance(nest, tuple | list):
        return {str(at): value for at, value in enumerate(nest)}
    return None
