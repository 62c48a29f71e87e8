"""The NumPy backend: pure functions over annotated dataclasses."""

from pathlib import Path

from ..arrays import ArrayBackend
from ._run import NumPyRunner
from ._spelling import RULES, SPELLING

BACKEND = ArrayBackend(
    name="numpy",
    title="NumPy",
    runtime=("numpy.py", "numpy_calls.py", "numpy_words.py"),
    imports=("numpy",),
    spelling=SPELLING,
    rules=RULES,
    template=Path(__file__).parent / "module.py.jinja",
    array="np.ndarray",
    devices=("cpu",),
    load=lambda module, device: NumPyRunner(module),
    missing=lambda device: "",
)
