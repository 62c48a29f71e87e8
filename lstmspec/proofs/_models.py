"""The generated models of a cell: one of every backend, on every device that a machine has."""

from __future__ import annotations

from collections.abc import Sequence

from ..emit import BACKENDS, Backend, Runner


def runners(package: str, folder: str, backends: Sequence[Backend] = BACKENDS) -> dict[str, Runner]:
    """A runner for each model, under the backend's title, with the device where that is not the CPU.

    Args:
        package: The importable package with the models.
        folder: The cell's folder in it.
        backends: Whose models.

    Raises:
        ImportError: a backend's library is missing.

    """
    return {
        _title(backend, device): backend.runner(package, folder, device)
        for backend in backends
        for device in backend.devices
        if device == "cpu" or not backend.lacks(device)
    }


def _title(backend: Backend, device: str) -> str:
    return backend.title if device == "cpu" else f"{backend.title} ({device})"
