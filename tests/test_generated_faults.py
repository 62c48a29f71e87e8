"""The comparators of the other tests find faults: planted in sources, in parameters, and in every operation."""

import ast
import inspect
import textwrap
from types import ModuleType

import numpy as np
import pytest
from helpers import (
    CELLS,
    agrees_with_complex_step,
    altered,
    close,
    draw,
    numpy_backward,
    numpy_double_backward,
    numpy_forward,
    numpy_module,
    numpy_outputs,
    oracle_forward,
    same,
    torch_backward,
    torch_double_backward,
    torch_forward,
    torch_module,
    torch_outputs,
)

TOLERANCE = 1e-6  # a million times what the other tests allow
PASSES = ("_forward", "_backward", "_double_backward", "_outputs")
NUMPY = dict(zip(PASSES, (numpy_forward, numpy_backward, numpy_double_backward, numpy_outputs), strict=True))
TORCH = dict(zip(PASSES, (torch_forward, torch_backward, torch_double_backward, torch_outputs), strict=True))
BACKENDS = {"numpy": (numpy_module, NUMPY), "torch": (torch_module, TORCH)}

every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS.keys())


# -- the comparators themselves ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        (np.ones((5, 3)), "shape"),
        (np.ones((1, 1)), "shape"),
        (np.ones((3, 5)) * (1 + 2e-6), "differs"),
        (np.full((3, 5), np.nan), "differs"),
        (np.full((3, 5), np.inf), "differs"),
    ],
)
def test_close_refuses(actual, said):
    close(np.ones((3, 5)), np.ones((3, 5)), TOLERANCE)
    with pytest.raises(AssertionError, match=said):
        close(actual, np.ones((3, 5)), TOLERANCE)


def test_same_refuses_a_missing_name_and_a_number_that_is_none():
    same({"a": np.ones(3)}, {"a": np.ones(3)}, TOLERANCE)
    for actual, expected in (({}, {"a": 1.0}), ({"a": 1.0, "b": 1.0}, {"a": 1.0}), ({"a": np.nan}, {"a": np.nan})):
        with pytest.raises(AssertionError, match=r"names|finite"):
            same(actual, expected, TOLERANCE)


# -- faults in the source of one cell ----------------------------------------------------------------------------------

D_F, D_I = "d_c_next * pre_d_a[at]", "d_c_next * pre_d_a2[at]"
D_W = "flat(all_d_a).T @ flat({})"
FAULTS = {
    "gates swapped": ("_forward", "f * c + i * g", "i * c + f * g"),
    "W transposed": ("_forward", "h @ W_h.T", "h @ W_h.reshape(k, -1)"),
    "a term dropped": ("_forward", "f * c + i * g", "f * c"),
    "a stale state": ("_forward", "tanh(c_next)", "tanh(c)"),
    "a state not carried": ("_forward", "h, c = h_next, c_next", "c = c_next"),
    "adjoints of gates swapped": ("_backward", f"{D_F}, {D_I}", f"{D_I}, {D_F}"),
    "W transposed in the adjoint": ("_backward", "d_x = all_d_a @ W_x", "d_x = all_d_a @ W_x.reshape(-1, 4 * k).T"),
    "a term of an adjoint dropped": ("_backward", "d_ys[at] + up_h_next", "up_h_next"),
    "a stale state in an adjoint": ("_backward", D_W.format("all_h[:-1]"), D_W.format("all_h[1:]")),
    "a factor of 2.001": ("_backward", "1 - all_g**2", "1 - 2.001 * all_g**2"),
    "a factor of 2.001 again": ("_double_backward", "(2 * all_g)", "(2.001 * all_g)"),
    "a term dropped again": ("_double_backward", "total_dd_W_h + ", ""),
}


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_source_is_found(fault, backend):
    place, old, new = FAULTS[fault]
    case, (get, run) = draw(CELLS["LSTM"]), BACKENDS[backend]
    good = get(case.cell)
    bad = altered(good, (old, new))
    for name in PASSES[: PASSES.index(place)]:  # what comes before is not touched
        same(run[name](bad, case), run[name](good, case), TOLERANCE)
    with pytest.raises(AssertionError, match="differs"):
        same(run[place](bad, case), NUMPY[place](numpy_module(case.cell), case), TOLERANCE)


@pytest.mark.parametrize("fault", [fault for fault, (place, _, _) in FAULTS.items() if place == "_backward"])
def test_a_fault_in_a_gradient_is_found_by_the_complex_step(fault):
    case, good = draw(CELLS["LSTM"]), numpy_module(CELLS["LSTM"])
    agrees_with_complex_step(numpy_backward(good, case), case, 1e-12)
    with pytest.raises(AssertionError, match="differs"):
        agrees_with_complex_step(numpy_backward(altered(good, FAULTS[fault][1:]), case), case, TOLERANCE)


# -- faults in parameters ----------------------------------------------------------------------------------------------


@every_cell
def test_a_wrong_parameter_is_found(cell):
    """Each alone: scaled, its rows turned over, transposed where it is square."""
    case = draw(cell)
    expected = oracle_forward(case)
    for name in cell.system.parameters:
        value = case.at[name]
        for wrong in (value * 1.001, np.roll(value, 1, axis=0), value[::-1].copy()):
            with pytest.raises(AssertionError, match="differs"):
                same(numpy_forward(numpy_module(cell), case.with_(**{name: wrong})), expected, TOLERANCE)
            with pytest.raises(AssertionError, match="differs"):
                same(torch_forward(torch_module(cell), case.with_(**{name: wrong})), expected, TOLERANCE)


@every_cell
def test_parameters_swapped_with_each_other_are_found(cell):
    case = draw(cell)
    expected, shapes = oracle_forward(case), cell.shapes.of
    names = cell.system.parameters
    pairs = [(p, q) for place, p in enumerate(names) for q in names[:place] if shapes[p] == shapes[q]]
    assert pairs
    for p, q in pairs:
        swapped = case.with_(**{p: case.at[q], q: case.at[p]})
        with pytest.raises(AssertionError, match="differs"):
            same(numpy_forward(numpy_module(cell), swapped), expected, TOLERANCE)


# -- every operation of every pass, changed ----------------------------------------------------------------------------

OTHER: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Add(),
    ast.Div: ast.Mult(),
    ast.Pow: ast.Mult(),
}


def _operations(node: ast.AST) -> list[ast.BinOp]:
    """Arithmetic of arrays; that of sizes, in slices and in the shapes of new arrays, is left out."""
    if isinstance(node, ast.Slice) or (
        isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("empty", "zeros"))
    ):
        return []
    own = [node] if isinstance(node, ast.BinOp) and type(node.op) in OTHER else []
    inner = [node.value] if isinstance(node, ast.Subscript) else ast.iter_child_nodes(node)
    return own + [found for child in inner for found in _operations(child)]


def mutants(module: ModuleType, name: str) -> list[tuple[str, object]]:
    """A function for each operation of a pass, with that operation changed; and the line where it stands."""
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(getattr(module, name))))
    tree = ast.parse(source)
    (function,) = tree.body
    function.decorator_list, function.returns = [], None
    for argument in function.args.args:
        argument.annotation = None
    made = []
    for operation in _operations(function):
        before, operation.op = operation.op, OTHER[type(operation.op)]
        space = dict(vars(module))
        exec(compile(ast.fix_missing_locations(tree), name, "exec", dont_inherit=True), space)
        made.append((source.splitlines()[operation.lineno - 1].strip(), space[name]))
        operation.op = before
    return made


@every_cell
@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_changed_operation_is_found(cell, name, backend, monkeypatch):
    (get, run), case = BACKENDS[backend], draw(cell, (5, 7), 2, 3)
    module = get(cell)
    expected = NUMPY[name](numpy_module(cell), case)
    sizes = [np.empty(tuple(case.sizes.values()))] if backend == "numpy" else []  # what `checked` puts in front
    missed, changed = [], mutants(module, name)
    assert len(changed) >= 3
    for line, function in changed:
        monkeypatch.setattr(module, name, lambda *args, function=function: function(*sizes, *args))
        try:
            with np.errstate(all="ignore"):
                same(run[name](module, case), expected, TOLERANCE)
        except (AssertionError, ValueError, RuntimeError):  # the last two: the shapes do not fit any more
            continue
        missed.append(line)
    assert not missed, f"nothing depends on these operations of {name}: {missed}"
