"""Files of arrays, as `numpy.savez` writes them: read without running anything, written whole or not at all."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib.format import MAGIC_PREFIX, read_array

from ..diagnostics import printable
from ..files import replacing, require_file
from ._out import end
from ._streams import COULD_NOT


def read(path: Path) -> dict[str, Any]:
    """The arrays of a file; says what is wrong with it and exits where it has no plain ones."""
    try:
        require_file(path)
        with path.open("rb") as stream, _archive(path, stream) as archive:
            found = [info for info in archive.infolist() if not info.filename.endswith("/")]  # a name may be empty
            members = {info: info.filename.removesuffix(".npy") for info in found}
            if twice := [name for name, count in Counter(members.values()).items() if count > 1]:
                end(f"error: {_shown(path)} has two arrays `{printable(twice[0])}`", COULD_NOT)
            return {name: _array(path, archive, info, name) for info, name in members.items()}
    except OSError as error:
        end(f"error: {_shown(path)} cannot be read: {error.strerror or error}", COULD_NOT)


def _archive(path: Path, stream: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except Exception:  # a damaged directory of an archive raises all sorts of things
        end(f"error: {_shown(path)} is no .npz of plain arrays, as numpy.savez writes it", COULD_NOT)


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
    end(f"error: {_shown(path)}: `{printable(name)}` is {why}", COULD_NOT)


def write(path: Path, arrays: Mapping[str, Any]) -> None:
    """Arrays into a file; says why and exits where it cannot or must not be written."""
    try:
        with replacing(path) as stream:
            np.savez(stream, **arrays)
    except OSError as error:
        end(f"error: {_shown(path)} cannot be written: {error.strerror or error}", COULD_NOT)


def _shown(path: Path) -> str:
    return printable(str(path))
