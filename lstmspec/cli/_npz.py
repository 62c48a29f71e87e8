"""Files of arrays, as `numpy.savez` writes them: read without running anything, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.lib.format import MAGIC_PREFIX, read_array

from ..diagnostics import printable
from ._out import say


def read(path: Path) -> dict[str, Any]:
    """The arrays of a file; says what is wrong with it and exits where it has no plain ones."""
    try:
        _require_file(path)
        with path.open("rb") as stream, _archive(path, stream) as archive:
            found = [info for info in archive.infolist() if not info.filename.endswith("/")]  # a name may be empty
            members = {info: info.filename.removesuffix(".npy") for info in found}
            if twice := [name for name, count in Counter(members.values()).items() if count > 1]:
                _stop(f"{_shown(path)} has two arrays `{printable(twice[0])}`")
            return {name: _array(path, archive, info, name) for info, name in members.items()}
    except OSError as error:
        _stop(f"{_shown(path)} cannot be read: {error.strerror or error}")


def _archive(path: Path, stream: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except Exception:  # a damaged directory of an archive raises all sorts of things
        _stop(f"{_shown(path)} is no .npz of plain arrays, as numpy.savez writes it")


def _array(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Any:
    """An array with all that its file has: a header may tell of less, and the checksum is that of the whole."""
    why = "no array, as numpy.savez writes it"
    try:
        with archive.open(info) as member:
            is_array = member.read(len(MAGIC_PREFIX)) == MAGIC_PREFIX
            member.seek(0)
            if is_array:
                array = read_array(member, allow_pickle=False)
                if not member.read(1):
                    return array
                why = "damaged: there is more than its header says"
    except Exception as error:  # a damaged archive raises all sorts of things, and NumPy advises to load pickles
        why = f"damaged, encrypted, or no plain array ({type(error).__name__})"
    _stop(f"{_shown(path)}: `{printable(name)}` is {why}")


def write(path: Path, arrays: Mapping[str, Any]) -> None:
    """Arrays into a file, through a symlink if it is one; says why and exits where it cannot or must not be written."""
    try:
        place = Path(os.path.realpath(path))
        mode = _mode(place)
        with _temporary(place) as temporary:
            with temporary.open("xb") as stream:
                np.savez(stream, **arrays)
            if mode is not None:
                os.chmod(temporary, mode)
            os.replace(temporary, place)
    except OSError as error:
        _stop(f"{_shown(path)} cannot be written: {error.strerror or error}")


def _mode(place: Path) -> int | None:
    """The permissions of the file that is replaced; None where there is none. Raises OSError for what is not."""
    if not os.path.lexists(place):
        return None
    mode = _require_file(place)
    if not mode & 0o222:
        raise PermissionError(0, "it is read-only")
    return mode


def _require_file(place: Path) -> int:
    about = place.stat()
    if not stat.S_ISREG(about.st_mode):
        raise OSError(0, "it is a folder" if stat.S_ISDIR(about.st_mode) else "it is no regular file")
    return stat.S_IMODE(about.st_mode)


@contextlib.contextmanager
def _temporary(place: Path) -> Iterator[Path]:
    """A place beside another one, where nothing is afterwards."""
    found = place.with_name(f".lstmspec-{secrets.token_hex(8)}.tmp")
    try:
        yield found
    finally:
        found.unlink(missing_ok=True)


def _shown(path: Path) -> str:
    return printable(str(path))


def _stop(message: str) -> NoReturn:
    say(f"error: {message}", err=True)
    sys.exit(2)
