"""Generated PyTorch code on tensors without data whose sizes are symbols: the shapes hold for all sizes, not for some.

A guard is what PyTorch would assume of a symbol to go on (that it is not 1, that two are equal); none may be needed.
"""

import inspect
import typing

import pytest
import torch
from helpers import CELLS, NIGHTLY, altered, torch_module
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv

FUNCTIONS = ("_outputs", "_forward", "_backward", "_double_backward")
HINTS = (7, 5, 11, 13, 17, 19)  # sizes by which PyTorch tells symbols apart; they must not matter
TIME = 3

every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())


def _sizes(env, names):
    """A symbolic integer for each name."""

    def size(name, hint):
        source = ConstantSource(name)
        symbol = env.create_symbol(hint, source, dynamic_dim=DimDynamic.DYNAMIC, constraint_dim=None)
        return env.create_symintnode(symbol, hint=hint, source=source)

    return {name: size(name, hint) for name, hint in zip(names, HINTS, strict=False)}


def _shape(axes, sizes):
    """What annotated axes such as `time+1 batch 4*k` are at these sizes."""
    return tuple(eval(text, {}, sizes) for text in axes.split())


def _text(shape):
    return tuple(str(size.node.expr) if isinstance(size, torch.SymInt) else str(size) for size in shape)


def has_declared_shapes(function, cell) -> int:
    """Assert that every result has its annotated shape, for all sizes; the number of results."""
    env = ShapeEnv()
    sizes = {"time": TIME, **_sizes(env, (*cell.shapes.dims, "batch"))}
    signature = inspect.signature(function)
    args = []
    with FakeTensorMode(shape_env=env):
        for name, parameter in signature.parameters.items():
            if name == "sizes":
                args.append(torch.empty(tuple(sizes[dim] for dim in cell.shapes.dims)))
            elif parameter.annotation is float:
                args.append(cell.system.symbols[name].value)
            else:
                args.append(torch.empty(_shape(parameter.annotation.dim_str, sizes)))
        results = function(*args)
    hints = typing.get_args(signature.return_annotation)
    assert len(results) == len(hints)
    for place, (result, hint) in enumerate(zip(results, hints, strict=True)):
        got, expected = _text(result.shape), _text(_shape(hint.dim_str, sizes))
        assert got == expected, f"{function.__name__}: result {place} is {got}, declared ({hint.dim_str}) = {expected}"
    assert not env.guards, f"{function.__name__} assumes {[str(guard.expr) for guard in env.guards]}"
    assert not env.replacements and not env.deferred_runtime_asserts
    return len(results)


# Two passes of each cell, in turns; with LSTMSPEC_NIGHTLY=1 all four.
PLANS = [(name, FUNCTIONS[at]) for place, name in enumerate(CELLS) for at in range(4) if NIGHTLY or at % 2 == place % 2]


@pytest.mark.parametrize(("cell", "name"), PLANS)
def test_results_have_their_declared_shapes_at_all_sizes(cell, name):
    assert has_declared_shapes(getattr(torch_module(CELLS[cell]), name), CELLS[cell]) > 0


@every_cell
def test_declared_shapes_are_those_that_the_checker_solved(cell):
    module, shapes, system = torch_module(cell), cell.shapes.of, cell.system

    def axes(name, lead):
        return " ".join((lead, *map(str, shapes[name]))).strip()

    arguments = {name: hint.annotation for name, hint in inspect.signature(module.sequence).parameters.items()}
    leads = {**dict.fromkeys(system.inputs, "time batch"), **dict.fromkeys(system.states, "1 batch")}
    for name, lead in leads.items():
        assert arguments[name].dim_str == axes(name, lead)
    outputs = typing.get_args(inspect.signature(module.sequence).return_annotation)
    assert [hint.dim_str for hint in outputs] == [
        axes(system.output, "time batch"), *(axes(f"{s}.next", "1 batch") for s in system.states)
    ]  # fmt: skip


@every_cell
def test_each_gradient_is_declared_like_what_it_is_the_gradient_of(cell):
    module = torch_module(cell)

    def axes_of(name):
        signature = inspect.signature(getattr(module, name))
        arrays = (p for p in signature.parameters.values() if p.name != "sizes")
        hints = [p.annotation for p in arrays if hasattr(p.annotation, "dim_str")]
        return [h.dim_str for h in hints], [h.dim_str for h in typing.get_args(signature.return_annotation)]

    (forward, results), (_, gradients), (_, second) = map(axes_of, ("_forward", "_backward", "_double_backward"))
    seeds = results[: 1 + len(cell.system.states)]
    assert gradients == forward
    assert second == [*gradients, *seeds]


DIFFERS, REFUSED, ASSUMES = r"result \d is", "expand|reduction dim", "assumes"
FAULTS = {
    "outputs with the first state": ("_forward", "all_h[1:].clone(),", "all_h.clone(),", DIFFERS),
    "a gradient transposed": ("_backward", "flat(all_d_a).T @ flat(xs)", "flat(xs).T @ flat(all_d_a)", DIFFERS),
    "a sum over time alone": ("_backward", "all_d_a.sum(dim=(0, 1))", "all_d_a.sum(dim=0)", DIFFERS),
    "a gate too wide": ("_forward", "torch.sigmoid(a[..., :k])", "torch.sigmoid(a[..., : 2 * k])", REFUSED),
    "a gate too narrow": ("_forward", "torch.sigmoid(a[..., :k])", "torch.sigmoid(a[..., 1:k])", REFUSED),
    "a vector of the hidden size": ("_double_backward", "xs @ probe_W_x.T", "all_h[1:] @ probe_W_x.T", REFUSED),
    "a size taken for another": ("_forward", "    _, k = sizes.shape", "    k, _ = sizes.shape", REFUSED),
    "right at some sizes": ("_forward", "    _, k = sizes.shape", "    n, k = sizes.shape\n    k = min(n, k)", ASSUMES),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault):
    name, old, new, said = FAULTS[fault]
    function = getattr(altered(torch_module(CELLS["LSTM"]), (old, new)), name)
    with pytest.raises((AssertionError, RuntimeError), match=said):
        has_declared_shapes(function, CELLS["LSTM"])
