"""To run a file to its end though classes of it cannot be declared: each has its findings, and the rest is run.

Whatever a class statement raises ends that statement alone, also where it is no finding but an error of Python's.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any, NoReturn

from ..diagnostics import Code, Diagnostic, SpecError, here
from ._attempt import failed, sited

_FEATURES = tuple(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


# Python's rule, which is known to few: what is missing in the body itself never comes to this.
OUTSIDE = "a lambda or a comprehension does not see the names of a class body: write a function above it, and call that"


class Unusable:
    """Stands for a class that could not be declared; whatever uses it is told so."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __mro_entries__(self, bases: tuple[object, ...]) -> NoReturn:
        raise self._refusal()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise self._refusal()

    def _refusal(self) -> SpecError:
        message = f"`{self._name}` cannot be used: it could not be declared"
        return SpecError([Diagnostic(Code.LS207, message, here(), help=f"mend `{self._name}` first")])


def run(path: Path, names: dict[str, Any], found: list[Diagnostic] | None = None) -> None:
    """Run a file. Raises whatever it raises.

    Args:
        path: The file.
        names: Its globals.
        found: Takes the findings of each class of the file that cannot be declared, and the rest is run all the same.

    """
    with _builtins_kept():
        _run(path, names, found)


@contextlib.contextmanager
def _builtins_kept() -> Iterator[None]:
    """Python's own functions as they were: a file that replaces one would have the checker call it."""
    namespace = vars(builtins)
    before = dict(namespace)
    try:
        yield
    finally:
        namespace.update(before)


def _run(path: Path, names: dict[str, Any], found: list[Diagnostic] | None) -> None:
    source = path.read_bytes()
    code = compile(source, str(path), "exec", dont_inherit=True)
    rest: list[ast.stmt] | None = None
    while True:
        try:
            exec(code, names)
            return
        except Exception as error:
            if rest is None:
                rest = _statements(source, path)
            at = _declaring(rest, error.__traceback__)
            if found is None or at is None:
                raise
            found += _of_class(str(path), at.name, error)
            names[at.name] = Unusable(at.name)
            rest = rest[rest.index(at) + 1 :]
        code = _compiled(rest, path, code)


def _of_class(path: str, name: str, error: Exception) -> tuple[Diagnostic, ...]:
    if isinstance(error, SpecError):
        return sited(path, error)
    found = failed(path, error, f"`{name}` cannot be declared")
    return (replace(found, help=OUTSIDE) if isinstance(error, NameError) else found,)


def _statements(source: bytes, path: Path) -> list[ast.stmt]:
    tree = compile(source, str(path), "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    return tree.body if isinstance(tree, ast.Module) else []


def _declaring(statements: list[ast.stmt], trace: TracebackType | None) -> ast.ClassDef | None:
    """The class statement of the file itself that was being run. The first frame is `run`, the second the file."""
    line = trace.tb_next.tb_lineno if trace is not None and trace.tb_next is not None else 0
    for one in statements:
        first = min([one.lineno, *(decorator.lineno for decorator in getattr(one, "decorator_list", ()))])
        if isinstance(one, ast.ClassDef) and first <= line <= (one.end_lineno or one.lineno):
            return one
    return None


def _compiled(statements: list[ast.stmt], path: Path, before: CodeType) -> CodeType:
    """Statements with the features of the future that the whole file has."""
    flags = sum(flag for flag in _FEATURES if before.co_flags & flag)
    code: CodeType = compile(ast.Module(statements, []), str(path), "exec", flags, dont_inherit=True)
    return code
