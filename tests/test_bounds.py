"""The intervals of operations hold every value: random points of random intervals, evaluated by the operation's row.

Rounding may carry a value over an end by a few units in the last place; TOLERANCE allows for that, relative to the
value. Open ends are held to be open in rational arithmetic, between ends that are powers of two.
"""

import itertools
import math
import operator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lstmspec.nodes import Node, ref
from lstmspec.ops import ANY, TABLE, Interval, point
from lstmspec.ops._interval import POSITIVE, SIGNED_UNIT, UNIT, power
from lstmspec.sizes import Size

TOLERANCE = 1e-12
INF = math.inf
BOUNDED = [name for name, row in TABLE.items() if row.bounds is not None]
ENDS = st.one_of(
    st.sampled_from([-INF, -64.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 64.0, INF]),
    st.floats(-50, 50).map(lambda value: round(value, 3)),
)

POWERS_OF_TWO = st.sampled_from([-INF, -8.0, -2.0, -1.0, -0.25, 0.0, 0.25, 1.0, 2.0, 8.0, INF])


@st.composite
def intervals(draw, ends=ENDS):
    low, high = sorted((draw(ends), draw(ends)))
    assume(math.isfinite(low) or math.isfinite(high) or low < high)
    # An open interval of one number has none.
    return Interval(low, high, *(draw(st.tuples(st.booleans(), st.booleans())) if low < high else (False, False)))


def points(interval, shares):
    """Numbers of an interval: its ends where it has them, what lies between by shares, and 0."""
    low, high = max(interval.low, -200.0), min(interval.high, 200.0)
    low, high = (min(low, high - 1.0), max(high, low + 1.0)) if low > high else (low, high)
    between = [low + (high - low) * share for share in shares]
    return [value for value in (low, high, 0.0, *between) if within(value, interval, 0.0)]


def within(value, interval, tolerance):
    """Whether an interval has a value; with a tolerance its open ends count as reached."""
    slack = tolerance * max(1.0, abs(value)) if math.isfinite(value) else 0.0
    if tolerance:
        return interval.low - slack <= value <= interval.high + slack
    above = interval.low < value if interval.low_open else interval.low <= value
    return above and (value < interval.high if interval.high_open else value <= interval.high)


MATRIX_OF_ONE = ("transpose", "diagonal")
VECTORS = ("concat", "outer", "dot", "sum", "diag", "softmax", "cumsum", "mean", "repeat", "fold")


def arranged(name, values):
    """A node of an operation, and its arguments as the row takes them: equal numbers in a vector where it wants one."""
    if name in MATRIX_OF_ONE:
        return Node(name, (ref("u"),)), [np.full((2, 2), values[0])]
    if name == "where":
        values = (values[0] > 0, *values[1:])
    attrs = {"slice": (0, 0, 1), "pad": (0, 1, 2, 3), "ones": (Size.of(2),), "zeros": (Size.of(2),),
             "repeat": (Size.of(3),), "fold": (Size.of(2),), "size": (Size.of(2),)}.get(name, ())  # fmt: skip
    lead = (2,) if name in (*VECTORS, "slice") else (1,) if name == "pad" else ()
    return Node(name, tuple(ref("u") for _ in values), attrs), [np.full(lead, value) for value in values]


def outside(name, rule, taken, shares, tolerance=TOLERANCE):
    """Values of an operation that the interval of its rule does not have, at points of the given intervals."""
    known = rule(*taken)
    found = []
    for values in itertools.product(*(points(interval, shares) for interval in taken)):
        node, arguments = arranged(name, values)
        with np.errstate(all="ignore"):
            results = np.atleast_1d(TABLE[name].evaluate(node, *arguments)).ravel()
        # Outside the domain there is no value.
        found += [(values, float(y)) for y in results if not np.isnan(y) and not within(float(y), known, tolerance)]
    return found


@pytest.mark.parametrize("name", BOUNDED)
@given(data=st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_an_operation_stays_within_its_bounds(name, data):
    shares = data.draw(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=2))
    count = 2 if TABLE[name].arity is None else TABLE[name].arity
    taken = [data.draw(intervals()) for _ in range(count)]
    assert outside(name, TABLE[name].bounds, taken, shares) == [], (taken, TABLE[name].bounds(*taken))


# -- open ends, without rounding ---------------------------------------------------------------------------------------

EXACT = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "neg": operator.neg, "abs": abs,
    "maximum": max, "minimum": min, "where": lambda c, u, v: u if c > 0 else v,
    "div": lambda u, v: u / v if v else None, "relu": lambda u: max(u, 0),
}  # fmt: skip


def exactly_outside(rule, function, taken, shares):
    """Rational values that an interval does not have, its open ends held to be open."""
    known = rule(*taken)
    rational = [[Fraction(value) for value in points(interval, shares)] for interval in taken]
    found = [(values, function(*values)) for values in itertools.product(*rational)]
    return [(values, y) for values, y in found if y is not None and not within(y, known, 0)]


@pytest.mark.parametrize("name", EXACT)
@given(data=st.data())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_open_ends_are_not_reached(name, data):
    taken = [data.draw(intervals(POWERS_OF_TWO)) for _ in range(TABLE[name].arity)]
    assert exactly_outside(TABLE[name].bounds, EXACT[name], taken, [0.25, 0.75]) == []


@pytest.mark.parametrize("whole", [1, 2, 3, 4])
@given(interval=intervals(POWERS_OF_TWO))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_open_ends_of_whole_powers_are_not_reached(whole, interval):
    taken = [interval, point(float(whole))]
    assert exactly_outside(power, lambda u, v: u ** int(v), taken, [0.25, 0.75]) == []


# -- what they are -----------------------------------------------------------------------------------------------------


def of(name, *taken):
    return TABLE[name].bounds(*taken)


ONE, TWO = point(1.0), point(2.0)
KNOWN = {
    "sigmoid": (of("sigmoid", ANY), Interval(0, 1, True, True)),
    "1 - sigmoid": (of("sub", ONE, UNIT), Interval(0, 1, True, True)),
    "sigmoid * sigmoid": (of("mul", UNIT, UNIT), Interval(0, 1, True, True)),
    "sigmoid * tanh": (of("mul", UNIT, SIGNED_UNIT), Interval(-1, 1, True, True)),
    "exp of what is not positive": (of("exp", Interval(high=0.0)), Interval(0, 1, True, False)),
    "exp": (of("exp", ANY), Interval(0, INF, True)),
    "relu": (of("relu", ANY), Interval(0, INF)),
    "maximum with 1": (of("maximum", ANY, ONE), Interval(1, INF)),
    "minimum with 1": (of("minimum", ANY, ONE), Interval(-INF, 1)),
    "a square": (of("pow", ANY, TWO), Interval(0, INF)),
    "the square of a tanh": (of("pow", SIGNED_UNIT, TWO), Interval(0, 1, high_open=True)),
    "a cube": (of("pow", SIGNED_UNIT, point(3.0)), Interval(-1, 1, True, True)),
    "1 / (1 + exp)": (of("div", ONE, of("add", ONE, POSITIVE)), Interval(0, 1, True, True)),
    "sigmoid / sigmoid": (of("div", UNIT, UNIT), Interval(0, INF, True)),
    "a quotient by what can be 0": (of("div", ONE, SIGNED_UNIT), ANY),
    "log of a sigmoid": (of("log", UNIT), Interval(-INF, 0, True, True)),
    "a sum of squares": (of("sum", Interval(0, INF)), Interval(0, INF)),
    "a choice": (of("where", UNIT, UNIT, point(0.0)), Interval(0, 1, False, True)),
    "a join": (of("concat", UNIT, SIGNED_UNIT, TWO), Interval(-1, 2, True, False)),
}


def same(actual, expected):
    """Whether two intervals have the same numbers; infinite ends are never reached, whatever is said of them."""

    def ends(interval):
        low, high = interval.low, interval.high
        return low, high, interval.low_open or low == -INF, interval.high_open or high == INF

    return ends(actual) == ends(expected)


@pytest.mark.parametrize("what", KNOWN)
def test_what_is_known_of_an_expression(what):
    actual, expected = KNOWN[what]
    assert same(actual, expected), f"{actual}, expected {expected}"


def test_what_an_interval_says_of_itself():
    asked = {
        name: (interval.is_bounded, interval.is_positive, interval.is_nonzero)
        for name, interval in {"any": ANY, "unit": UNIT, "relu": Interval(0), "below": -POSITIVE, "one": ONE}.items()
    }
    assert asked == {
        "any": (False, False, False), "unit": (True, True, True), "relu": (False, False, False),
        "below": (False, False, True), "one": (True, True, True),
    }  # fmt: skip


# -- a wrong interval is seen ------------------------------------------------------------------------------------------

WRONG = {
    "tanh": lambda u: UNIT,
    "mul": lambda u, v: Interval(u.low * v.low, u.high * v.high),
    "sub": lambda u, v: Interval(u.low - v.low, u.high - v.high),
    "exp": lambda u: Interval(1.0, INF),
    "abs": lambda u: u,
    "sum": lambda u: u,
    "where": lambda c, u, v: u,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_seen(name):
    taken = [Interval(-2.0, 1.0), Interval(-3.0, 4.0), Interval(-5.0, 0.5)][: TABLE[name].arity]
    assert outside(name, TABLE[name].bounds, taken, [0.5]) == []
    assert outside(name, WRONG[name], taken, [0.5]) != []


def test_an_end_that_is_called_open_and_is_reached_is_seen():
    taken = [SIGNED_UNIT, SIGNED_UNIT]
    wrong = Interval(0.0, 1.0, low_open=True)
    assert exactly_outside(lambda u, v: wrong, lambda u, v: u * u, taken, [0.5]) != []


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("exp", [Interval(709.0, 710.0)], Interval(math.exp(709.0), INF)),
        ("pow", [Interval(-1e200, 1e200), TWO], Interval(0, INF)),
    ],
)
def test_ends_that_overflow(name, taken, expected):
    assert same(of(name, *taken), expected)
