"""Numerical edges: pre-activations of ±1000 in float32, kinks, and sequences and batches of length 0 and 1."""

import numpy as np
import pytest
import torch
from helpers import (
    CELLS,
    NIGHTLY,
    close,
    draw,
    oracle_forward,
    runner,
    same,
)

from lstmspec import (
    Cell,
    Input,
    Output,
    State,
    concat,
    dims,
    hard_sigmoid,
    maximum,
    minimum,
    relu,
    softsign,
    where,
)
from lstmspec.emit import BACKENDS, Case, Runner
from lstmspec.language import Role
from lstmspec.nodes import subnodes

(k,) = dims("k")

FAR = 1000.0
PATTERNS = 200 if NIGHTLY else 30
TOLERANCE = 1e-3
ULP = 2.0**-23  # of float32, next to 1

NUMPY = BACKENDS[0]  # the first: the one whose operations can be made to round at random


def models(cell) -> list[Runner]:
    """The models of a cell, one of every backend, on the CPU."""
    return [runner(cell, backend) for backend in BACKENDS]


every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)


# -- far from zero -----------------------------------------------------------------------------------------------------


def by_weights(cell, seed: int) -> bool:
    return seed % 3 == 2 or not cell.system.having(Role.BIAS)


def from_zero(seed: int) -> bool:
    return seed % 2 == 0


def far_case(cell, seed: int) -> Case:
    """Float32 data whose pre-activations are about ±1000, with signs by chance; every other one from zero states.

    They are so by biases over small weights, or by weights, which is all that some cells have. States are positive: a
    normaliser is, and one that may be zero would say nothing of anything else.
    """
    rng = np.random.default_rng([seed, 7])
    case, system = draw(cell, (3, 5), 3, 2, seed), cell.system
    weights = by_weights(cell, seed)
    at = {}
    for name, value in case.at.items():
        role, signs = system.symbols[name].role, rng.choice([-1.0, 1.0], value.shape[-1:])
        noise = rng.normal(size=value.shape)
        if role is Role.BIAS:
            at[name] = 0.1 * noise if weights else FAR * signs * rng.choice([-1.0, 1.0])
        elif role is Role.WEIGHT and value.ndim < 2:
            at[name] = 0.5 + np.abs(noise)  # peepholes, gains, periods: these are positive
        elif role is Role.WEIGHT:
            at[name] = (FAR if weights else 0.01) * noise
        elif role is Role.STATE:
            at[name] = np.abs(noise) * (not from_zero(seed))
        else:
            at[name] = noise
    single = {name: np.asarray(value, np.float32) for name, value in at.items()}
    d = {name: np.asarray(value, np.float32) for name, value in case.d.items()}
    v = {name: np.asarray(value, np.float32) for name, value in case.v.items()}
    return Case(cell, case.sizes, single, d, v)


def double(case: Case) -> Case:
    """The same numbers in float64."""
    parts = ({name: np.asarray(value, float) for name, value in part.items()} for part in (case.at, case.d, case.v))
    return Case(case.cell, case.sizes, *parts)


def agrees(actual, expected, least=1.0, unknown=None):
    """Assert that values are numbers, and near what is expected where that is one; below `least` it is absolute.

    What is `unknown` of a name is added to the bound.

    Of a gate at 12 float32 knows 1 - y, and with it the gate's derivative, to 1 %: such a derivative times a weight of
    1000 is what is near 0 here. And a small gradient may be the sum of terms as large as the largest one is.
    """
    assert actual.keys() == expected.keys()
    largest = max(np.max(np.abs(value[np.isfinite(value)]), initial=0) for value in expected.values())
    least = max(least, 0.1 * largest)
    for name, value in expected.items():
        known = np.isfinite(value)
        assert np.all(np.isfinite(actual[name])), f"{name}: not finite"
        found, exact = np.where(known, actual[name], 0), np.where(known, value, 0)
        scale = max(np.max(np.abs(exact), initial=0), least)
        error = np.max(np.abs(found - exact), initial=0) / scale
        bound = TOLERANCE + (unknown or {}).get(name, 0) / scale
        assert error <= bound, f"{name}: differs by {error:.3g}, more than {bound:.3g}"


class Rounded(np.ndarray):
    """Float64 whose every result is off by as much as float32 would round it, at random: Monte Carlo arithmetic.

    D. S. Parker, "Monte Carlo arithmetic: exploiting randomness in floating-point arithmetic" (1997). A sum, or the sum
    in a product of matrices, is rounded as its terms are, which may be larger.
    """

    rng = np.random.default_rng(0)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        plain = [np.asarray(one) for one in inputs]
        result = getattr(ufunc, method)(*plain, **options)
        if not isinstance(result, np.ndarray | float) or result.dtype != float:
            return result
        of_terms = ufunc is np.matmul or (ufunc is np.add and method != "__call__")
        terms = [np.abs(one) if one.dtype == float else one for one in plain]
        size = getattr(ufunc, method)(*terms, **options) if of_terms else np.abs(result)
        return np.asarray(result + size * self.rng.uniform(-ULP, ULP, np.shape(result))).view(Rounded)


def unknown(run, case):
    """How far results go from those of float64 when every operation rounds to float32; saturated gates count too."""
    first = getattr(runner(case.cell, NUMPY), run)
    exact = first(double(case))
    parts = (
        {name: np.asarray(value, float).view(Rounded) for name, value in part.items()} for part in (case.at, case.d)
    )
    noisy = Case(case.cell, case.sizes, *parts, {})
    with np.errstate(all="ignore"):
        found = [first(noisy) for _ in range(8)]
    return {name: max(np.max(np.abs(one[name] - value), initial=0) for one in found) for name, value in exact.items()}


def agrees_as_rounded(actual, expected, run, case):
    """Assert that results are near what is expected, or as near as rounding lets them be; `run` is the pass."""
    try:
        agrees(actual, expected)
    except AssertionError:
        agrees(actual, expected, unknown=unknown(run, case))


def is_finite(actual):
    """Assert that values are numbers."""
    for name, value in actual.items():
        assert np.all(np.isfinite(value)), f"{name}: not finite"


def divides(cell) -> bool:
    """Whether there is a quotient: what underflows in float32 alone may then be a divisor."""
    return any(node.op == "div" for equation in cell.system.equations.values() for node in subnodes(equation.expr))


@every_cell
def test_far_from_zero(cell):
    """From zero states some only give numbers: a rectifier or a divisor may underflow to 0, in float32 alone."""
    for seed in range(PATTERNS):
        case = far_case(cell, seed)
        with np.errstate(invalid="ignore", over="ignore"):
            values, gradients = oracle_forward(double(case)), runner(cell, NUMPY).backward(double(case))
        for model in models(cell):
            forward, backward = model.forward(case), model.backward(case)
            is_finite(forward)
            if not (from_zero(seed) and divides(cell)):
                agrees_as_rounded(forward, values, "forward", case)
            is_finite(backward)
            if not (from_zero(seed) and (divides(cell) or by_weights(cell, seed))):
                agrees_as_rounded(backward, gradients, "backward", case)


# The derivative of a quotient's derivative has the cube of the divisor: that of gates whose sum is below 1e-18 (from
# zero states, with an exponential input gate at -40 or less) is more than float32 can say.
NO_SECOND = ("SLSTM",)


@pytest.mark.parametrize("name", [name for name in CELLS if name not in NO_SECOND])
def test_second_derivatives_far_from_zero_are_numbers(name):
    cell = CELLS[name]
    for seed in range(PATTERNS // 3):
        case = far_case(cell, seed)
        for model in models(cell):
            is_finite(model.double_backward(case))


def test_an_overflow_is_found():
    case = far_case(CELLS["LSTM"], 0)
    values = runner(CELLS["LSTM"], NUMPY).forward(case)
    for wrong in (np.inf, np.nan, values["output"][0, 0, 0] + 1):
        output = values["output"].copy()
        output[0, 0, 0] = wrong
        with pytest.raises(AssertionError, match="output"):
            agrees({**values, "output": output}, values)


def test_a_gradient_that_is_a_little_wrong_is_not_taken_for_rounding():
    case, model = far_case(CELLS["NAS"], 197), runner(CELLS["NAS"], NUMPY)  # where rounding shows
    expected = model.backward(double(case))
    found = model.backward(case)
    agrees_as_rounded(found, expected, "backward", case)
    for name, value in expected.items():
        if np.max(np.abs(value)) > 0.5:
            with pytest.raises(AssertionError, match=f"^{name}: differs"):
                agrees_as_rounded({**found, name: 1.1 * found[name]}, expected, "backward", case)


# -- exponential gates -------------------------------------------------------------------------------------------------

GATES = (-1000.0, -200.0, -100.0, -83.0, -61.0, -20.0, 0.0, 5.0, 90.0, 1000.0)


def slstm(i, f, z, o, steps):
    """The equations of the paper as they stand, from zero states."""
    c, n, m = 0.0, 0.0, 0.0
    for _ in range(steps):
        log_f = -np.logaddexp(0, -f)
        m, before = max(i, log_f + m), m
        i_, f_ = np.exp(i - m), np.exp(log_f + before - m)
        c, n = f_ * c + i_ * np.tanh(z), f_ * n + i_
    return {"output": np.divide(c, n) / (1 + np.exp(-o)), "c.next": c, "total.next": n, "m.next": m}


def mlstm(i, f, q, k, v, o, steps):
    """Likewise; q, k and v are vectors of two, k not scaled yet."""
    C, n, m, k = np.zeros((2, 2)), np.zeros(2), 0.0, k / np.sqrt(2)
    for _ in range(steps):
        log_f = -np.logaddexp(0, -f)
        m, before = max(i, log_f + m), m
        i_, f_ = np.exp(i - m), np.exp(log_f + before - m)
        C, n = f_ * C + i_ * np.outer(v, k), f_ * n + i_ * k
    y = C @ q / np.maximum(np.abs(n @ q), np.exp(-m)) / (1 + np.exp(-o))
    return {"output": y, "C.next": C, "total.next": n, "m.next": m}


def gates_case(name, biases, kind) -> Case:
    """A case from zero states whose layers give their biases, three steps of one sample."""
    case = draw(CELLS[name], (3, 2), 3, 1)
    at = {key: np.zeros_like(value) for key, value in case.at.items()} | {"x": case.at["x"]}
    at |= {key: np.broadcast_to(np.asarray(value, float), at[key].shape) for key, value in biases.items()}
    parts = ({key: np.array(value, kind) for key, value in part.items()} for part in (at, case.d, case.v))
    return Case(case.cell, case.sizes, *parts)


Q, KEY, V, Z, O = np.array([0.9, -0.4]), np.array([0.5, 0.3]), np.array([0.3, -0.7]), 0.3, -0.7
EXPONENTIAL = {
    "SLSTM": (lambda i, f, steps: slstm(i, f, Z, O, steps), {"b_z": Z, "b_o": O}),
    "MLSTM": (lambda i, f, steps: mlstm(i, f, Q, KEY, V, O, steps), {"b_q": Q, "b_key": KEY, "b_v": V, "b_o": O}),
}


@pytest.mark.parametrize("kind", [np.float32, float])
@pytest.mark.parametrize("name", EXPONENTIAL)
def test_exponential_gates_from_zero_states_are_those_of_the_paper(name, kind):
    """Everywhere where the paper's equations give numbers, in float64; elsewhere they are numbers too."""
    paper, biases = EXPONENTIAL[name]
    for i in GATES:
        for f in GATES:
            case = gates_case(name, biases | {"b_i": i, "b_f": f}, kind)
            with np.errstate(all="ignore"):
                expected, first = paper(i, f, 3), paper(i, f, 1)
                gradients = runner(case.cell, NUMPY).backward(double(case))
            has_digits = np.max(first["total.next"]) > (1e-36 if kind is np.float32 else 0.0)
            for model in models(case.cell):
                results = model.forward(case)
                is_finite(results)
                last = {"output": results["output"][-1, 0]} | {s: results[s][0] for s in expected if s != "output"}
                for key, value in expected.items():
                    if np.all(np.isfinite(value)) and (key == "m.next" or has_digits):
                        close(last[key], np.broadcast_to(value, last[key].shape), 1e-4, f"{key} at {i}, {f}")
                if kind is np.float32 and has_digits:
                    agrees(model.backward(case), gradients)


def test_where_there_is_nothing_to_normalise_by_the_output_is_zero():
    case = gates_case("SLSTM", {"b_i": -1000.0, "b_f": 1000.0, "b_z": Z, "b_o": O}, np.float32)
    for results in (model.forward(case) for model in models(case.cell)):
        assert not results["output"].any()
        assert not results["total.next"].any()


# -- kinks -------------------------------------------------------------------------------------------------------------


class Kinks(Cell):
    """Every operation that has no derivative somewhere."""

    u, v, h = Input(k), Input(k), State(k)
    h.next = 0.5 * h + u
    several = concat(relu(u), abs(u), maximum(u, v), minimum(u, v), hard_sigmoid(u), softsign(u))
    y = Output(concat(several, where(u < v, u, 2 * v), where(u <= v, 3 * u, 5 * v), relu(u * v)))


NEAR = 1e-8  # PyTorch's hardsigmoid knows 1/6 as a float32


def kinks(u, v):
    """The same in PyTorch, whose choice is the measure."""
    f = torch.nn.functional
    several = (f.relu(u), u.abs(), torch.maximum(u, v), torch.minimum(u, v), f.hardsigmoid(u), f.softsign(u))
    return torch.cat([*several, torch.where(u < v, u, 2 * v), torch.where(u <= v, 3 * u, 5 * v), f.relu(u * v)], -1)


def test_at_kinks_gradients_are_those_of_pytorch():
    points = np.array([(u, v) for u in (-3.0, 0.0, 1.0, 3.0) for v in (-3.0, 0.0, 1.0, 3.0)]).T.reshape(2, 2, 1, 8)
    u, v = (torch.tensor(each, requires_grad=True) for each in points)
    ct = torch.tensor(np.random.default_rng(1).normal(size=(2, 1, 9 * 8)))
    ys = kinks(u, v)
    expected = torch.autograd.grad((ys * ct).sum(), (u, v))
    at = {"u": points[0], "v": points[1], "h": np.zeros((1, 8))}
    case = Case(Kinks, {"k": 8}, at, {"output": ct.numpy(), "h.next": np.zeros((1, 8))}, {})
    for model in models(Kinks):
        close(model.forward(case)["output"], ys.detach().numpy(), NEAR)
        for name, value in zip("uv", expected, strict=True):
            close(model.backward(case)[name], value.numpy(), NEAR)


@pytest.mark.parametrize("name", ["ElmanRelu", "IndRNN", "LiGRU"])
def test_a_rectifier_at_zero_passes_nothing_on(name):
    """Where everything is 0, so is the argument of each rectifier, whose derivative there is taken as 0."""
    cell = CELLS[name]
    case = draw(cell)
    case = case.with_(**{key: np.zeros_like(value) for key, value in case.at.items() if key != "x"})
    for gradients in (model.backward(case) for model in models(cell)):
        inner = {key: value for key, value in gradients.items() if key in cell.system.parameters and "z" not in key}
        assert not any(value.any() for value in inner.values()), list(inner)


def test_a_tie_of_exponential_gates_is_shared():
    """sLSTM with i~ = log f + m, exactly: PyTorch's autograd through the paper's equations gives half to each side."""
    case = gates_case("SLSTM", {"b_i": 0.5, "b_f": 1000.0, "b_z": Z, "b_o": O, "m": 0.5, "c": 0.2, "total": 0.7}, float)
    leaves = {
        key: torch.tensor(case.at[key], requires_grad=True) for key in ("b_i", "b_f", "b_z", "b_o", "c", "total", "m")
    }
    i, f, z, o, c, n, m = leaves.values()
    ys = []
    for _ in range(3):
        log_f = torch.nn.functional.logsigmoid(f)
        m, before = torch.maximum(i, log_f + m), m
        i_, f_ = torch.exp(i - m), torch.exp(log_f + before - m)
        c, n = f_ * c + i_ * torch.tanh(z), f_ * n + i_
        ys.append(torch.sigmoid(o) * c / n)
    results = {"output": torch.stack(ys), "h.next": ys[-1], "c.next": c, "total.next": n, "m.next": m}
    loss = sum((value * torch.tensor(case.d[key])).sum() for key, value in results.items())
    expected = dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))
    for gradients in (model.backward(case) for model in models(case.cell)):
        for key, value in expected.items():
            close(gradients[key], value.numpy(), 1e-12, key)


# -- nothing to do -----------------------------------------------------------------------------------------------------


@every_cell
@pytest.mark.parametrize(("time", "batch"), [(3, 0), (0, 0), (0, 1), (1, 1)])
def test_no_samples_or_no_steps(cell, time, batch):
    """Shapes are kept; without steps, states and their cotangents go through; parameters get no gradient."""
    case, (first, *others) = draw(cell, time=time, batch=batch), models(cell)
    forward, backward = first.forward(case), first.backward(case)
    assert {name: value.shape for name, value in forward.items()} == {
        name: value.shape for name, value in case.d.items()
    }
    assert {name: value.shape for name, value in backward.items()} == {
        name: value.shape for name, value in case.at.items()
    }
    assert others
    for model in others:
        same(model.forward(case), forward, 1e-12)
        same(model.backward(case), backward, 1e-12)
        same(model.double_backward(case), first.double_backward(case), 1e-12)
    if time == 0:
        for name in cell.system.states:
            close(forward[f"{name}.next"], case.at[name], 0.0, name)
            close(backward[name], case.d[f"{name}.next"], 0.0, name)
    if time == 0 or batch == 0:
        assert not any(backward[name].any() for name in cell.system.parameters)
