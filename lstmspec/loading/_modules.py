"""Files as modules: under which name one is imported, and how those of one folder are kept from those of another.

A file of a package is imported as a part of it, so that relative imports work; any other as a script's neighbour would
be, its own folder first on the path. Two folders may each have a `base.py`: the modules of a folder are forgotten when
the next folder's turn comes.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import linecache
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from ..diagnostics import Diagnostic
from ._attempt import is_installed
from ._declarations_run import run
from ._sources import import_root


@contextlib.contextmanager
def folder_on_path(root: Path) -> Iterator[None]:
    """Let imports find what is in this folder, and nothing that was imported from another under the same name."""
    before, path, writes = set(sys.modules), list(sys.path), sys.dont_write_bytecode
    hidden = put_folder_on_path(root)
    try:
        yield
    finally:
        sys.path[:], sys.dont_write_bytecode = path, writes
        for name in [name for name in sys.modules if name not in before or name in hidden]:
            if _root_of(name) == root:
                del sys.modules[name]
        sys.modules.update(hidden)


def put_folder_on_path(root: Path) -> dict[str, ModuleType]:
    """Do so for good. What was imported from elsewhere, under names that mean files of this folder now, is given."""
    own: set[str] = set()
    with contextlib.suppress(OSError):  # a folder whose files may be read need not be one that may be listed
        own = {entry.removesuffix(".py") for entry in os.listdir(root)}
    tops = {name for name in own if name in sys.modules}
    away = [name for name in sys.modules if name.partition(".")[0] in tops] if tops else []
    hidden = {name: sys.modules.pop(name) for name in away if _root_of(name) not in {None, root}}
    sys.path.insert(0, str(root))
    # A cache written now would be believed after an edit of the same second; and a checker leaves no files behind.
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    return hidden


def module_of(path: Path, found: list[Diagnostic] | None = None) -> ModuleType:
    """A file as a module, run if it has not been. Raises whatever running it raises.

    Args:
        path: The file.
        found: Takes the findings about classes that cannot be declared; without it, the first one is raised.

    """
    linecache.checkcache(str(path))  # findings show the lines that ran
    root = import_root(path)
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
    if all(part.isidentifier() for part in parts) and _is_free(name, path, packaged=len(parts) > 1):
        spec = importlib.util.find_spec(name)  # imports the packages that it is in, and they perhaps it
        if (done := sys.modules.get(name)) is not None and _file_of(done) == path:
            return done
        if spec is not None and spec.origin and Path(os.path.abspath(spec.origin)) == path:
            return _run_as(importlib.util.module_from_spec(spec), path, found)
    module = ModuleType(f"_lstmspec_file_{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}")  # as nothing else is
    module.__file__ = str(path)
    return _run_as(module, path, found)


def _run_as(module: ModuleType, path: Path, found: list[Diagnostic] | None) -> ModuleType:
    name = module.__name__
    sys.modules[name] = module
    try:
        run(path, vars(module), found)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    package, _, last = name.rpartition(".")
    if package:
        setattr(sys.modules[package], last, module)
    return sys.modules.get(name, module)


def _is_free(name: str, path: Path, packaged: bool) -> bool:
    """Whether a name means this file, or could; a script called like a module of Python's must not replace it."""
    if packaged:
        return True
    taken = sys.modules.get(name)
    return name not in sys.stdlib_module_names and (taken is None or _file_of(taken) == path)


def _file_of(module: ModuleType) -> Path | None:
    file = getattr(module, "__file__", None)
    return Path(os.path.abspath(file)) if isinstance(file, str) else None


def _root_of(name: str) -> Path | None:
    """The folder on the path that a user's module was found in."""
    file = _file_of(sys.modules[name])
    if file is None or is_installed(str(file)):
        return None
    depth = name.count(".") + (file.name == "__init__.py")
    return file.parents[depth] if depth < len(file.parents) else None


def place_of_module(name: str) -> Path | None:
    """The file or package folder that a dotted name means, found without running any of it."""
    top, *rest = name.split(".")
    sys.path.insert(0, os.getcwd())  # as `python -m` does; the installed command does not
    importlib.invalidate_caches()
    try:
        spec = importlib.util.find_spec(top) if top.isidentifier() else None
    except (ImportError, ValueError):
        spec = None
    finally:
        sys.path.pop(0)
    if spec is None:
        return None
    folders = list(spec.submodule_search_locations or ())
    if not rest and not folders:
        return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    for folder in folders:
        place = Path(folder, *rest)
        if os.path.isdir(place) or os.path.isfile(place := place.with_name(f"{place.name}.py")):
            return place
    return None
