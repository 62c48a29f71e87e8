"""What the source of a file says without running it: whether it can declare cells, and which it declares twice.

A folder holds files of all kinds, and to import one is to run it. One that imports nothing of lstmspec, directly or by
way of its neighbours, or has no class that could be a cell, is never run.
"""

from __future__ import annotations

import ast
import builtins
import errno
import os
import re
import stat
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..diagnostics import Place, Site
from ._attempt import is_installed
from ._file_sites import Spot

PACKAGE = __name__.partition(".")[0]
LONGEST = 1_000_000  # bytes; a specification is never that long
READABLE = 32_000_000  # bytes; nothing longer is looked into
# Read with a pattern first: it is fast, and a file that does not parse is known to be about cells all the same. Where
# it meets fewer imports than there are such words, the file is parsed.
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^()]*\)|[^\n]*)|import[ \t]+([^\n]*))", re.MULTILINE
)
_WORD = re.compile(r"\bimport\b|import_module|__import__|runpy")

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


class Sources:
    """The source files seen so far, each read once; those that cannot be read, with the reason."""

    def __init__(self) -> None:
        self._texts: dict[Path, str] = {}
        self.unreadable: dict[Path, OSError] = {}
        self._imports: dict[Path, tuple[str, ...]] = {}
        self._near: dict[Path, bool] = {}
        self._walked: set[Path] = set()

    def text(self, path: Path) -> str:
        """What stands in a file, with what is no UTF-8 replaced; nothing for one that cannot be read."""
        if path not in self._texts:
            try:
                self._texts[path] = source_of(path).decode("utf-8-sig", errors="replace")
            except OSError as error:
                self._texts[path], self.unreadable[path] = "", error
        return self._texts[path]

    def can_declare_cells(self, path: Path) -> bool:
        """Whether running the file could make a cell."""
        if not self._reaches_package(path):
            return False
        text = self.text(path)
        # One that is not worth parsing, or cannot be, is refused later: what it is about is known from its imports.
        tree = parsed(text) if len(text) <= LONGEST else None
        if tree is None:
            return True
        bound, classes = _bindings(tree), [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        bound |= {node.name: () for node in classes}  # these are judged by their own bases
        return any(self._may_be_cell(path, base, bound) for node in classes for base in node.bases)

    def _may_be_cell(self, path: Path, base: ast.expr, bound: Mapping[str, tuple[str, ...]]) -> bool:
        while isinstance(base, ast.Attribute | ast.Call | ast.Subscript):
            base = base.func if isinstance(base, ast.Call) else base.value
        if not isinstance(base, ast.Name) or base.id not in bound:
            return not (isinstance(base, ast.Name) and hasattr(builtins, base.id))
        return any(self._may_have_cells(path, module) for module in bound[base.id])

    def _may_have_cells(self, path: Path, module: str) -> bool:
        if _is_package(module):
            return True
        if (file := neighbour(path, module)) is not None:
            return self._reaches_package(file)
        # What comes from elsewhere may be a cell of another package, if this file has to do with cells itself.
        elsewhere = module.strip(".") and module.partition(".")[0] not in sys.stdlib_module_names
        return bool(elsewhere) and any(_is_package(name) for name in self._imported(path))

    def _reaches_package(self, path: Path) -> bool:
        """Whether the package is imported, by the file or by a neighbour that it imports, however far away."""
        seen, waiting = {path}, [path]
        while waiting:
            here = waiting.pop()
            names = self._imported(here)
            if self._near.get(here) or any(_is_package(name) for name in names):
                self._near[path] = True
                return True
            if self._near.get(here) is None:
                found = [file for name in names if (file := neighbour(here, name)) is not None and file not in seen]
                seen.update(found)
                waiting += found
        self._near |= dict.fromkeys(seen, False)
        return False

    def libraries(self, path: Path) -> list[str]:
        """The modules from elsewhere that the file imports whatever happens, by itself or by its neighbours.

        No file is looked at twice: what it imports has been said.
        """
        found, waiting = dict[str, None](), [path]
        while waiting:
            here = waiting.pop()
            if here in self._walked or is_installed(str(here)):
                continue
            self._walked.add(here)
            tree = parsed(self.text(here)) if len(self.text(here)) <= LONGEST else None
            for name in _imported_first(tree.body if tree is not None else ()):
                if (file := neighbour(here, name)) is not None:
                    waiting.append(file)
                elif name[0] != "." and not _is_package(name):
                    found[name] = None
        return list(found)

    def _imported(self, path: Path) -> tuple[str, ...]:
        if path not in self._imports:
            self._imports[path] = tuple(dict.fromkeys(imported(self.text(path))))
        return self._imports[path]


def source_of(path: Path) -> bytes:
    """The bytes of a file, which is one: a pipe or a device of that name would be waited for, or fill the memory.

    Raises:
        OSError: it is none, or cannot be read.

    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, f"it is {_KINDS.get(stat.S_IFMT(status.st_mode), 'no file')}")
    if status.st_size > READABLE:
        raise OSError(errno.EFBIG, f"it has {status.st_size:,} bytes")
    return path.read_bytes()


def parsed(text: str) -> ast.Module | None:
    """The syntax tree, or None for what is no Python."""
    try:
        with warnings.catch_warnings(action="ignore"):  # they are given when the file runs
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def imported(text: str) -> Iterator[str]:
    """The modules that a source imports, as written, and each name of a `from` as if it were a module."""
    text = text.replace("\\\n", " ")  # a statement may go on in the next line
    statements = _IMPORT.findall(text)
    if len(statements) < len(_WORD.findall(text)) and len(text) <= LONGEST:  # some may stand in comments alone
        yield from _otherwise_imported(text)
    for source, names, modules in statements:
        if modules:
            yield from (part.split()[0] for part in modules.split(",") if part.split())
            continue
        yield source
        for part in names.strip("()").split(","):
            if part.split():
                yield f"{source}{'.' if source.strip('.') else ''}{part.split()[0]}"


def _otherwise_imported(text: str) -> Iterator[str]:
    """The modules that a source imports where the pattern does not look: behind a semicolon, a colon, a break."""
    if PACKAGE in text and any(word in text for word in ("import_module", "__import__", "runpy")):
        yield PACKAGE
    tree = parsed(text)
    for modules in _bindings(tree).values() if tree is not None else ():
        yield from modules


def neighbour(path: Path, module: str) -> Path | None:
    """The file that a module's name means in another file: relative to it, beside it, or in its package's folder."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    starts = [path.parent, import_root(path)] if not level else [path.parent]
    for _ in range(level - 1):
        starts = [starts[0].parent]
    parts = name.split(".") if name else []
    for start in dict.fromkeys(starts):
        for file in (
            start.joinpath(*parts, "__init__.py"),
            start.joinpath(*parts[:-1], f"{parts[-1]}.py") if parts else path,
        ):
            if file != path and os.path.isfile(file):
                return file
    return None


def import_root(path: Path) -> Path:
    """The folder that Python must look in to import a file: its own, or the one that its whole package is in."""
    folder = path.parent
    while os.path.isfile(folder / "__init__.py") and folder.parent != folder:
        folder = folder.parent
    return folder


def declared_twice(path: Path, text: str) -> Iterator[tuple[str, Site, int]]:
    """The classes of a file that replace an earlier one of their name: name, where, and the line of the first."""
    tree = parsed(text)
    first: dict[str, int] = {}
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.ClassDef):
            line = first.setdefault(node.name, node.lineno)
            if line != node.lineno:
                end = node.col_offset + len(f"class {node.name}")
                yield node.name, Spot(Place(os.fspath(path), node.lineno, node.col_offset, node.lineno, end)), line


def _is_package(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE


def _imported_first(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """The modules of import statements that stand in no other statement."""
    for one in statements:
        if isinstance(one, ast.Import):
            yield from (alias.name for alias in one.names)
        elif isinstance(one, ast.ImportFrom):
            yield f"{'.' * one.level}{one.module or ''}"


def _bindings(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """Name → the modules that it may come from."""
    bound: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            bound |= {alias.asname or alias.name.partition(".")[0]: (alias.name,) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            dot = "." if node.module else ""
            bound |= {alias.asname or alias.name: (module, f"{module}{dot}{alias.name}") for alias in node.names}
    return bound
