"""Derivatives: shapes, numbers against complex steps, the printed text; and that each comparator refuses a fault."""

from dataclasses import replace

import numpy as np
import pytest

import lstmspec as ls
from lstmspec import Cell, Code, Input, SpecError, State, Weight, affine, concat, oracle, sigmoid, tanh, zoo
from lstmspec.checker import check, shapes_within
from lstmspec.grad import name_concats, name_preactivations
from lstmspec.language import Equation, Role
from lstmspec.nodes import Name, Node, names_in, ref
from lstmspec.nodes import replace as rebuilt

n, k, d = ls.dims("n k d")
PRIMES = (3, 5, 7, 2, 11, 13)
STEP = 1e-30
TOLERANCE = 1e-12


class Memory(Cell):
    """What the gated cells lack: matrices, scalars, slices, choices, a constant, an output of its own."""

    x = Input(n)
    M, h, s = State(d, d), State(k), State(())
    beta, W, Y, w, p = ls.Constant(0.75), Weight(2 * d, n + k), Weight(k, d), Weight(n), Weight(k)
    both = tanh(W @ concat(x, h))
    q, v = ls.split(both, d, d)
    s.next = beta * s + sigmoid(ls.dot(w, x))
    M.next = s.next * M + ls.outer(v, q)
    y = ls.Output(Y @ (M.next.T @ q) - h / (1 + s.next**2))
    h.next = ls.where(y < 0, ls.softplus(affine(x, h)), ls.maximum(h, p) * ls.sum(x))


CELLS = zoo.cells() | {"Memory": Memory}
LSTM = CELLS["LSTM"]


# -- comparators: each raises AssertionError when the derivative is wrong ----------------------------------------------


def shapes_agree(derived, shapes, letter="L"):
    """Each adjoint has the shape of its primal."""
    own = check(derived).require().of
    for name, shape in shapes.items():
        if (result := Name(name).adjoint(letter)) in own:
            assert own[result] == shape, f"{result} is {own[result]}, {name} is {shape}"


def numbers_agree(primal, derived, seeds, wrt, at, sizes, letter="L"):
    """Results of the derived system against complex steps of the primal one, along a random direction for each name.

    `seeds` says which value of the primal each cotangent from outside belongs to.
    """
    rng = np.random.default_rng(5)
    values = oracle.step(primal, at, sizes)
    outside = {seed: rng.normal(size=np.shape(values[name])) for seed, name in seeds.items()}
    known = {name: value for name, value in (at | values | outside).items() if name in derived.symbols}
    results = oracle.step(derived, known, sizes)
    for name in wrt:
        direction = rng.normal(size=np.shape(at[name]))
        stepped = oracle.step(primal, at | {name: at[name] + 1j * STEP * direction}, sizes)
        exact = sum(np.sum(value * stepped[seeds[seed]].imag) for seed, value in outside.items()) / STEP
        terms = results[Name(name).adjoint(letter)] * direction
        error = abs(np.sum(terms) - exact)
        assert error <= TOLERANCE * max(np.sum(np.abs(terms)), abs(exact)), f"{name}: {np.sum(terms)}, not {exact}"


def jacobian_agrees(matrix, names, sizes, step, at):
    """A Jacobian against complex steps of `step`, a function of one vector, column by column."""
    value = oracle.evaluate(matrix, names, sizes)
    columns = [step(at + 1j * STEP * unit).imag / STEP for unit in np.eye(len(at))]
    np.testing.assert_allclose(value, np.stack(columns, axis=1), rtol=TOLERANCE, atol=TOLERANCE)


def sizes_of(cell):
    return dict(zip(cell.shapes.require().dims, PRIMES, strict=False))


def random_values(system, sizes):
    """A value for every symbol; states are positive, as exponential gates need them."""
    rng = np.random.default_rng(7)
    shapes = check(system).require().of
    values = {}
    for name, symbol in system.symbols.items():
        drawn = rng.normal(size=[size.at(sizes) for size in shapes[name]])
        values[name] = np.abs(drawn) + 0.1 if symbol.role is Role.STATE else drawn
        if symbol.role is Role.CONSTANT:
            values[name] = np.asarray(symbol.value)
    return values


def named(cell):
    return name_concats(name_preactivations(cell.system))


def first_order(cell):
    """The arguments of `numbers_agree` for the adjoint of a cell."""
    primal = named(cell)
    outputs = [f"{state}.next" for state in primal.states] + ([primal.output] if primal.own_output else [])
    wrt = (*primal.inputs, *primal.states, *primal.parameters)
    sizes = sizes_of(cell)
    return (
        primal,
        cell.adjoint.system,
        {Name(o).upstream(): o for o in outputs},
        wrt,
        random_values(primal, sizes),
        sizes,
    )


def second_order(cell):
    """The same for the adjoint of its adjoint, at the values that the primal step has."""
    primal, derived, seeds, wrt, at, sizes = first_order(cell)
    known = random_values(derived, sizes) | at | oracle.step(primal, at, sizes)
    at = {name: known[name] for name in derived.symbols}
    seeds = {Name(result).upstream("M"): result for result in map(Name.adjoint, map(Name, wrt))}
    return derived, cell.adjoint.adjoint.system, seeds, tuple(derived.symbols), at, sizes


# -- shapes and numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CELLS)
def test_adjoints_have_the_shape_of_their_primal(name):
    shapes = check(named(CELLS[name])).require().of
    first = CELLS[name].adjoint
    shapes_agree(first.system, shapes)
    shapes_agree(first.adjoint.system, check(first.system).require().of, "M")
    assert {Name(symbol).adjoint() for symbol in (*first.primal.inputs, *first.primal.states)} <= set(first.equations)


@pytest.mark.parametrize("name", CELLS)
def test_the_adjoint_is_the_gradient_of_the_step(name):
    numbers_agree(*first_order(CELLS[name]))


@pytest.mark.parametrize("name", CELLS)
def test_the_adjoint_of_the_adjoint_is_the_gradient_of_the_adjoint(name):
    numbers_agree(*second_order(CELLS[name]), "M")


@pytest.mark.parametrize("name", CELLS)
def test_there_is_no_dead_equation_and_no_dead_symbol(name):
    for derivative in (CELLS[name].adjoint, CELLS[name].adjoint.adjoint):
        system = derivative.system
        read = {other for equation in system.equations.values() for other in names_in(equation.expr)}
        results = {symbol.adjoint(derivative.letter) for symbol in derivative.primal.symbols}
        assert set(system.equations) <= read | results
        assert set(system.symbols) <= read


# -- the text ----------------------------------------------------------------------------------------------------------


def test_the_adjoint_of_the_lstm_reads_as_on_paper():
    assert (
        str(LSTM.adjoint)
        == """
dL/dh.next = upL(h.next)
dL/dc.next = upL(c.next) + dL/dh.next * o * (1 - tanh(c.next)**2)
dL/do = dL/dh.next * tanh(c.next)
dL/da_o = dL/do * (o * (1 - o))
dL/dg = dL/dc.next * i
dL/da_g = dL/dg * (1 - g**2)
dL/di = dL/dc.next * g
dL/da_i = dL/di * (i * (1 - i))
dL/df = dL/dc.next * c
dL/da_f = dL/df * (f * (1 - f))
dL/dz = W_o.T @ dL/da_o + W_g.T @ dL/da_g + W_i.T @ dL/da_i + W_f.T @ dL/da_f
dL/dx = dL/dz[:n]
dL/dh = dL/dz[n:n+k]
dL/dc = dL/dc.next * f
dL/dW_f = outer(dL/da_f, z)
dL/db_f = dL/da_f
dL/dW_i = outer(dL/da_i, z)
dL/db_i = dL/da_i
dL/dW_g = outer(dL/da_g, z)
dL/db_g = dL/da_g
dL/dW_o = outer(dL/da_o, z)
dL/db_o = dL/da_o
""".strip()
    )


def test_an_unused_input_has_a_gradient_of_zeros():
    class Blind(Cell):
        x, h, w = Input(n), State(k), Weight(())
        h.next = tanh(affine(h))

    assert str(Blind.adjoint.equations["dL/dx"]) == "dL/dx = zeros(n)"
    assert str(Blind.adjoint.equations["dL/dw"]) == "dL/dw = 0"


# -- Jacobians ---------------------------------------------------------------------------------------------------------


def lstm_over_time():
    """For dc.next/dc, where h was o.prev * tanh(c) one step before: the arguments of `jacobian_agrees`."""
    sizes = {"n": 3, "k": 5}
    at = random_values(LSTM.system, sizes) | {"o.prev": np.random.default_rng(3).uniform(size=5)}

    def step(c):
        return oracle.step(LSTM.system, at | {"c": c, "h": at["o.prev"] * np.tanh(c)}, sizes)["c.next"]

    at["h"] = at["o.prev"] * np.tanh(at["c"])
    return at | oracle.step(LSTM.system, at, sizes), sizes, step, at["c"]


def within_a_step(cell):
    """For dh.next/dh: the arguments of `jacobian_agrees`."""
    sizes = sizes_of(cell)
    at = random_values(cell.system, sizes)
    names = at | oracle.step(cell.system, at, sizes)
    return names, sizes, lambda h: oracle.step(cell.system, at | {"h": h}, sizes)["h.next"], at["h"]


def test_the_cell_state_of_the_lstm_is_carried_by_the_forget_gate_and_through_h():
    jacobian = LSTM.jacobian("c.next", "c")
    assert jacobian.direct == Node("diag", (ref("f"),))
    assert list(jacobian.through) == ["h"]
    assert str(jacobian).splitlines()[0] == "∂c.next/∂c = diag(f)"
    assert str(jacobian).endswith("@ diag(o.prev * (1 - tanh(c)**2))    through h")
    jacobian_agrees(jacobian.total, *lstm_over_time())


@pytest.mark.parametrize("name", ["GRU", "GRUResetBefore", "LSTM"])
def test_the_jacobian_of_the_hidden_state_is_that_of_complex_steps(name):
    jacobian = CELLS[name].jacobian("h.next", "h")
    assert not jacobian.through
    jacobian_agrees(jacobian.total, *within_a_step(CELLS[name]))


def test_a_jacobian_that_is_zero_has_its_shape():
    jacobian = LSTM.jacobian("f", "c")
    assert str(jacobian.direct) == "zeros(k, k)"
    assert [str(size) for size in shapes_within(jacobian.direct, LSTM.shapes.of)[jacobian.direct]] == ["k", "k"]


@pytest.mark.parametrize(
    ("names", "code"),
    [(("c.next", "q"), Code.LS207), (("q", "c"), Code.LS207), (("c.next", "f"), Code.LS207), (("c", "c"), Code.LS207)],
)
def test_a_jacobian_of_unknown_names_is_refused(names, code):
    with pytest.raises(SpecError) as error:
        LSTM.jacobian(*names)
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == [code]
    assert "expected an equation and a symbol of the cell" in str(error.value)


# -- planted faults: the comparators refuse ----------------------------------------------------------------------------


def corrupted(system, name, change):
    """The system with the right side of one equation changed."""
    new = change(system.equations[name].expr)
    assert new != system.equations[name].expr
    return replace(system, equations={**system.equations, name: Equation(name, new)})


def swapped(old, new):
    """Every reference to one name replaced by one to another."""
    return lambda expr: rebuilt(expr, lambda node: ref(new) if node == ref(old) else node)


def first_term(expr):
    return expr.args[0]


FAULTS = {
    "term dropped from dL/dz": ("dL/dz", first_term),
    "factor dropped from dL/da_f": ("dL/da_f", first_term),
    "i for g in dL/di": ("dL/di", swapped("g", "i")),
    "c.next for c in dL/df": ("dL/df", swapped("c", "c.next")),
    "f's gradient in W_i": ("dL/dW_i", swapped("dL/da_i", "dL/da_f")),
    "tanh' of the wrong value": ("dL/da_g", swapped("g", "i")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_comparator_of_numbers_refuses_a_planted_fault(fault):
    primal, derived, *rest = first_order(LSTM)
    with pytest.raises(AssertionError, match=r": .*, not "):
        numbers_agree(primal, corrupted(derived, *FAULTS[fault]), *rest)


def test_the_comparator_of_numbers_refuses_a_fault_in_the_second_order():
    primal, derived, *rest = second_order(LSTM)
    with pytest.raises(AssertionError, match=r": .*, not "):
        numbers_agree(primal, corrupted(derived, "dM/df", first_term), *rest, "M")


def test_the_comparator_of_shapes_refuses_a_transposed_gradient():
    wrong = corrupted(LSTM.adjoint.system, "dL/dW_f", lambda expr: Node("outer", expr.args[::-1]))
    with pytest.raises(AssertionError, match="W_f is "):
        shapes_agree(wrong, check(named(LSTM)).require().of)


@pytest.mark.parametrize("change", [swapped("W_f", "W_i"), swapped("o.prev", "o"), first_term])
def test_the_comparator_of_jacobians_refuses_a_planted_fault(change):
    total = LSTM.jacobian("c.next", "c").total
    assert change(total) != total
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        jacobian_agrees(change(total), *lstm_over_time())
