"""What a SPEC on the command line means: a built-in cell, a file, a class of a file, a class of a module."""

from __future__ import annotations

import hashlib
import importlib
import linecache
import os
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from .. import zoo
from ..cell import CellMeta
from ..diagnostics import Code, Diagnostic, Site, SpecError


def builtin_cells() -> dict[str, CellMeta]:
    """Name → built-in cell, in the order of the files."""
    found: dict[str, CellMeta] = {}
    for info in pkgutil.iter_modules(zoo.__path__):
        found |= {cell.__name__: cell for cell in cells_of(importlib.import_module(f"{zoo.__name__}.{info.name}"))}
    return found


def cells_of(module: ModuleType) -> list[CellMeta]:
    """The cells that a module declares itself, in order."""
    values = vars(module).values()
    own = (value for value in values if isinstance(value, CellMeta) and value.__module__ == module.__name__)
    return list(dict.fromkeys(cell for cell in own if cell.is_spec))


def load(specs: Iterable[str]) -> list[CellMeta]:
    """The cells that these SPECs name; all built-in ones when there are none.

    Raises:
        SpecError: LS213 for a SPEC that cannot be loaded, and what declaring its cells raises.

    """
    wanted = list(specs)
    if not wanted:
        return list(builtin_cells().values())
    return list(dict.fromkeys(cell for spec in wanted for cell in _load(spec)))


def _load(spec: str) -> list[CellMeta]:
    place, _, name = spec.partition(":")
    if place.endswith(".py"):
        module = _module_of_file(Path(place))
    elif name:
        module = _imported(place)
    else:
        cells = builtin_cells()
        by_name = {known.lower(): cell for known, cell in cells.items()}
        if place.lower() not in by_name:
            raise _failure(f"`{spec}` is no built-in cell", f"built in are {', '.join(cells)}; a file is FILE.py:Class")
        return [by_name[place.lower()]]
    cells_here = cells_of(module)
    if not name:
        if not cells_here:
            raise _failure(f"`{place}` declares no cell", "derive a class from lstmspec.Cell")
        return cells_here
    found = getattr(module, name, None)
    if not isinstance(found, CellMeta) or not found.is_spec:
        known = ", ".join(cell.__name__ for cell in cells_here) or "none"
        raise _failure(f"`{place}` has no cell `{name}`", f"its cells: {known}")
    return [found]


def _module_of_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise _failure(
            f"there is no file `{path}`", "a SPEC is a built-in cell, FILE.py, FILE.py:Class or module:Class"
        )
    # A name of its own for each file: two files called cells.py are two modules.
    name = f"_lstmspec_file_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        # Compiled from what is on disk now: a cached .pyc may be older than an edit of the same second.
        linecache.checkcache(str(path))
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    except SpecError:
        raise
    except (Exception, SystemExit) as error:
        message = f"`{path}` cannot be imported: {type(error).__name__}: {error}"
        raise SpecError([Diagnostic(Code.LS213, message, _raised_in(path, error))]) from error
    finally:
        sys.path.pop(0)
    return module


def _raised_in(path: Path, error: BaseException) -> Site | None:
    """The innermost place in the user's file that an error came through."""
    trace, found = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            found = Site(trace.tb_frame.f_code, trace.tb_lasti, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _imported(name: str) -> ModuleType:
    sys.path.insert(0, os.getcwd())  # as `python -m` does; the installed command does not
    try:
        return importlib.import_module(name)
    except SpecError:
        raise
    except (Exception, SystemExit) as error:
        raise _failure(f"module `{name}` cannot be imported: {type(error).__name__}: {error}", "") from error
    finally:
        sys.path.pop(0)


def _failure(message: str, help_: str) -> SpecError:
    return SpecError([Diagnostic(Code.LS213, message, None, help=help_)])
