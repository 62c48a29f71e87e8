"""Models as a part of a user's package, where lstmspec and SymPy are not: copied, pickled, saved, traced, exported."""

import os
import shutil
import subprocess
import sys
import textwrap

import pytest
from writing import cells, generate

SPEC = '''

class Gated(Cell):
    """Says "so"; its output is no state, and it has a constant."""

    x, h, c = Input(n), State(k), State(k)
    a = Constant(0.5)
    z = sigmoid(affine(x, h))
    c.next = z * c + a * (1 - z) * tanh(affine(x))
    h.next = tanh(c.next)
'''
PLACES = ["models", "pkg/models", "pkg/deep/er/models", "pkg/torch", "pkg/numpy", "pkg/_runtime", "pkg/lstmspec"]

WITHOUT = """
    import sys

    class Blocked:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in ("lstmspec", "sympy"):
                raise ImportError(f"{name} is not installed")

    sys.meta_path.insert(0, Blocked())
    """
MODULES = """
    import copy, importlib, io, pickle
    import numpy as np, torch

    def saved(value, **options):
        stream = io.BytesIO()
        torch.save(value, stream)
        stream.seek(0)
        return torch.load(stream, **options)

    for name, constants in (("Gated", {"a": 0.25}), ("Numpy", {}), ("Torch", {}), ("Runtime", {})):
        package = f"{sys.argv[1]}.{name.lower()}"
        made, spec = (importlib.import_module(f"{package}.{backend}") for backend in ("torch", "numpy"))
        Model = getattr(made, name)
    """
TORCH = """
        module, x = Model(3, 5, **constants, dtype=torch.float64), torch.randn(7, 2, 3, dtype=torch.float64)
        y = module(x)[0]
        copies = [pickle.loads(pickle.dumps(module)), copy.copy(module), copy.deepcopy(module)]
        for other in [*copies, saved(module, weights_only=False)]:
            assert type(other) is Model and repr(other) == repr(module) and torch.equal(other(x)[0], y)
        pairs = zip(module.parameters(), copies[2].parameters(), strict=True)
        assert all(one.data_ptr() != other.data_ptr() for one, other in pairs)
        other = Model(3, 5, dtype=torch.float64)
        other.load_state_dict(saved(module.state_dict(), weights_only=True), strict=True)
        assert repr(other) == repr(module) and torch.equal(other(x)[0], y)
        replica = module._replicate_for_data_parallel()
        for parameter, value in module.named_parameters():
            setattr(replica, parameter, value.detach().clone().requires_grad_())
        assert torch.equal(replica(x)[0], y)
        doubled = {parameter: 2 * value for parameter, value in module.named_parameters()}
        assert not torch.equal(torch.func.functional_call(module, doubled, (x,))[0], y)
        try:
            module(x[..., :2])
        except TypeError as error:
            again = pickle.loads(pickle.dumps(error))
            assert type(again) is type(error) and str(again) == str(error)
        print(name)
    """
NUMPY = """
        params, xs, state = spec.init(np.random.default_rng(0), 3, 5, **constants), np.ones((7, 2, 3)), spec.zeros(2, 5)
        ys, last, tape = spec.forward(params, xs, state)
        for own in (pickle.loads(pickle.dumps(params)), copy.copy(params), copy.deepcopy(params)):
            assert type(own) is spec.Params and np.array_equal(spec.forward(own, xs, state)[0], ys)
        functions = [spec.init, spec.zeros, spec.step, spec.outputs, spec.forward, spec.backward, spec.double_backward]
        assert [pickle.loads(pickle.dumps(function)) is function for function in functions] == [True] * 7
        found = spec.backward(params, pickle.loads(pickle.dumps(tape)), ys, last)[1]
        assert np.array_equal(found, spec.backward(params, tape, ys, last)[1])
        print(name)
    """
TRACED = """
        module, x = Model(3, 5, **constants, dtype=torch.float64), torch.randn(7, 2, 3, dtype=torch.float64)
        for recorded in (False, True):
            with torch.set_grad_enabled(recorded):
                y = module(x)[0]
                assert torch.allclose(torch.export.export(module, (x,)).module()(x)[0], y, rtol=0, atol=1e-12)
                assert torch.allclose(torch.jit.trace(module, (x,), check_trace=False)(x)[0], y, rtol=0, atol=1e-12)
        print(name)
    """
NAMES = ["Gated", "Numpy", "Torch", "Runtime"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Models of cells, two of which are called like backends of ours."""
    place = tmp_path_factory.mktemp("made")
    head = cells(*NAMES[1:]).replace("import Cell, Input", "import Cell, Constant, Input, sigmoid")
    (place / "cells.py").write_text(head + SPEC)
    assert generate(place / "cells.py", "--out", place / "models").exit_code == 0
    return place / "models"


def output_of(place, *pieces, package="models", options=("-W", "error")):
    """The lines of a script in a folder from which lstmspec cannot be imported; it must not fail."""
    code = "\n".join(map(textwrap.dedent, pieces))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, *options, "-c", code, package]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def script(*bodies):
    """One script of pieces of which the last go into the loop of the one before them."""
    return textwrap.dedent(MODULES) + "".join(textwrap.indent(textwrap.dedent(body), "    ") for body in bodies)


@pytest.mark.parametrize("where", PLACES)
def test_models_work_wherever_they_are(where, made, tmp_path):
    shutil.copytree(made, tmp_path / where)
    for folder in (tmp_path / where).relative_to(tmp_path).parents:
        if folder.name:
            (tmp_path / folder / "__init__.py").touch()
    assert output_of(tmp_path, WITHOUT, script(TORCH, NUMPY), package=where.replace("/", ".")) == [
        name for name in NAMES for _ in range(2)
    ]


def test_models_work_in_a_zip_file(made, tmp_path):
    shutil.copytree(made, tmp_path / "source" / "pkg" / "models")
    shutil.make_archive(str(tmp_path / "all"), "zip", tmp_path / "source")
    path = f"import sys\nsys.path.insert(0, {str(tmp_path / 'all.zip')!r})"
    (tmp_path / "empty").mkdir()
    found = output_of(tmp_path / "empty", path, WITHOUT, script(TORCH, NUMPY), package="pkg.models")
    assert found == [name for name in NAMES for _ in range(2)]


def test_two_packages_of_models_know_nothing_of_each_other(made, tmp_path):
    for name in ("one", "two"):
        shutil.copytree(made, tmp_path / name)
    code = """
        import numpy as np
        import one.torch.numpy as one, two.torch.numpy as two
        from one._runtime import ShapeError
        params, state = two.init(np.random.default_rng(0), 3, 5), one.zeros(2, 5)
        try:
            one.forward(params, np.ones((7, 2, 3)), state)
        except ShapeError as error:
            print(error)
        """
    assert output_of(tmp_path, WITHOUT, code) == [
        "torch.forward: argument `params` is two.Params; expected this module's Params"
    ]


def test_modules_are_traced_and_exported(made, tmp_path):
    """With gradients too. Warnings are no errors here: PyTorch's own tools raise some about one another."""
    shutil.copytree(made, tmp_path / "models")
    assert output_of(tmp_path, "import sys", script(TRACED), options=()) == NAMES
