"""The PyTorch backend: an nn.Module over derived autograd functions."""

import importlib
from pathlib import Path
from types import ModuleType

from .._case import Runner
from .._static import StaticChecker
from ..arrays import ArrayBackend
from ._spelling import RULES, SPELLING


def _load(module: ModuleType, device: str) -> Runner:
    runner: Runner = importlib.import_module(f"{__name__}._run").TorchRunner(module, device)
    return runner


def _missing(device: str) -> str:
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return "PyTorch is not installed: pip install 'lstmspec[torch]'"
    return "" if device == "cpu" or torch.cuda.is_available() else "this machine has no CUDA device"


def _static() -> StaticChecker:
    checker: StaticChecker = importlib.import_module(f"{__name__}.static").Pyrefly()
    return checker


BACKEND = ArrayBackend(
    name="torch",
    title="PyTorch",
    runtime=("torch.py", "torch_autograd.py", "torch_words.py"),
    imports=("torch",),
    spelling=SPELLING,
    rules=RULES,
    template=Path(__file__).parent / "module.py.jinja",
    array="torch.Tensor",
    devices=("cpu", "cuda"),
    load=_load,
    missing=_missing,
    static=_static,
)
