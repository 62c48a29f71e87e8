"""Models imported as they are made, for whoever wants to run them and keep no files."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..language import System
from ._backend import Backend
from ._backends import BACKENDS
from ._generate import drafted

_count = itertools.count()


@contextlib.contextmanager
def imported(systems: Sequence[System], backends: Sequence[Backend] = BACKENDS) -> Iterator[str]:
    """The name of a package with the models of these cells, importable inside: what `generate` writes, not formatted.

    A module that was imported from it stays usable afterwards; its files are gone.

    Raises:
        SpecError: as `generate` does.

    """
    with package_of(drafted(systems, backends)) as package:
        yield package


@contextlib.contextmanager
def package_of(files: Mapping[str, str]) -> Iterator[str]:
    """The name of a package with these files, importable inside."""
    package = f"_lstmspec_models_{os.getpid()}_{next(_count)}"
    with tempfile.TemporaryDirectory(prefix="lstmspec-") as place:
        for path, text in files.items():
            target = Path(place, package, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        sys.path.insert(0, place)
        importlib.invalidate_caches()
        try:
            yield package
        finally:
            sys.path.remove(place)
            for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
                del sys.modules[name]
