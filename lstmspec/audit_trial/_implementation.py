"""An implementation of equations that owes nothing to the audit: the generated PyTorch module, made in memory."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from ..checker import check
from ..emit import generate, source
from ..language import System
from ..mutation import primes_above
from ..oracle import Array, Step

PACKAGE = "_lstmspec_in_memory"
Arrays = Mapping[str, Array]


def sizes_of(system: System) -> dict[str, int]:
    """The sizes at which a cell is implemented: distinct primes, in the order of its dimension symbols."""
    return dict(zip(check(system).require().dims, primes_above(2), strict=False))


def module(system: System) -> torch.nn.Module:
    """An nn.Module that computes the equations, from the text that `lstmspec generate` would write.

    Raises:
        SpecError: the cell is ill-shaped, or has no inputs.

    """
    text = source(system, "torch")
    spec = importlib.util.spec_from_loader(f"{_package()}.theirs.torch", loader=None)
    if spec is None:
        raise ImportError("a module without a loader has no spec")
    made = importlib.util.module_from_spec(spec)
    exec(compile(text, spec.name, "exec", dont_inherit=True), vars(made))
    theirs: type[torch.nn.Module] = getattr(made, system.name)
    theirs.__name__ = "Theirs"  # as messages call it, beside the cell
    return theirs(**sizes_of(system))


@functools.cache
def _package() -> str:
    """The name of a package, in a folder of this process, with all that the modules of cells import."""
    folder = tempfile.mkdtemp(prefix="lstmspec-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for path, text in generate([]).files.items():
        Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, path).write_text(text, encoding="utf-8")
    package = ModuleType(PACKAGE)
    package.__path__ = [folder]
    sys.modules[PACKAGE] = package
    return PACKAGE


def computed(system: System, at: Arrays, inputs: Arrays, states: Arrays, sizes: Mapping[str, int]) -> list[Array]:
    """The outputs of a system over the steps of one sample, and its last states, by the interpreter of equations."""
    step, now, emitted = Step(system, sizes), dict(states), []
    for time in range(len(next(iter(inputs.values())))):
        values = step({**at, **{name: value[time] for name, value in inputs.items()}, **now})
        emitted.append(values[system.output])
        now = {name: values[name.next] for name in system.states}
    return [np.array(emitted), *now.values()]
