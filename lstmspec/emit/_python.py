"""Python files: formatted, compiled once, and text in them that stays text."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ruff import find_ruff_bin

LINE_LENGTH = 120


def formatted(sources: Mapping[str, str]) -> dict[str, str]:
    """Relative path → Python source, as ruff formats it; one run for all files, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="lstmspec-") as place:
        paths = {name: Path(place, name) for name in sources}
        for name, path in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sources[name].encode())
        flags = ["--isolated", "--quiet", "--no-cache", f"--line-length={LINE_LENGTH}"]
        command = [find_ruff_bin(), "format", *flags, place]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"internal error: generated text does not parse: {done.stdout}{done.stderr}")
        return {name: path.read_bytes().decode() for name, path in paths.items()}


def compiled(path: str, source: str) -> None:
    """Compile a source and throw the result away. Raises SyntaxError."""
    compile(source, path, "exec")


def escaped(docstring: str) -> str:
    """Text that cannot end a docstring, start an escape in one, or break a line where it has no line break."""
    inner = docstring.rstrip('"')
    ending = '\\"' * (len(docstring) - len(inner))  # the last quote would be taken for one of the three that follow
    text = inner.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    plain = (c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(plain) + ending


class PythonFiles:
    """What backends share whose files are Python: a formatter and a verifier; see `Backend`."""

    def formatted(self, files: Mapping[str, str]) -> dict[str, str]:
        """Files as ruff writes them."""
        return formatted(files)

    def verify(self, path: str, text: str) -> None:
        """Compile a file."""
        compiled(path, text)
