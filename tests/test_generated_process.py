"""What needs a process of its own: which modules an import brings, checks that are switched off, torch.compile."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from helpers import CELLS, sampled

from lstmspec.emit import BACKENDS, generate, write
from lstmspec.procedure import folder

ROOT = Path(__file__).resolve().parent.parent
MODELS = {backend.name: [f"models.{folder(name)}.{backend.name}" for name in CELLS] for backend in BACKENDS}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the package `models`, of all built-in cells."""
    found = tmp_path_factory.mktemp("process")
    write(generate([cell.system for cell in CELLS.values()]), found / "models")
    return found


def output_of(place: Path, source: str, *options: str, **environment: str) -> list[str]:
    """The lines that a script prints which runs in a folder; it must not fail."""
    done = subprocess.run(
        [sys.executable, *options, "-c", textwrap.dedent(source)],
        cwd=place,
        env={**os.environ, "JAXTYPING_DISABLE": "0", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        (MODELS["numpy"], ["torch", "sympy", "lstmspec"]),
        (MODELS["torch"], ["sympy", "lstmspec"]),
        (["lstmspec", "lstmspec.cli"], ["torch"]),
    ],
    ids=["NumPy models", "PyTorch models", "lstmspec"],
)
def test_an_import_leaves_out(modules, absent, place):
    """All in one process: if something is not there after the last of them, none of them brought it."""
    source = f"""
        import importlib, sys
        for module in {modules}:
            importlib.import_module(module)
        print(len([m for m in {modules} if m in sys.modules]), [name for name in {absent} if name in sys.modules])
        """
    assert output_of(place, source, "-W", "error") == [f"{len(modules)} []"]


def test_the_test_of_imports_would_find_one(place):
    assert output_of(place, "import sympy, sys; print('sympy' in sys.modules)") == ["True"]


OFF = """
    import numpy as np, torch
    import models.lstm.numpy as lstm
    from models.lstm.torch import LSTM

    def said(call):
        try:
            return call() and "nothing"
        except Exception as error:
            return type(error).__name__

    params, module = lstm.init(np.random.default_rng(0), 3, 5), LSTM(3, 5)
    print(said(lambda: lstm.forward(params, np.zeros((7, 2, 3)), lstm.zeros(1, 5))))
    print(said(lambda: module(torch.zeros(7, 2, 11))))
    print(said(lambda: module(torch.zeros(7, 2, 3), (torch.zeros(1, 1, 5), torch.zeros(1, 2, 5)))))
    print(said(lambda: module(torch.zeros(7, 2, 3))))
    """


def test_checks_can_be_switched_off(place):
    assert output_of(place, OFF) == ["ShapeError", "ShapeError", "ShapeError", "nothing"]
    assert output_of(place, OFF, JAXTYPING_DISABLE="1") == ["nothing", "RuntimeError", "nothing", "nothing"]


COMPILED = """
    import importlib, torch
    for name, module, sizes, shapes in {plans}:
        model = getattr(importlib.import_module(module), name)(**sizes, dtype=torch.float64)
        compiled = torch.compile(model, backend="eager", fullgraph=False)
        for time, batch in ((3, 2), (2, 13)):
            xs = [torch.randn(time, batch, *shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
            found = []
            for call in (compiled, model):
                ys, _ = call(*xs)
                found.append([ys, *torch.autograd.grad(ys.square().sum(), [*xs, *model.parameters()])])
            assert all(torch.allclose(u, v, rtol=0, atol=1e-12) for u, v in zip(*found, strict=True))
        print(name)
    """


def test_compiled_modules_give_the_same_values_and_no_false_error(place):
    """Gradients and other sizes too. Warnings are no errors here: Dynamo's own raise one about autograd functions."""
    plans = []
    for name, cell in sampled(5).items():
        sizes = dict(zip(cell.shapes.dims, (3, 5, 11), strict=False))
        shapes = [tuple(size.at(sizes) for size in cell.shapes.of[each]) for each in cell.system.inputs]
        plans.append((name, f"models.{folder(name)}.torch", sizes, shapes))
    assert output_of(place, COMPILED.format(plans=plans)) == list(sampled(5))
