"""What parameters start from: both backends against the definitions, block by block; and what is refused."""

import dataclasses
import importlib
import linecache
import re
import runpy
import sys
import textwrap

import numpy as np
import pytest
import torch
from helpers import CELLS, SIZES, altered, numpy_module, torch_module

from lstmspec import (
    Bias,
    Cell,
    Code,
    Input,
    SpecError,
    State,
    Weight,
    affine,
    dims,
    init,
    linear,
    repeat,
    sigmoid,
    tanh,
)
from lstmspec.diagnostics import where
from lstmspec.emit import generate
from lstmspec.emit._backends import BACKENDS
from lstmspec.language import RULES, Initialiser
from lstmspec.procedure import folder
from lstmspec.zoo.lstm import LSTM

n, k, C, K = dims("n k C K")
MANY = {"n": 331, "k": 211}  # enough numbers for their mean and deviation, primes as everywhere
FEW = {"n": 7, "k": 5}


class Vectors(Cell):
    """A vector of each rule for vectors."""

    x, h = Input(n), State(k)
    u, g = Weight(k, init=init.uniform(-0.5, 1.5)), Weight(k, init=init.normal(0.3))
    l, c = Weight(k, init=init.log_uniform(0.01, 100)), Weight(k, init=init.chrono(50))
    s, p, q = Bias(k, init=init.spread(3, 6)), Bias(k, init=-2.5), Weight(k)
    h.next = tanh(linear(x) + u * h + g * l * h + c * p * h + s + q)


class Gates(Cell):
    """Gates that are packed, each with its own start."""

    x, h, c = Input(n), State(k), State(k)
    f = sigmoid(affine(x, h, init=(init.glorot_uniform(), init.orthogonal(1.5)), bias_init=1.0))
    i = sigmoid(affine(x, h, init=(init.lecun_uniform(), init.identity(0.5)), bias_init=init.spread(-1, 2)))
    g = tanh(affine(x, h, bias_init=0))
    o = sigmoid(affine(x, h, init=(None, init.orthogonal())))
    c.next = f * c + i * g
    h.next = o * tanh(c.next)


class Alike(LSTM):
    """All gates alike: numbers that are drawn alike are drawn at once, but fans are those of one block."""

    f = sigmoid(affine(LSTM.x, LSTM.h, init=(init.lecun_uniform(), init.glorot_uniform())))
    i = sigmoid(affine(LSTM.x, LSTM.h, init=(init.lecun_uniform(), init.glorot_uniform())))
    g = tanh(affine(LSTM.x, LSTM.h, init=(init.lecun_uniform(), init.glorot_uniform())))
    o = sigmoid(affine(LSTM.x, LSTM.h, init=(init.lecun_uniform(), init.glorot_uniform())))


class Whole(Cell):
    """Matrices that are stored as they are: one with several readers, one that acts twice on the same."""

    x, h = Input(n), State(k)
    T = Weight(k, n, init=init.orthogonal(2))
    W = Weight(n, k, init=init.orthogonal())
    a = tanh(T @ x) * (T @ tanh(W @ h))
    b = linear(x, x, h, name="both", init=(init.normal(0.2), init.lecun_uniform(), init.identity(-1)), size=k)
    d = linear(x, x, name="same", init=init.normal(0.7), size=k)
    h.next = a * b + d


class Compound(Cell):
    """Sizes that are sums and products, and scalars."""

    x, h = Input(n), State(C * K)
    W, b = Weight(2 * n, C * K, init=init.glorot_uniform()), Bias(C * K, init=init.spread(0, 1))
    s, t = Weight((), init=init.log_uniform(2, 3)), Weight((), init=init.chrono(10))
    u, v = Weight((), init=init.uniform(4, 5)), Weight((), init=7)
    y = linear(tanh(W @ h), x, init=init.lecun_uniform())
    h.next = tanh(y) * repeat(linear(x, name="r", size=K), C) * s * t * u * v + b * h


class Bare(Cell):
    """No parameters."""

    x, h = Input(k), State(k)
    h.next = x + tanh(h)


class Redrawn(Gates):
    """A variant has what it does not redefine."""

    i = sigmoid(affine(Gates.x, Gates.h))


OWN = {cell.__name__: cell for cell in (Vectors, Gates, Alike, Whole, Compound, Bare, Redrawn)}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """All cells of this file, generated."""
    place = tmp_path_factory.mktemp("models")
    for path, text in generate([cell.system for cell in OWN.values()]).files.items():
        (place / "started" / path).parent.mkdir(parents=True, exist_ok=True)
        (place / "started" / path).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(place))
    yield lambda cell, backend: importlib.import_module(f"started.{folder(cell.__name__)}.{backend}")
    sys.path.remove(str(place))


def from_numpy(module, cell, sizes, seed=0, dtype=np.float64):
    return module.init(np.random.default_rng(seed), **sizes, dtype=dtype).to_spec()


def from_torch(module, cell, sizes, seed=0, dtype=torch.float64):
    torch.manual_seed(seed)
    spec = getattr(module, cell.__name__)(**sizes, dtype=dtype).to_spec()
    return {name: value.double().numpy() for name, value in spec.items()}


STARTS = {"numpy": from_numpy, "torch": from_torch}
both = pytest.mark.parametrize("backend", STARTS)


@pytest.fixture
def start(package, backend):
    """First values under the equations' names, of the module that was generated or of one that was altered."""
    return lambda cell, sizes, module=None, **options: STARTS[backend](
        module or package(cell, backend), cell, sizes, **options
    )


# -- what the rules mean, told anew ------------------------------------------------------------------------------------


def is_uniform(values, low, high):
    """Uniform between bounds: within them, next to them, and with the moments. Raises AssertionError."""
    assert values.size > 150
    assert low <= values.min() and values.max() <= high
    place = (values.ravel() - low) / (high - low)
    slack = 5 / np.sqrt(values.size)
    assert max(place.min(), 1 - place.max()) < 15 / values.size  # wrong once in three million
    assert abs(place.mean() - 1 / 2) < slack * 12**-0.5
    assert abs(place.std() * 12**0.5 - 1) < slack


def is_normal(values, std):
    slack = 5 / np.sqrt(values.size)
    assert abs(values.mean()) < slack * std
    assert abs(values.std() / std - 1) < slack
    assert 2.2 * std < abs(values).max() < 6 * std


def is_orthogonal(block, gain):
    small = block if block.shape[0] <= block.shape[1] else block.T
    np.testing.assert_allclose(small @ small.T, gain**2 * np.eye(len(small)), atol=1e-12)


def is_glorot(block):
    is_uniform(block, -np.sqrt(6 / sum(block.shape)), np.sqrt(6 / sum(block.shape)))


def is_lecun(block):
    is_uniform(block, -np.sqrt(3 / block.shape[1]), np.sqrt(3 / block.shape[1]))


def is_default(block, size):
    is_uniform(block, -(size**-0.5), size**-0.5)


# -- the rules ---------------------------------------------------------------------------------------------------------


@both
def test_vectors_start_as_declared(start):
    at = start(Vectors, {"n": 7, "k": 4001})
    is_uniform(at["u"], -0.5, 1.5)
    is_normal(at["g"], 0.3)
    is_uniform(np.log(at["l"]), np.log(0.01), np.log(100))
    is_uniform(np.exp(at["c"]), 1, 49)
    np.testing.assert_allclose(at["s"], [3 + 3 * j / 4000 for j in range(4001)], rtol=1e-15)
    assert (at["p"] == -2.5).all()
    is_default(at["q"], 4001)
    is_default(at["W_h"], 4001)


@both
def test_each_block_of_each_gate_starts_by_itself(start):
    at, x, h = start(Gates, MANY), np.s_[:, : MANY["n"]], np.s_[:, MANY["n"] :]
    is_glorot(at["W_f"][x])
    is_orthogonal(at["W_f"][h], 1.5)
    assert (at["b_f"] == 1).all()
    is_lecun(at["W_i"][x])
    assert (at["W_i"][h] == 0.5 * np.eye(MANY["k"])).all()
    np.testing.assert_allclose(at["b_i"], np.linspace(-1, 2, MANY["k"]), atol=1e-15)
    is_default(at["W_g"], MANY["k"])
    assert (at["b_g"] == 0).all()
    is_default(at["W_o"][x], MANY["k"])
    is_orthogonal(at["W_o"][h], 1)
    assert not np.allclose(at["W_o"][h] * 1.5, at["W_f"][h])  # two draws
    is_default(at["b_o"], MANY["k"])


@both
def test_gates_that_start_alike_have_the_fans_of_one(start):
    at = start(Alike, MANY)
    for gate in "figo":
        is_lecun(at[f"W_{gate}"][:, : MANY["n"]])
        is_glorot(at[f"W_{gate}"][:, MANY["n"] :])


@both
def test_matrices_that_are_stored_as_they_are(start):
    at, size = start(Whole, MANY), MANY["n"]
    is_orthogonal(at["T"], 2)
    is_orthogonal(at["W"], 1)
    is_normal(at["W_both"][:, :size], 0.2)
    is_lecun(at["W_both"][:, size : 2 * size])
    assert (at["W_both"][:, 2 * size :] == -np.eye(MANY["k"])).all()
    is_normal(at["W_same"], 0.7)


@both
def test_sums_products_and_scalars(start):
    sizes = {"n": 53, "C": 11, "K": 13}
    at = start(Compound, sizes)
    is_glorot(at["W"])
    np.testing.assert_allclose(at["b"], np.linspace(0, 1, 143), atol=1e-15)
    is_lecun(at["W_y"][:, :106])
    is_lecun(at["W_y"][:, 106:])
    many = [start(Compound, {"n": 2, "C": 3, "K": 1}, seed=seed) for seed in range(200)]
    assert {value.shape for at in many for name, value in at.items() if name in "stuv"} == {()}
    is_uniform(np.log([at["s"] for at in many]), np.log(2), np.log(3))
    is_uniform(np.exp([at["t"] for at in many]), 1, 9)
    is_uniform(np.array([at["u"] for at in many]), 4, 5)
    assert {float(at["v"]) for at in many} == {7.0}


@both
def test_an_orthogonal_matrix_favours_none(start):
    """Each entry of a column has either sign; without the choice of signs a factorisation fixes some."""
    many = np.array([start(Gates, {"n": 2, "k": 3}, seed=seed)["W_o"][:, 2:] for seed in range(400)])
    assert abs(np.sign(many).mean(axis=0)).max() < 5 / 20
    assert abs((np.linalg.det(many) > 0).mean() - 0.5) < 5 / 40


@both
def test_a_cell_without_parameters(start):
    assert start(Bare, {"k": 3}) == {}


@both
def test_a_variant_has_what_it_does_not_redefine(start):
    at = start(Redrawn, MANY)
    is_default(at["W_i"], MANY["k"])
    is_default(at["b_i"], MANY["k"])
    is_orthogonal(at["W_f"][:, MANY["n"] :], 1.5)
    assert (at["b_f"] == 1).all()


@both
@pytest.mark.parametrize("cell", OWN)
def test_the_same_generator_gives_the_same_and_another_another(cell, start):
    sizes = dict(zip(OWN[cell].shapes.dims, SIZES, strict=False))
    first, again, other = (start(OWN[cell], sizes, seed=seed) for seed in (0, 0, 1))
    assert all((first[name] == again[name]).all() for name in first)
    assert cell == "Bare" or any((first[name] != other[name]).any() for name in first)


@pytest.mark.parametrize("cell", OWN)
def test_every_value_has_the_dtype(cell, package):
    sizes = dict(zip(OWN[cell].shapes.dims, SIZES, strict=False))
    module = package(OWN[cell], "numpy")
    for dtype in (np.float32, np.float64):
        params = module.init(np.random.default_rng(0), **sizes, dtype=dtype)
        assert {(type(value), value.dtype) for value in vars(params).values()} <= {(np.ndarray, np.dtype(dtype))}
    made = getattr(package(OWN[cell], "torch"), cell)
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        values = list(made(**sizes, dtype=dtype).parameters())
        assert {value.dtype for value in values} <= {dtype}
        assert all(torch.isfinite(value).all() for value in values)
    assert all(value.is_meta for value in made(**sizes, device="meta").parameters())


# -- planted faults ----------------------------------------------------------------------------------------------------

FAULTS = {
    "numpy": [
        (Gates, "6 / (n + k)", "6 / (n + n)"),
        (Gates, "3 / n", "3 / k"),
        (Gates, "0.5 * np.eye(k)", "0.5 * np.eye(k)[::-1]"),
        (Gates, "orthogonal(rng, (k, k), 1.5)", "1.5 * orthogonal(rng, (k, 2 * k), 1.0)[:, :k]"),
        (Gates, "np.where(np.diagonal(r) < 0, -1, 1)", "1 + np.diagonal(r)"),
        (Gates, "np.linspace(-1.0, 2.0, k)", "np.linspace(2.0, -1.0, k)"),
        (Alike, "6 / (k + k)", "6 / (4 * k + k)"),
        (Whole, "q if shape[0] >= shape[1] else q.T", "q.reshape(shape)"),
        (Vectors, "rng.normal(0, 0.3", "rng.normal(0, 0.35"),
        (Vectors, "rng.uniform(-0.5, 1.5", "rng.uniform(-0.5, 1.6"),
        (Vectors, "50.0 - 1", "50.0 - 5"),
        (Vectors, "np.log(0.01)", "np.log(0.011)"),
        (Redrawn, "bound = k**-0.5", "bound = n**-0.5"),
    ],
    "torch": [
        (Gates, "xavier_uniform_(part(self.W_x, 0, 4))", "xavier_uniform_(self.W_x[: 2 * k])"),
        (Gates, 'part(self.W_x, 1, 4), nonlinearity="linear"', "part(self.W_x, 1, 4)"),
        (Gates, "fill_diagonal_(0.5)", "fill_diagonal_(0.5).mul_(2)"),
        (Gates, "orthogonal(part(self.W_h, 0, 4), 1.5)", "orthogonal(self.W_h, 1.5)"),
        (Gates, "torch.linspace(-1.0, 2.0, k", "torch.linspace(2.0, -1.0, k"),
        (Vectors, "normal_(0, 0.3)", "normal_(0, 0.35)"),
        (Vectors, "uniform_(-0.5, 1.5)", "uniform_(-0.5, 1.6)"),
        (Vectors, "50.0 - 1", "50.0 - 5"),
        (Whole, "orthogonal(self.T, 2.0)", "orthogonal(self.T.T[:5], 2.0)"),
        (Redrawn, "bound = k**-0.5", "bound = (2 * k) ** -0.5"),
    ],
}  # fmt: skip
TESTS = {
    Gates: test_each_block_of_each_gate_starts_by_itself,
    Alike: test_gates_that_start_alike_have_the_fans_of_one,
    Whole: test_matrices_that_are_stored_as_they_are,
    Vectors: test_vectors_start_as_declared,
    Redrawn: test_a_variant_has_what_it_does_not_redefine,
}


@pytest.mark.parametrize(("backend", "cell", "old", "new"), [(b, *fault) for b in FAULTS for fault in FAULTS[b]])
def test_a_planted_fault_is_seen(backend, cell, old, new, package, start):
    wrong = altered(package(cell, backend), (old, new))
    TESTS[cell](start)
    with pytest.raises(AssertionError):
        TESTS[cell](lambda cell_, sizes: start(cell_, sizes, module=wrong))


# -- one set of values for both backends -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CELLS)
def test_the_documented_way_to_equal_values(name):
    cell, nm, tm = CELLS[name], numpy_module(CELLS[name]), torch_module(CELLS[name])
    if not cell.system.parameters:
        return
    sizes = dict(zip(cell.shapes.dims, SIZES, strict=False))
    params = nm.init(np.random.default_rng(3), **sizes)
    known = {"torch": torch, name: getattr(tm, name), "params": params, folder(name): nm, **sizes}
    for doc in (nm.init.__doc__, getattr(tm, name).reset_parameters.__doc__):
        (code,) = re.findall(r"`(\w+\.from_spec\(.*\))`", doc)
        made = eval(code, {**known, "rng": np.random.default_rng(3)})
        at = params.to_spec()
        assert all((value.numpy() == at[key]).all() for key, value in made.to_spec().items())
        assert made.to_spec().keys() == at.keys()


def test_the_docstrings_say_what_is_drawn(package):
    says = {cell: package(cell, "numpy").init.__doc__.splitlines()[0] for cell in (Vectors, Alike, Bare)}
    assert says == {
        Vectors: "Parameters to start from: drawn uniformly from ±1/sqrt(k) unless the cell declares another start.",
        Alike: "Parameters to start from: drawn uniformly from ±1/sqrt(k) unless the cell declares another start.",
        Bare: "Parameters to start from: there are none.",
    }
    assert "First values: W_f (glorot_uniform(), orthogonal(1.5)), b_f 1.0, " in package(Gates, "torch").__doc__
    assert "First values" not in numpy_module(LSTM).__doc__


# -- the tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_every_backend_has_every_row(backend):
    assert set(backend.spelling.first) == {*RULES, "default"}


def test_every_rule_is_public():
    rows = {name for name, value in vars(init).items() if callable(value) and not name.startswith("_")}
    assert rows - {"Initialiser"} == set(RULES) - {"constant"}


def test_a_missing_row_stops_generation(monkeypatch):
    backend = BACKENDS[0]
    first = {rule: row for rule, row in backend.spelling.first.items() if rule != "orthogonal"}
    broken = dataclasses.replace(backend, spelling=dataclasses.replace(backend.spelling, first=first))
    monkeypatch.setattr("lstmspec.emit._generate.BACKENDS", (broken,))
    with pytest.raises(SpecError) as error:
        generate([Gates.system])
    assert [(finding.code, finding.message) for finding in error.value.diagnostics] == [
        (Code.LS212, "NumPy cannot be generated: the initialiser orthogonal has no row")
    ]


def test_initialisers_are_data():
    assert init.uniform(0, 1) == init.uniform(0.0, 1.0) == Initialiser("uniform", (0.0, 1.0))
    assert (str(init.orthogonal()), str(init.glorot_uniform())) == ("orthogonal(1.0)", "glorot_uniform()")
    assert Gates.system.symbols["W_f"].initial == (init.glorot_uniform(), init.orthogonal(1.5))
    assert Gates.system.symbols["W_g"].initial is None


# -- the built-in cells ------------------------------------------------------------------------------------------------

ZOO = {
    ("ElmanRelu", "W_h"): "normal(0.001) identity(1.0)",
    ("IndRNN", "u"): "uniform(0.0, 1.0)",
    ("IntersectionRNN", "b_g_y"): "1.0",
    ("JANET", "b_f"): "chrono(784.0)",
    ("LayerNormCarriedLSTM", "gain_c"): "1.0",
    ("LayerNormLSTM", "shift_c"): "0.0",
    ("LiGRU", "W_z"): "glorot_uniform() orthogonal(1.0)",
    ("MLSTM", "b_f"): "3.0",
    ("PhasedLSTM", "r_on"): "0.05",
    ("SLSTM", "b_f"): "spread(3.0, 6.0)",
    ("SRUProjected", "W_skip"): "lecun_uniform()",
    ("UGRNN", "b_g"): "1.0",
}


@pytest.mark.parametrize(("cell", "name"), ZOO)
def test_built_in_cells_start_as_their_sources_say(cell, name):
    found = CELLS[cell].system.symbols[name].initial
    assert " ".join(str(part) for part in (found if isinstance(found, tuple) else (found,))) == ZOO[cell, name]


def test_what_torch_has_starts_as_in_torch():
    """Uniform from ±1/sqrt(k), forget bias and all; the others of torch.nn are no different."""
    for name in ("LSTM", "GRU", "Elman", "LSTMP"):
        assert not any(symbol.initial for symbol in CELLS[name].system.symbols.values())


# -- what is refused ---------------------------------------------------------------------------------------------------

HEAD = """
from lstmspec import Bias, Cell, Input, State, Weight, affine, dims, init, linear, sigmoid, tanh
import torch
n, k = dims("n k")
class Bad(Cell):
    x, h = Input(n), State(k)
""".lstrip()
REFUSED = {
    "W = Weight(k, init=True)": "init = True is neither a number nor an initialiser",
    "W = Weight(k, init=float('inf'))": "init = inf is not a finite number",
    "W = Weight(k, n, init=())": "init is an empty tuple",
    "W = Weight(k, n, init=[1, 2])": "init = [1, 2] is neither a number nor an initialiser",
    "W = Weight(k, n, init=((1, 2), 3))": "init = (1, 2) is neither a number nor an initialiser",
    "W = Weight(k, k, init=init.orthogonal)": "init is a function, orthogonal",
    "W = Weight(k, k, init=torch.nn.init.orthogonal_)": "init is a function, orthogonal_",
    "W = Weight(k, init=lambda: 1)": "init is a function, <lambda>",
    "b = Bias(k, init=init.normal(0))": "init.normal: std = 0 is not above 0",
    "b = Bias(k, init=init.normal('small'))": "init.normal: std = 'small' is not a finite number",
    "b = Bias(k, init=init.uniform(1, 1))": "init.uniform: low = 1 is not below high = 1",
    "b = Bias(k, init=init.log_uniform(0, 1))": "init.log_uniform: low = 0 is not above 0",
    "b = Bias(k, init=init.log_uniform(3, 2))": "init.log_uniform: low = 3 is not below high = 2",
    "b = Bias(k, init=init.chrono(2))": "init.chrono: steps = 2 is not above 2",
    "b = Bias(k, init=init.spread(3, float('nan')))": "init.spread: high = nan is not a finite number",
    "W = Weight(k, k, init=init.orthogonal(-1))": "init.orthogonal: gain = -1 is not above 0",
    "W = Weight(k, k, init=init.identity(None))": "init.identity: scale = None is not a finite number",
    "f = affine(x, h, bias_init='one')": "bias_init = 'one' is neither a number nor an initialiser",
    "f = affine(x, h, bias=False, bias_init=1)": "bias_init is for a bias, and the layer has none",
}
UNFIT = {
    "h.next = tanh(affine(x, h, init=init.identity()))": (
        "init.identity(1.0) does not fit the columns of `W_h` that act on `x`",
        "init.identity is for a square matrix; the shape is (k, n)",
    ),
    "h.next = tanh(affine(x, h, init=(None, init.spread(0, 1))))": (
        "init.spread(0.0, 1.0) does not fit the columns of `W_h` that act on `h`",
        "init.spread is for a vector; the shape is (k, k)",
    ),
    "h.next = tanh(affine(x, h, bias_init=init.orthogonal()))": (
        "init.orthogonal(1.0) does not fit `b_h`",
        "init.orthogonal is for a matrix; the shape is (k)",
    ),
    "h.next = tanh(linear(x, init=init.identity()))": (
        "init.identity(1.0) does not fit `W_h`",
        "init.identity is for a square matrix; the shape is (k, n)",
    ),
    "h.next = tanh(affine(x, h, init=(1, 2, 3)))": (
        "init of `W_h` has 3 initialisers for 2 operands",
        "it acts on `x`, `h`",
    ),
    "h.next = tanh(affine(x, h, init=(init.orthogonal(),)))": (
        "init of `W_h` has 1 initialiser for 2 operands",
        "it acts on `x`, `h`",
    ),
    "h.next = tanh(affine(x, h, bias_init=(1, 2)))": (
        "init of `b_h` is a tuple, which is for a matrix that acts on one concatenation",
        None,
    ),
    "W = Weight(k, k, init=(1,)); h.next = tanh(W @ h + W @ tanh(h))": (
        "init of `W` is a tuple, which is for a matrix that acts on one concatenation",
        None,
    ),
    "W = Weight((), init=init.glorot_uniform()); h.next = tanh(W * h)": (
        "init.glorot_uniform() does not fit `W`",
        "init.glorot_uniform is for a matrix; the shape is ()",
    ),
}


@pytest.fixture
def bad(tmp_path, monkeypatch):
    """The findings of a cell with these lines."""
    monkeypatch.chdir(tmp_path)

    def found(body):
        linecache.clearcache()  # it knows files by name, and here all have the same
        (tmp_path / "mine.py").write_text(HEAD + textwrap.indent(body + "\n", "    "), encoding="utf-8")
        try:
            return runpy.run_path("mine.py")["Bad"].shapes.diagnostics
        except SpecError as error:
            return error.diagnostics

    return found


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_no_initialiser_is_refused_where_it_stands(line, bad):
    (finding,) = bad(f"{line}\nh.next = tanh(affine(x, h))")
    assert (finding.code, finding.message, finding.cell) == (Code.LS211, REFUSED[line], "Bad")
    assert where(finding.site) == "mine.py:6"


@pytest.mark.parametrize("line", UNFIT)
def test_what_does_not_fit_the_shape_is_a_finding(line, bad):
    (finding,) = bad(line)
    message, note = UNFIT[line]
    assert (finding.code, finding.message, finding.notes[:1]) == (Code.LS211, message, () if note is None else (note,))
    assert where(finding.site) == "mine.py:6"
    assert finding.help


def test_the_whole_text(bad):
    (finding,) = bad("h.next = tanh(affine(x, h, init=init.identity()))")
    assert str(finding) == textwrap.dedent("""\
        error[LS211]: init.identity(1.0) does not fit the columns of `W_h` that act on `x`
         --> mine.py:6:19
          |
        6 |     h.next = tanh(affine(x, h, init=init.identity()))
          |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = in cell `Bad`
          = init.identity is for a square matrix; the shape is (k, n)
          = a tuple has one initialiser for each operand; None in it is the default
          = help: here fit a number, init.uniform, init.normal, init.log_uniform, init.chrono, init.orthogonal, \
init.glorot_uniform, init.lecun_uniform""")


def test_a_wrong_initialiser_is_found_in_the_variant_that_changes_the_shape(bad):
    body = "W = Weight(k, init=init.orthogonal())\nh.next = tanh(W * h + linear(x))"
    (finding,) = bad(body)
    assert (finding.message, where(finding.site)) == ("init.orthogonal(1.0) does not fit `W`", "mine.py:6")


def test_the_second_derivative_of_a_cell_with_initialisers_is_derived():
    assert Gates.adjoint.adjoint.shapes.diagnostics == ()
    assert Gates.jacobian("c.next", "c") is not None
