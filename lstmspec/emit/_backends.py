"""The backends, a row each. A new one is a folder with its words and its template, and a row here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import numpy, torch
from ._spelling import Spelling


@dataclass(frozen=True)
class Backend:
    """What generates a module: `title` stands in its docstring, `array` is what annotations call an array."""

    name: str
    title: str
    spelling: Spelling
    template: Path
    array: str


_HERE = Path(__file__).parent

BACKENDS: tuple[Backend, ...] = (
    Backend("numpy", "NumPy", numpy.SPELLING, _HERE / "numpy" / "module.py.jinja", "np.ndarray"),
    Backend("torch", "PyTorch", torch.SPELLING, _HERE / "torch" / "module.py.jinja", "Tensor"),
)
