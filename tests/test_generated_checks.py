"""Run-time checks of generated models: what is refused, in which words, and before any arithmetic."""

import importlib

import numpy as np
import pytest
import torch
from helpers import (
    BATCH,
    CELLS,
    TIME,
    draw,
    every_cell_in,
    numpy_module,
    numpy_run,
    package_of_cell,
    tensors,
    torch_module,
    torch_run,
)
from torch.utils._python_dispatch import TorchDispatchMode

from lstmspec.language import sequence_name

OTHER = 23  # a size that nothing has
every_cell = every_cell_in(3)


def refused(cell, match=None):
    """The error of the runtime of this cell's package."""
    return pytest.raises(importlib.import_module(f"{package_of_cell(cell)}._runtime").ShapeError, match=match)


def torch_call(cell, **changes):
    """The module on its case with some arguments replaced; states are given without the axis of layers."""
    run = torch_run(torch_module(cell), draw(cell))
    given = {**{n: leaf.detach() for n, leaf in run.leaves.items()}, **changes}
    states = [given[name][None] for name in cell.system.states]
    return run.module(*(given[name] for name in cell.system.inputs), tuple(states) if len(states) > 1 else states[0])


def numpy_call(cell, params=None, **changes):
    case, nm, system = draw(cell), numpy_module(cell), cell.system
    params, *_ = numpy_run(nm, case) if params is None else (params,)
    given = {**case.at, **changes}
    return nm.forward(params, *(given[n] for n in system.inputs), nm.State(*(given[n] for n in system.states)))


# -- what is refused ---------------------------------------------------------------------------------------------------

BAD = {
    "size": lambda u: np.concatenate([u, u], axis=-1),
    "one too many": lambda u: np.concatenate([u, u[..., :1]], axis=-1),
    "size 1": lambda u: u[..., :1],
    "rank too high": lambda u: u[None],
    "rank too low": lambda u: u[0],
    "float32": lambda u: u.astype(np.float32),
    "int64": lambda u: u.astype(np.int64),
    "bool": lambda u: u > 0,
}


@every_cell
@pytest.mark.parametrize("bad", BAD)
def test_a_wrong_input_or_state_is_refused_and_blamed(cell, bad):
    case = draw(cell)
    for name in (*cell.system.inputs, *cell.system.states):
        value = BAD[bad](case.at[name])
        with refused(cell, match=rf"argument `({name}|{sequence_name(name)})` "):
            numpy_call(cell, **{name: value})
        with refused(cell, match=rf"argument `{name}` "):
            torch_call(cell, **{name: torch.tensor(value)})


@every_cell
@pytest.mark.parametrize("batch", [1, BATCH - 1 + OTHER])
def test_another_batch_of_a_state_is_refused(cell, batch):
    other = draw(cell, batch=batch)
    for name in cell.system.states:
        with refused(cell, match=rf"argument `{name}` .* axis 0 is {batch}, not batch = {BATCH}"):
            numpy_call(cell, **{name: other.at[name]})
        with refused(cell, match=rf"argument `{name}` .* axis 1 is {batch}, not batch = {BATCH}"):
            torch_call(cell, **{name: torch.tensor(other.at[name])})


@every_cell
def test_another_kind_of_array_is_refused(cell):
    case = draw(cell)
    for name in cell.system.inputs:
        for value in (case.at[name].tolist(), torch.tensor(case.at[name]), None):
            with refused(cell, match=rf"argument `{sequence_name(name)}` is .*; expected a numpy.ndarray of shape"):
                numpy_call(cell, **{name: value})
        run = torch_run(torch_module(cell), case)
        for value in (case.at[name].tolist(), case.at[name]):
            rest = [value if n == name else run.leaves[n] for n in cell.system.inputs]
            with refused(cell, match=rf"argument `{name}` is .*; expected a torch.Tensor of shape"):
                run.module(*rest, None) if name != cell.system.inputs[0] else run.module(*rest)


@every_cell
def test_a_tuple_of_states_of_another_length_is_refused(cell):
    case = draw(cell)
    run = torch_run(torch_module(cell), case)
    inputs = [run.leaves[name] for name in cell.system.inputs]
    states = [run.leaves[name][None] for name in cell.system.states]
    wrong = [tuple(states[:-1]), (*states, states[0]), [], *([states[0]] if len(states) > 1 else [])]
    for state in wrong:
        with refused(cell, match="argument `"):
            run.module(*inputs, state)


@every_cell
@pytest.mark.parametrize("bad", ["float32", "rank too high", "size 1"])
def test_wrong_cotangents_are_refused_and_blamed(cell, bad):
    case, nm = draw(cell), numpy_module(cell)
    params, ys, tape, _ = numpy_run(nm, case)
    states = [case.d[f"{name}.next"] for name in cell.system.states]
    with refused(cell, match=r"backward: argument `d_ys` "):
        nm.backward(params, tape, BAD[bad](ys), nm.State(*states))
    with refused(cell, match=rf"argument `d_ys` has shape .* axis 0 is 1, not time = {TIME}"):
        nm.backward(params, tape, ys[:1], nm.State(*states))
    states[-1] = BAD[bad](states[-1])
    with refused(cell, match=rf"argument `d_state\.{cell.system.states[-1]}` "):
        nm.backward(params, tape, ys, nm.State(*states))


def _one_row_more(u):
    return np.concatenate([u, u[:1]]) if u.ndim else u[None]  # a number has no rows: one is one too many


@every_cell
@pytest.mark.parametrize("bad", ["one row more", "rank too high"])
def test_a_wrong_weight_is_blamed_as_that_weight(cell, bad):
    change = {"one row more": _one_row_more, "rank too high": lambda u: u[None]}[bad]
    nm, fields = numpy_module(cell), numpy_run(numpy_module(cell), draw(cell))[0]
    for name in (n for n, value in vars(fields).items() if isinstance(value, np.ndarray)):
        value = change(vars(fields)[name])
        with refused(cell, match=rf"forward: argument `{name}` has shape"):
            numpy_call(cell, nm.Params(**{**vars(fields), name: value}))
        module = torch_run(torch_module(cell), draw(cell)).module
        setattr(module, name, torch.nn.Parameter(torch.tensor(value)))
        with refused(cell, match=rf"argument `{name}` has shape"):
            module(*tensors(draw(cell).take(cell.system.inputs)).values())


# -- in which words ----------------------------------------------------------------------------------------------------

N_K = "k = 5 (from `W_x`), n = 3 (from `W_x`)"
WORDS = {
    "input": (
        {"x": torch.zeros(TIME, BATCH, 2, dtype=torch.float64)},
        "LSTM: argument `x` has shape (7, 2, 2); expected (time, batch, n): axis 2 is 2, not n = 3; "
        f"{N_K}, time = 7 (from `x`), batch = 2 (from `x`)",
    ),
    "rank": (
        {"x": torch.zeros(BATCH, 3, dtype=torch.float64)},
        f"LSTM: argument `x` has shape (2, 3), 2 axes; expected (time, batch, n); {N_K}",
    ),
    "state": (
        {"c": torch.zeros(11, 5, dtype=torch.float64)},
        "LSTM: argument `c` has shape (1, 11, 5); expected (1, batch, k): axis 1 is 11, not batch = 2; "
        f"{N_K}, time = 7 (from `x`), batch = 2 (from `x`)",
    ),
    "dtype": (
        {"x": torch.zeros(TIME, BATCH, 3)},
        "LSTM: argument `x` is torch.float32 on cpu; expected torch.float64 on cpu, as `W_x` is",
    ),
    "integers": (
        {"h": torch.zeros(BATCH, 5, dtype=torch.int64)},
        "LSTM: argument `h` has dtype torch.int64; expected a floating one",
    ),
}


@pytest.mark.parametrize("what", WORDS)
def test_the_exact_words(what):
    changes, words = WORDS[what]
    with refused(CELLS["LSTM"]) as found:
        torch_call(CELLS["LSTM"], **changes)
    assert str(found.value) == words


# -- parameters by name, and sizes -------------------------------------------------------------------------------------


def _from_spec(cell):
    """Both backends' `from_spec`, with parameters that they take."""
    spec = draw(cell).take(cell.system.parameters)
    yield numpy_module(cell).Params.from_spec, spec
    yield getattr(torch_module(cell), cell.__name__).from_spec, tensors(spec)


@every_cell
def test_parameters_missing_or_unknown_are_refused(cell):
    for from_spec, spec in _from_spec(cell):
        for name in spec:
            with refused(cell, match=rf"^{cell.__name__}.from_spec: parameters \['{name}'\] are missing"):
                from_spec({key: value for key, value in spec.items() if key != name})
        with refused(cell, match=r"from_spec: \['W_nobody'\] are no parameters of this cell; expected \["):
            from_spec({**spec, "W_nobody": next(iter(spec.values()))})


def _of_other_sizes(from_spec, spec):
    """Whether parameters fit for other sizes: with p = 1 and a larger n, W (p, k) may lose rows beside U (k, n+p)."""
    try:
        taken = from_spec(spec).to_spec()
    except TypeError:  # a ShapeError is one
        return False
    return {name: value.shape for name, value in taken.items()} == {name: value.shape for name, value in spec.items()}


@every_cell
def test_an_ill_shaped_parameter_is_refused(cell):
    for from_spec, spec in _from_spec(cell):
        ill_shaped = refused(cell, match=rf"^{cell.__name__}.from_spec: `\w+` has shape .*; expected \(")
        for name in spec:
            with ill_shaped:
                from_spec({**spec, name: spec[name][None]})
            if spec[name].ndim and not _of_other_sizes(from_spec, {**spec, name: spec[name][:1]}):
                with ill_shaped:
                    from_spec({**spec, name: spec[name][:1]})
            integers = spec[name].astype(int) if isinstance(spec[name], np.ndarray) else spec[name].long()
            with refused(cell, match=rf"from_spec: `{name}` has dtype (torch.)?int64; expected a floating one"):
                from_spec({**spec, name: integers})


def test_an_ill_shaped_parameter_is_blamed():
    for from_spec, spec in _from_spec(CELLS["LSTM"]):
        words = "LSTM.from_spec: `W_g` has shape (5, 7); expected (k, n+k): axis 1 is 7, not n+k = 8; "
        words += "k = 5 (from `W_f`), n = 3 (from `W_f`)"
        with refused(CELLS["LSTM"]) as found:
            from_spec({**spec, "W_g": spec["W_g"][:, 1:]})
        assert str(found.value) == words


@every_cell
@pytest.mark.parametrize("size", [0, -1, 2.0, "2", None, True])
def test_a_module_refuses_what_is_no_size(cell, size):
    sizes = dict(zip(cell.shapes.dims, (3, 5, 11), strict=False))
    for dim in sizes:
        with pytest.raises(ValueError, match=rf"^{cell.__name__}: {dim} = {size!r} is no size; expected a positive"):
            getattr(torch_module(cell), cell.__name__)(**{**sizes, dim: size})


@every_cell
def test_gradients_are_refused_before_there_are_any(cell):
    module = torch_run(torch_module(cell), draw(cell)).module
    with pytest.raises(ValueError, match="no gradients yet"):
        module.to_spec(grad=True)


# -- before any arithmetic ---------------------------------------------------------------------------------------------


class Recorded(np.ndarray):
    """An array that writes down every operation on it."""

    done: list[str] = []  # noqa: RUF012 — one list for all views is the point

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        Recorded.done.append(ufunc.__name__)
        plain = [u.view(np.ndarray) if isinstance(u, Recorded) else u for u in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)


class Recording(TorchDispatchMode):
    """Writes down every operation on tensors."""

    def __init__(self):
        super().__init__()
        self.done = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.done.add(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


@every_cell
def test_nothing_is_computed_before_the_checks(cell):
    last, case = cell.system.states[-1], draw(cell)
    inputs = {name: case.at[name].view(Recorded) for name in cell.system.inputs}
    numpy_call(cell, **inputs)
    assert Recorded.done, "the recorder recorded nothing where there is something"
    Recorded.done.clear()
    with refused(cell):
        numpy_call(cell, **inputs, **{last: case.at[last][:1]})
    assert Recorded.done == []

    run = torch_run(torch_module(cell), case)
    states = [run.leaves[name][None] for name in cell.system.states]
    tensors_in = [run.leaves[name] for name in cell.system.inputs]
    for good in (True, False):
        if not good:
            states[-1] = states[-1][:, :1]
        with Recording() as recording:
            if good:
                run.module(*tensors_in, tuple(states) if len(states) > 1 else states[0])
            else:
                with refused(cell):
                    run.module(*tensors_in, tuple(states) if len(states) > 1 else states[0])
        without_memory = {"new_empty", "expand", "empty"}
        assert bool(recording.done - without_memory) == good, recording.done
