"""What a backend is to everything outside its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..procedure import Model, Procedure
from ._case import Runner


class Backend(Protocol):
    """A folder that turns models into files.

    Attributes:
        name: What `--backend` calls it.
        title: What people call it.
        runtime: The files of the runtime package that its models import.
        imports: The packages that its models import beside the runtime.
        devices: Where its models run, if a machine has that.

    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def runtime(self) -> Sequence[str]: ...
    @property
    def imports(self) -> Sequence[str]: ...
    @property
    def devices(self) -> Sequence[str]: ...

    def files(self, model: Model, procedures: Sequence[Procedure]) -> Mapping[str, str]:
        """The text of each file of a model, by its name in the cell's folder; headers are put in front later.

        Args:
            model: The model.
            procedures: Its procedures.

        Raises:
            CannotGenerate: the model has something that the backend cannot do.

        """

    def formatted(self, files: Mapping[str, str]) -> dict[str, str]:
        """Files as its formatter writes them."""

    def runner(self, package: str, folder: str, device: str = "cpu") -> Runner:
        """A model of a generated package, imported, to be run on cases. Raises ImportError."""

    def lacks(self, device: str) -> str:
        """Why its models cannot run there on this machine; empty when they can."""

    def verify(self, path: str, text: str) -> None:
        """Raise RuntimeError for a text that its language does not take."""


class CannotGenerate(Exception):
    """Something of a model that a backend cannot do, in words, and the operation that it is about, if one."""

    def __init__(self, message: str, operation: str = "") -> None:
        super().__init__(message)
        self.operation = operation
