"""Arrays in tuples, lists, dicts and dataclasses: as code takes its parameters, and as it returns its results."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Tree = Any
DEEPEST = 20  # levels


def leaves(tree: Tree) -> Iterator[Any]:
    """The leaves of a tree, from left to right; None is nothing."""
    if tree is None:
        return
    branches = _branches(tree)
    if branches is None:
        yield tree
    else:
        for branch in branches.values():
            yield from leaves(branch)


class TooDeep(ValueError):
    """A tree that has itself in it, or is as deep as if it had."""


def flat(tree: Tree, inside: str = "", depth: int = 0) -> dict[str, Any]:
    """The arrays in a tree under names like `cell.kernel`. Raises TooDeep."""
    if depth > DEEPEST:
        raise TooDeep(f"it is more than {DEEPEST} levels deep")
    found: dict[str, Any] = {}
    for key, branch in (_branches(tree) or {}).items():
        name = f"{inside}.{key}" if inside else key
        found |= {name: branch} if _branches(branch) is None else flat(branch, name, depth + 1)
    return found


def with_leaves(like: Tree, values: Mapping[str, Any], inside: str = "") -> Tree:
    """The same tree with other arrays, given under their names."""
    branches = _branches(like)
    if branches is None:
        return values[inside]
    made = {key: with_leaves(branch, values, f"{inside}.{key}" if inside else key) for key, branch in branches.items()}
    if isinstance(like, Mapping):
        return dict(zip(like, made.values(), strict=True))
    if isinstance(like, list):
        return list(made.values())
    return (
        type(like)(*made.values()) if hasattr(like, "_fields") or not isinstance(like, tuple) else tuple(made.values())
    )


def mapped(function: Callable[[Any], Any], tree: Tree) -> Tree:
    """A tuple, of tuples too, with each array replaced."""
    if isinstance(tree, tuple):
        return tuple(mapped(function, branch) for branch in tree)
    return function(tree)


def _branches(tree: Tree) -> dict[str, Any] | None:
    if isinstance(tree, Mapping):
        return {str(key): value for key, value in tree.items()}
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return {field.name: getattr(tree, field.name) for field in dataclasses.fields(tree)}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return dict(zip(tree._fields, tree, strict=True))
    if isinstance(tree, tuple | list):
        return {str(at): value for at, value in enumerate(tree)}
    return None
