"""Generated files on disk: compared, or replaced whole.

Invariant: at every moment each file is either the old one or the new one. Texts are complete before the first byte is
written, each goes to a temporary file beside its place, and is then renamed over it.
"""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path

from ._generate import Generated


def write(generated: Generated, folder: Path) -> list[str]:
    """Write the files that differ; their relative paths. Files that are as they should be are not touched."""
    _remove_leftovers(generated, folder)
    changed = [path for path, text in generated.files.items() if _read(folder / path) != text]
    staged: list[tuple[Path, Path]] = []
    try:
        for path in changed:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
            staged.append((Path(name), target))
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(generated.files[path])
            os.chmod(name, 0o644)
        for temporary, target in staged:
            os.replace(temporary, target)
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
    return changed


def _remove_leftovers(generated: Generated, folder: Path) -> None:
    """Temporary files of a run that was killed."""
    for place in dict.fromkeys((folder / path).parent for path in generated.files):
        for leftover in place.glob(".*.py.*.tmp"):
            leftover.unlink(missing_ok=True)


def differences(generated: Generated, folder: Path) -> str:
    """A unified diff from what is on disk to what should be; empty when nothing differs."""
    parts: list[str] = []
    for path, text in generated.files.items():
        old = _read(folder / path)
        if old != text:
            before = [] if old is None else old.splitlines(keepends=True)
            name = "/dev/null" if old is None else f"{folder.name}/{path}"
            parts += difflib.unified_diff(before, text.splitlines(keepends=True), name, f"{folder.name}/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in parts)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None
