"""The comparators of the other tests find faults: planted in sources, in parameters, and in every operation."""

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pytest
from helpers import (
    CELLS,
    NIGHTLY,
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

from lstmspec.language import Role

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


def _with_any_parameters(case):
    """Other values than a model starts from, some of which are all alike."""
    return case.with_(**case.take(case.cell.system.parameters, case.v))


@every_cell
def test_a_wrong_parameter_is_found(cell):
    """Each alone: every number scaled a little, each by another factor; its rows moved on; its rows turned over."""
    case = _with_any_parameters(draw(cell))
    expected = oracle_forward(case)
    for name in cell.system.parameters:
        value = case.at[name]
        moved = (np.roll(value, 1, axis=0), value[::-1].copy()) if value.ndim else ()
        factors = np.linspace(1.001, 1.002, value.size).reshape(
            value.shape
        )  # layer normalisation takes out a common one
        for wrong in (np.asarray(value * factors), *moved):
            with pytest.raises(AssertionError, match="differs"):
                same(numpy_forward(numpy_module(cell), case.with_(**{name: wrong})), expected, TOLERANCE)
            with pytest.raises(AssertionError, match="differs"):
                same(torch_forward(torch_module(cell), case.with_(**{name: wrong})), expected, TOLERANCE)


@every_cell
def test_parameters_swapped_with_each_other_are_found(cell):
    case = _with_any_parameters(draw(cell))
    expected, shapes = oracle_forward(case), cell.shapes.of
    names = cell.system.parameters
    for p, q in [(p, q) for place, p in enumerate(names) for q in names[:place] if shapes[p] == shapes[q]]:
        swapped = case.with_(**{p: case.at[q], q: case.at[p]})
        with pytest.raises(AssertionError, match="differs"):
            same(numpy_forward(numpy_module(cell), swapped), expected, TOLERANCE)


# -- every operation of every pass, changed ----------------------------------------------------------------------------
# In each run, of each pass of each cell, one operation of each kind; with LSTMSPEC_NIGHTLY=1 all of them.

OTHER: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Add(),
    ast.Div: ast.Mult(),
    ast.Pow: ast.Mult(),
}


@dataclass(frozen=True)
class Mutant:
    """A pass with one operation changed: the pass, the statement where that stands, and the function."""

    name: str
    statement: str
    function: Callable[..., object]


@dataclass(frozen=True)
class _Operation:
    node: ast.BinOp
    statement: str
    in_loop: bool  # over time

    @property
    def kind(self) -> tuple[str, bool]:
        return (type(self.node.op).__name__, self.in_loop)

    @property
    def place(self) -> tuple[int, int, int]:
        return (self.node.lineno, self.node.col_offset, self.node.end_col_offset or 0)


def _operations(node: ast.AST, statement: str = "", in_loop: bool = False) -> list[_Operation]:
    """Arithmetic of arrays; that of sizes, in slices and in the shapes of new arrays, is left out."""
    if isinstance(node, ast.Slice) or (
        isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("empty", "zeros"))
    ):
        return []
    statement = ast.unparse(node) if isinstance(node, ast.Assign | ast.Return) else statement
    own = [_Operation(node, statement, in_loop)] if isinstance(node, ast.BinOp) and type(node.op) in OTHER else []
    inner = [node.value] if isinstance(node, ast.Subscript) else ast.iter_child_nodes(node)
    in_loop = in_loop or isinstance(node, ast.For)
    return own + [found for child in inner for found in _operations(child, statement, in_loop)]


def _sample(operations: Sequence[_Operation], salt: str) -> list[_Operation]:
    """One operation of each kind, by a hash that is the same in every process and another for every pass."""
    ranked = sorted(operations, key=lambda one: hashlib.sha256(f"{salt} {one.place}".encode()).digest())
    return list({operation.kind: operation for operation in reversed(ranked)}.values())


def _parsed(module: ModuleType, name: str) -> tuple[ast.Module, list[_Operation]]:
    """A pass without its annotations, and its operations."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(getattr(module, name)))))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.decorator_list, function.returns = [], None
    for argument in function.args.args:
        argument.annotation = None
    return tree, _operations(function)


def mutants(module: ModuleType, name: str) -> list[Mutant]:
    """A function for each operation of a pass, or for a sample of them, with that operation changed."""
    tree, operations = _parsed(module, name)
    made = []
    for operation in operations if NIGHTLY else _sample(operations, f"{module.__name__} {name}"):
        node = operation.node
        before, node.op = node.op, OTHER[type(node.op)]
        space = dict(vars(module))
        exec(compile(ast.fix_missing_locations(tree), name, "exec", dont_inherit=True), space)
        made.append(Mutant(name, operation.statement, space[name]))
        node.op = before
    return made


# By cell and pass, names whose statements may be changed without effect. mLSTM: sums with a term that is the product of
# both halves of one maximum's derivative, which is zero where they differ, so that its sign does not matter. sLSTM: the
# statement is that of the backward pass, where its change is seen; what it guards has no second derivative in float64.
EXCUSED = {
    ("mlstm", "_double_backward"): ("dd_scale", "dd_least", "dd_abs_a_y2"),
    ("slstm", "_double_backward"): ("pre_d_total_next",),
}


def is_equivalent(module: ModuleType, name: str, statement: str) -> bool:
    """Whether a change in this statement may have no effect.

    A mean is spread over the features by `ones`. Layer normalisation subtracts the mean twice: of what reaches the
    normalised vector by its variance, the sum is zero already, so nothing depends on how that mean is subtracted, nor
    on what is added to all features alike before.
    """
    excused = EXCUSED.get((module.__name__.split(".")[1], name), ())
    return "ones(" in statement or statement.split(" = ", maxsplit=1)[0] in excused


@every_cell
@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_changed_operation_is_found(cell, name, backend, monkeypatch):
    get, run = BACKENDS[backend]
    module, changed, missed = get(cell), mutants(get(cell), name), []
    assert changed
    original, cases = getattr(numpy_module(cell), name), _cases(cell)
    known: list = []  # cases with their results, as many as were needed so far
    for mutant in changed:
        excused = is_equivalent(module, name, mutant.statement)
        found = any(_differs(run[name], module, *case, mutant, monkeypatch) for case in known)
        while not found and not excused and (case := next(cases, None)) is not None:
            monkeypatch.setattr(numpy_module(cell), name, original)
            with np.errstate(all="ignore"):
                known.append((case, NUMPY[name](numpy_module(cell), case)))
            assert all(np.all(np.isfinite(value)) for value in known[-1][1].values()) or len(known) > 1
            found = _differs(run[name], module, *known[-1], mutant, monkeypatch)
        if not found and not excused:
            missed.append(mutant.statement)
    assert not missed, f"nothing depends on these operations of {name}: {missed}"


def _cases(cell):
    """Data of which one sees every change: the first sees most, others reach branches that are seldom taken.

    Larger values, for terms that are clipped; more samples, for what few of them do; each state alone without a value
    and the others large, for quotients whose divisor is small; gates wide open and shut.
    """
    for seed, scale, batch in ((1, 1.0, 3), (2, 3.0, 3), (3, 30.0, 3), (4, 1.0, 23), (5, 2.0, 23)):
        case = _with_any_parameters(draw(cell, (5, 7), 2, batch, seed))
        yield case.with_(**{name: np.asarray(scale * value) for name, value in case.at.items()})
    for empty in cell.system.states:
        case = _with_any_parameters(draw(cell, (5, 7), 2, 13, 6))
        factors = {name: 0.0 if name == empty else 1e5 for name in cell.system.states}
        yield case.with_(**{name: np.asarray(factor * case.at[name]) for name, factor in factors.items()})
    biases = cell.system.having(Role.BIAS)
    signs = np.random.default_rng(8)
    far = {name: 1000 * signs.choice([-1.0, 1.0], np.shape(case.at[name])) for name in biases}
    zeros = {name: np.zeros_like(case.at[name]) for name in cell.system.states}
    yield case.with_(**{name: np.asarray(value) for name, value in (far | zeros).items()})


def _differs(run, module, case, expected, mutant, monkeypatch):
    """Whether a changed pass is seen; where results are no numbers nothing is."""
    if not all(np.all(np.isfinite(value)) for value in expected.values()):
        return False
    sizes = [np.empty(tuple(case.sizes.values()))] if run in NUMPY.values() else []  # what `checked` puts in front
    monkeypatch.setattr(module, mutant.name, lambda *args: mutant.function(*sizes, *args))
    try:
        with np.errstate(all="ignore"):
            same(run(module, case), expected, TOLERANCE)
    except (AssertionError, ValueError, RuntimeError):  # the last two: the shapes do not fit any more
        return True
    return False


@every_cell
@pytest.mark.parametrize("name", PASSES)
def test_the_sample_has_every_kind_of_operation(cell, name):
    _, operations = _parsed(numpy_module(cell), name)
    sample = _sample(operations, name)
    assert {operation.kind for operation in sample} == {operation.kind for operation in operations}
    again = _sample(_parsed(numpy_module(cell), name)[1], name)
    assert [operation.place for operation in sample] == [operation.place for operation in again]
