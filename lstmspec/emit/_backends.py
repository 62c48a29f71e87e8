"""The backends, a row each. A new one is a folder, and a row here."""

from __future__ import annotations

from . import numpy, torch
from ._backend import Backend

BACKENDS: tuple[Backend, ...] = (numpy.BACKEND, torch.BACKEND)
