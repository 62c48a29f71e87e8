"""What a static checker of shapes is to everything outside its backend's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..procedure import Procedure


@dataclass(frozen=True)
class Subject:
    """Procedures of a cell, under whatever name they are spoken of; `dims` are the cell's dimension symbols."""

    name: str
    dims: tuple[str, ...]
    procedures: tuple[Procedure, ...]


@dataclass(frozen=True)
class Remark:
    """Something to say of a line of a procedure.

    Attributes:
        procedure: Its name; empty for what concerns the subject as a whole.
        array: The array that it is about, as it is read after the line; empty for the whole line.
        code: The line, as the backend prints it.
        text: What there is to say.

    """

    procedure: str
    array: str
    code: str
    text: str


@dataclass(frozen=True)
class Judgement:
    """What came out for one subject. A statement is an array that a line makes, stores, or returns.

    Attributes:
        statements: How many there are.
        checked: How many of them have, to the checker, the shape that the procedure declares.
        unsaid: Statements whose shape it loses, with the reason; what follows takes them to be as they are declared.
        findings: What it refuses, and shapes that are not those that the procedure declares.

    """

    statements: int
    checked: int
    unsaid: tuple[Remark, ...]
    findings: tuple[Remark, ...]


class NotRun(Exception):
    """A static checker could not be installed, found or run, in words."""


class StaticChecker(Protocol):
    """A program that infers shapes of code without running it, and knows nothing of lstmspec.

    Attributes:
        name: What people call it, and its executable.
        written_for: The version that it is known to work with.
        packages: What is installed.

    """

    @property
    def name(self) -> str: ...
    @property
    def written_for(self) -> str: ...
    @property
    def packages(self) -> Sequence[str]: ...

    def install(self, place: Path) -> Path:
        """Install it into a virtual environment, which is made if there is none; its executable. Raises NotRun."""

    def version(self, executable: Path) -> str:
        """Its version. Raises NotRun."""

    def judge(self, executable: Path, subjects: Sequence[Subject]) -> list[Judgement]:
        """Procedures as the backend prints them, under the checker.

        Raises:
            NotRun: it could not be run, or does not check shapes where it should.
            CannotGenerate: the backend cannot print a procedure.

        """


@runtime_checkable
class StaticallyChecked(Protocol):
    """A backend for whose code there may be such a program."""

    def static_checker(self) -> StaticChecker | None:
        """The program, where there is one."""
