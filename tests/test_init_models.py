"""First values of models: dtypes, one set of values for both backends, docstrings, tables, and the built-in cells."""

import dataclasses
import importlib
import inspect
import re

import numpy as np
import pytest
import torch
from helpers import CELLS, SIZES, numpy_module, torch_module
from starting import OWN, Alike, Bare, Gates, Vectors

from lstmspec import Code, SpecError, init
from lstmspec.emit import BACKENDS, generate
from lstmspec.language import RULES, Initialiser
from lstmspec.zoo.lstm import LSTM


@pytest.mark.parametrize("name", OWN)
def test_every_value_has_the_dtype(name):
    cell = OWN[name]
    sizes = dict(zip(cell.shapes.dims, SIZES, strict=False))
    for dtype in (np.float32, np.float64):
        params = numpy_module(cell).init(np.random.default_rng(0), **sizes, dtype=dtype)
        assert {(type(value), value.dtype) for value in vars(params).values()} <= {(np.ndarray, np.dtype(dtype))}
    made = getattr(torch_module(cell), name)
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        values = list(made(**sizes, dtype=dtype).parameters())
        assert {value.dtype for value in values} <= {dtype}
        assert all(torch.isfinite(value).all() for value in values)
    assert all(value.is_meta for value in made(**sizes, device="meta").parameters())


# -- one set of values for both backends -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in CELLS if CELLS[name].system.parameters])
def test_the_documented_way_to_equal_values(name):
    """The code in the docstring of `reset_parameters`, run: it gives NumPy's values to a PyTorch module."""
    cell, nm, tm = CELLS[name], numpy_module(CELLS[name]), torch_module(CELLS[name])
    sizes = dict(zip(cell.shapes.dims, SIZES, strict=False))
    made = getattr(tm, name)
    (code,) = re.findall(r"`(from_spec\(.*\))`", inspect.getdoc(made.reset_parameters))
    assert "`from_spec` takes these" in inspect.getdoc(nm.init)
    assert code.count("init(rng, …)") == 1  # the sizes, which are the user's
    known = {"torch": torch, "from_spec": made.from_spec, "init": nm.init, "sizes": sizes}
    found = eval(code.replace("…", "**sizes"), {**known, "rng": np.random.default_rng(3)}).to_spec()
    at = nm.init(np.random.default_rng(3), **sizes).to_spec()
    assert all((value.numpy() == at[key]).all() for key, value in found.items())
    assert found.keys() == at.keys()


def test_the_docstrings_say_what_is_drawn():
    says = {cell: numpy_module(cell).init.__doc__.splitlines()[0] for cell in (Vectors, Alike, Bare)}
    assert says == {
        Vectors: "Parameters to start from: drawn uniformly from ±1/sqrt(k) unless the cell declares another start.",
        Alike: "Parameters to start from: drawn uniformly from ±1/sqrt(k) unless the cell declares another start.",
        Bare: "Parameters to start from: there are none.",
    }
    assert "First values: W_f (glorot_uniform(), orthogonal(1.5)), b_f 1.0, " in torch_module(Gates).__doc__
    assert "First values" not in numpy_module(LSTM).__doc__


# -- the tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_every_backend_has_every_row(backend):
    files = [importlib.import_module(f"lstmspec.runtime.{file.removesuffix('.py')}") for file in backend.runtime]
    tables = [file.RULES for file in files if hasattr(file, "RULES")]
    assert {frozenset(table) for table in tables} == {frozenset(RULES)} == {frozenset(backend.rules)}


def test_every_rule_is_public():
    rows = {name for name, value in vars(init).items() if callable(value) and not name.startswith("_")}
    assert rows - {"Initialiser"} == set(RULES) - {"constant"}


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_a_missing_row_stops_generation(backend):
    backend = dataclasses.replace(backend, rules=backend.rules - {"orthogonal"})
    with pytest.raises(SpecError) as error:
        generate([Gates.system], backends=[backend])
    assert [(finding.code, finding.message) for finding in error.value.diagnostics] == [
        (Code.LS212, "a model cannot be generated: the initialiser orthogonal has no row in " + backend.title)
    ]
    assert generate([Alike.system], backends=[backend]).cells == {"alike": "Alike"}  # which has no such start


def test_initialisers_are_data():
    assert init.uniform(0, 1) == init.uniform(0.0, 1.0) == Initialiser("uniform", (0.0, 1.0))
    assert (str(init.orthogonal()), str(init.glorot_uniform())) == ("orthogonal(1.0)", "glorot_uniform()")
    assert Gates.system.symbols["W_f"].initial == (init.glorot_uniform(), init.orthogonal(1.5))
    assert Gates.system.symbols["W_g"].initial is None


def test_the_second_derivative_of_a_cell_with_initialisers_is_derived():
    assert Gates.adjoint.adjoint.shapes.diagnostics == ()
    assert Gates.jacobian("c.next", "c") is not None


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
