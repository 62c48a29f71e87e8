"""Other people's code as the command line names it: `torch.nn:LSTM(n, k)`, `mine.py:make(n, k, bias=False)`."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..loading._attempt import printable
from ..loading._modules import folder_on_path, module_of

FORM = "expected package.module:NAME(n, k) or FILE.py:NAME(n, k)"


def made(text: str, sizes: Mapping[str, int]) -> tuple[Any, Mapping[str, Any] | None, str]:
    """What a MODULE names, made: the code, its arrays if it is a function, and what to call it.

    Raises:
        UsageError: it cannot be read, imported or made, with what came of it.

    """
    place, colon, call = text.rpartition(":")
    if not colon or not place or not call:
        raise click.UsageError(f"`{printable(text)}` names no code; {FORM}")
    try:
        tree = ast.parse(call.strip(), mode="eval").body
    except SyntaxError as error:
        raise click.UsageError(f"`{printable(call)}` cannot be read: {error.msg}; {FORM}") from error
    names, args, kwargs = _parsed(tree, call, sizes)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for findings
            found = _named(place, names)
            if isinstance(tree, ast.Call):
                found = found(*args, **kwargs)
            elif inspect.isclass(found):
                found = found(*sizes.values())
    except (Exception, SystemExit) as error:  # somebody else's code may raise anything
        message = f"`{printable(text)}` cannot be made: {type(error).__name__}: {printable(str(error))}"
        raise click.UsageError(f"{message}; sizes are {', '.join(f'{n} = {s}' for n, s in sizes.items())}") from error
    if isinstance(found, tuple) and len(found) == 2 and callable(found[0]) and isinstance(found[1], Mapping):
        return found[0], found[1], call.strip()
    return found, None, call.strip()


def _parsed(tree: ast.expr, call: str, sizes: Mapping[str, int]) -> tuple[list[str], list[Any], dict[str, Any]]:
    """The dotted name that is called, and its arguments."""
    function, args, keywords = (tree.func, tree.args, tree.keywords) if isinstance(tree, ast.Call) else (tree, [], [])
    names: list[str] = []
    while isinstance(function, ast.Attribute):
        names.insert(0, function.attr)
        function = function.value
    if not isinstance(function, ast.Name):
        raise click.UsageError(f"`{printable(call)}` is no name, with or without arguments; {FORM}")
    values = [_value(arg, sizes) for arg in args]
    return [function.id, *names], values, {str(word.arg): _value(word.value, sizes) for word in keywords}


def _value(node: ast.expr, sizes: Mapping[str, int]) -> Any:
    """A size, a sum or product of sizes, or whatever Python can read without running it."""
    if isinstance(node, ast.Name) and node.id in sizes:
        return sizes[node.id]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
        left, right = _value(node.left, sizes), _value(node.right, sizes)
        return left + right if isinstance(node.op, ast.Add) else left * right
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        known = ", ".join(sizes)
        message = f"`{ast.unparse(node)}` is neither a dimension of the cell ({known}) nor written out"
        raise click.UsageError(message) from error


def _named(place: str, names: list[str]) -> Any:
    if place.endswith(".py") or os.sep in place:
        path = Path(os.path.abspath(place))
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {place}")
        with folder_on_path(path.parent):
            found: Any = module_of(path)
    else:
        sys.path.insert(0, os.getcwd())  # as `python -m` does; the installed command does not
        try:
            found = importlib.import_module(place)
        finally:
            sys.path.remove(os.getcwd())
    for name in names:
        found = getattr(found, name)
    return found
