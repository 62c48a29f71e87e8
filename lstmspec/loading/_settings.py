"""Which findings are reported and how long a file may take: options, or `[tool.lstmspec]` of pyproject.toml."""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from ..diagnostics import Code, Diagnostic
from ._load import TIMEOUT

FEW = 10  # names that are worth listing
UNLOADABLE = Code.LS213.name


class SettingsError(click.ClickException):
    """A setting that cannot be used: wrong usage."""

    exit_code = 2


@dataclass(frozen=True)
class Settings:
    """What is asked for.

    Attributes:
        select: Codes, or what they begin with; everything when there are none.
        ignore: Likewise, and stronger.
        timeout: Seconds that a file may take to run.

    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    timeout: float = TIMEOUT

    def reports(self, finding: Diagnostic) -> bool:
        """Whether a finding is reported.

        That a file could not be loaded is reported whatever is selected, and ignored only by its full code: what could
        not be checked must not look clean by accident.
        """
        name = finding.code.name
        if name == UNLOADABLE:
            return UNLOADABLE not in self.ignore
        return (not self.select or name.startswith(self.select)) and not name.startswith(self.ignore)


def settings_from(
    folder: Path, select: str | None = None, ignore: str | None = None, timeout: float | None = None
) -> Settings:
    """The settings of the nearest pyproject.toml, from a folder upwards; options that are given win.

    Raises:
        SettingsError: a key or a code is unknown, or the file cannot be read.

    """
    project = _of_project(folder)
    return Settings(
        project.select if select is None else codes(select.split(","), "--select"),
        project.ignore if ignore is None else codes(ignore.split(","), "--ignore"),
        project.timeout if timeout is None else seconds(timeout, "--timeout"),
    )


def codes(texts: Iterable[str], where: str) -> tuple[str, ...]:
    """Codes or beginnings of codes, checked. Raises SettingsError."""
    found = tuple(text.strip().upper() for text in texts if text.strip())
    if not found:
        raise SettingsError(f"{where}: no code is given; expected codes or their beginnings, as in LS1,LS303")
    for code in found:
        if not any(known.name.startswith(code) for known in Code):
            raise SettingsError(f"{where}: `{code}` is no code{_guess(code, [known.name for known in Code])}")
    return found


def _of_project(folder: Path) -> Settings:
    try:
        file = next((path for at in (folder, *folder.parents) if os.path.isfile(path := at / "pyproject.toml")), None)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be read: {error.strerror or error}") from error
    if file is None:
        return Settings()
    try:
        tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    table = tool.get("lstmspec", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise SettingsError(f"{file}: tool.lstmspec is no table")
    return _of_table(table, f"{file}, [tool.lstmspec]")


def _of_table(table: Mapping[str, object], where: str) -> Settings:
    known = [field.name for field in dataclasses.fields(Settings)]
    for key in table:
        if key not in known:
            raise SettingsError(f"{where}: unknown key `{key}`{_guess(key, known)}")
    lists = {key: table[key] for key in ("select", "ignore") if key in table}
    found: dict[str, tuple[str, ...]] = {}
    for key, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SettingsError(f'{where}: `{key}` must be a list of codes, as in ["LS1", "LS303"]')
        found[key] = codes(value, f"{where}, `{key}`") if value else ()
    timeout = seconds(table.get("timeout", TIMEOUT), f"{where}, `timeout`")
    return Settings(found.get("select", ()), found.get("ignore", ()), timeout)


def seconds(value: object, where: str) -> float:
    """A time limit, checked. Raises SettingsError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1_000_000:
        raise SettingsError(f"{where}: {value!r} is no number of seconds")
    return float(value)


def _guess(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are {', '.join(known)}" if len(known) < FEW else f"; they go from {known[0]} to {known[-1]}"
