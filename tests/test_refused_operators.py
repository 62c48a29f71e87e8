"""Operators that expressions do not have, and numbers of other packages: what each finding says, and what works."""

import decimal
import fractions
import math
import operator

import numpy as np
import pytest
import sympy
import torch

from lstmspec import (
    Cell,
    Code,
    Constant,
    Input,
    SpecError,
    State,
    Weight,
    affine,
    check,
    concat,
    dims,
    elementwise,
    init,
    mod,
    oracle,
    sigmoid,
    split,
    tanh,
    where,
)
from lstmspec.language import system_of
from lstmspec.nodes import Node, number, text
from lstmspec.nodes._refused_operators import ALONE, BINARY

n, k = dims("n k")
U, V = Input(k), Input(k)


def finding(call):
    """The only finding of a call."""
    with pytest.raises(SpecError) as caught:
        call()
    (found,) = caught.value.diagnostics
    return found


REFUSED = {
    "u % 2": (lambda: U % 2, "`%` is no operator of expressions", "u % v is mod(u, v)"),
    "2 % u": (lambda: 2 % U, "`%` is no operator of expressions", "u % v is mod(u, v)"),
    "n % u": (lambda: n % U, "`%` is no operator of expressions", "u % v is mod(u, v)"),
    "np % u": (lambda: np.float64(2) % U, "`%` is no operator of expressions", "u % v is mod(u, v)"),
    "torch % u": (lambda: torch.tensor(2.0) % U, "`%` is no operator of expressions", "u % v is mod(u, v)"),
    "u // v": (lambda: U // V, "`//` is no operator of expressions", "u // v, rounded down, is (u - mod(u, v)) / v"),
    "divmod": (lambda: divmod(U, 2), "`divmod()` is no operator of expressions", "the quotient is (u - mod(u, v)) / v"),
    "u & v": (lambda: (U > 0) & (V > 0), "`&` is no operator", "where(a, where(b, this, that), that)"),
    "u | v": (lambda: (U > 0) | (V > 0), "`|` is no operator", "where(a, this, where(b, this, that))"),
    "u ^ 2": (lambda: U ^ 2, "`^` is no operator of expressions", "a power is u**v"),
    "~u": (lambda: ~(U > 0), "`~` is no operator of expressions", "where(c, that, this)"),
    "u << 1": (lambda: U << 1, "`<<` is no operator of expressions", "u << v is u * 2**v"),
    "u >> 1": (lambda: U >> 1, "`>>` is no operator of expressions", "u / 2**v"),
    "round": (lambda: round(U), "an expression is not rounded by round()", "u + 0.5 - mod(u + 0.5, 1)"),
    "math.floor": (lambda: math.floor(U), "an expression is not rounded by math.floor", "u - mod(u, 1)"),
    "math.ceil": (lambda: math.ceil(U), "an expression is not rounded by math.ceil", "u + mod(-u, 1)"),
    "int": (lambda: int(U), "the value of an expression is not known when a cell is declared", "u - mod(u, 1)"),
    "range": (lambda: range(U), "the value of an expression is not known", "a size is a dimension"),
    "u == 1": (lambda: U == 1, "`==` and `!=` of expressions say whether they are written alike", "u < v, u <= v"),
    "1 != u": (lambda: 1 != U, "`==` and `!=` of expressions say whether they are written alike", "abs(u - v) < 0.5"),
    "np == u": (lambda: np.float64(1) == U, "`==` and `!=` of expressions say", "u < v, u <= v"),
    "u == v": (lambda: where(U == U * V, 1, 0), "False (bool) is not an expression", "abs(u - v) < 0.5"),
    "in": (lambda: 1 in U, "an expression holds no values that `in` could look for", "u < v, u <= v"),
    "len": (lambda: len(U), "the length of a vector is not known when a cell is declared", "size(k)"),
    "next": (lambda: next(U), "an expression is no iterator of Python's", "a state's new value is `h.next`"),
    "no state": (lambda: tanh(U).next, "an expression has no `.next`", "only a state has a new value"),
    "no state's": (lambda: setattr(tanh(U), "next", V), "an expression has no `.next` to", "only a state has a new"),
    "call": (lambda: U(V), "an expression cannot be called", "a product is u * v"),
    "set": (lambda: operator.setitem(U, 0, 1), "a part of an expression cannot be set", "concat(a, b)"),
    "delete": (lambda: operator.delitem(U, 0), "a part of an expression cannot be deleted", "concat(v[:k], v[m:n])"),
    "modulus": (lambda: pow(U, 2, 3), "a power of an expression takes no modulus", "write mod(u**v, w)"),
    "method": (lambda: (U * V).sum, "an expression has no `.sum`", "sum(u), mean(u), tanh(u)"),
    "attribute": (lambda: (U * V).nxt, "an expression has no `.nxt`", "did you mean `.next`?"),
    "NumPy": (lambda: np.tanh(U), "NumPy's tanh cannot take an expression", "import the function from lstmspec"),
    "where=": (lambda: np.add(U, 1, where=False), "NumPy's add(where=) cannot take an expression", "import the"),
    "alpha=": (lambda: torch.add(torch.tensor(1.0), U, alpha=5), "PyTorch's add(alpha=) cannot take", "import the"),
    "out=": (lambda: np.multiply(2, U, out=np.empty(3)), "NumPy's multiply(out=) cannot take", "import the"),
    "rounding_mode=": (lambda: torch.div(U, torch.tensor(2.0), rounding_mode="floor"), "PyTorch's div(rounding_mode=)",
                       "import the"),
    "reduce": (lambda: np.add.reduce(U), "NumPy's add.reduce cannot take an expression", "import the function"),
    "PyTorch": (lambda: torch.tanh(U), "PyTorch's tanh cannot take an expression", "import the function from lstmspec"),
    "torch.cat": (lambda: torch.cat([U, V]), "PyTorch's cat cannot take an expression", "concat"),
    "SymPy": (lambda: sympy.tanh(U), "SymPy cannot take an expression of a cell", "import the function from lstmspec"),
    "a large integer": (lambda: U * 10**400, "an integer of about 401 digits is not a finite number", "1.8e308"),
    "a larger one": (lambda: U * 10**5000, "an integer of about 5001 digits is not a finite number", "1.8e308"),
    "sympy.oo": (lambda: U * sympy.oo, "oo is not a finite number", "1.8e308"),
    "a signalling nan": (lambda: U * decimal.Decimal("sNaN"), "Decimal('sNaN') is not a finite number", "1.8e308"),
    "I": (lambda: U * sympy.I, "I (ImaginaryUnit) is not an expression", "cells compute with real numbers"),
    "an array": (lambda: U * np.ones(3), "array([1., 1., 1.]) (ndarray) is not an expression", "a Weight or a Bias"),
    "a tensor": (lambda: U * torch.ones(2), "tensor([1., 1.]) (Tensor) is not an expression", "a Weight or a Bias"),
    "Constant": (lambda: Constant(10**400), "value = an integer of about 401 digits is not a finite number", "float64"),
    "an initial value": (lambda: Weight(init=U), "init = ref() is neither a number nor an initialiser", "uniform"),
    "a power": (lambda: Input(n**99), "Input: `n**99` is not a dimension: powers go up to 16", "dimensions are"),
    "a size": (lambda: Input(10**400), "Input: an integer of about 401 digits is not a dimension", "dimensions"),
    "floor(n/2)": (
        lambda: Input(sympy.floor(n / 2)),
        "Input: `floor(n/2)` is not a dimension: `floor(n/2)` is no symbol of dims(), nor a power of one",
        "dimensions are symbols",
    ),
    "an expression as a size": (lambda: Input(U), "Input: an expression is not a dimension", "dimensions are symbols"),
    "dims of a number": (lambda: dims(3), "3 names no dimensions; expected text", 'n, k = dims("n k")'),
    "dims of two": (lambda: dims("n", "k"), "dims takes 1 operand, got 2", "dims(names)"),
    "dims of no name": (lambda: dims("2k"), "dimension name '2k' is not usable", 'n, k = dims("n k")'),
    "no cell": (lambda: check(3), "3 is no cell", "class Mine(Cell)"),
    "Cell": (lambda: check(Cell), "`Cell` itself declares no cell", "class Mine(Cell)"),
    "no bias": (lambda: affine(U, bias="no"), "bias='no' is neither True nor False", "affine(…, bias=False) + b"),
    "no sizes": (lambda: split(U), "split needs the sizes of the parts", "a, b = split(v, k, n)"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_operation_is_refused_with_what_to_write(name):
    call, message, help_ = REFUSED[name]
    found = finding(call)
    assert found.message.startswith(message)
    assert help_ in found.help
    assert found.site is not None and found.site.place.file == __file__


def test_every_row_of_the_tables_is_refused():
    for name, (sign, help_) in BINARY.items():
        for method in (f"__{name}__", f"__r{name}__"):
            found = finding(lambda method=method: getattr(U, method)(V))
            assert (found.code, found.message, found.help) == (
                Code.LS208,
                f"`{sign}` is no operator of expressions",
                help_,
            )
    for name, (message, help_) in ALONE.items():
        found = finding(lambda name=name: getattr(U, f"__{name}__")(0, 0))
        assert (found.code, found.message, found.help) == (Code.LS208, message, help_)


VALUES = {"u": np.array([-2.5, 3.7, 4.0]), "v": np.array([2.0, -1.5, 3.0])}


def value(node):
    """The value of an expression in u and v."""
    return oracle.evaluate(node, VALUES, {"k": 3})


def named(name):
    return Node("ref", (), (name,))


def test_what_the_help_says_to_write_computes_what_was_meant():
    u, v = named("u"), named("v")
    a, b = VALUES["u"], VALUES["v"]
    np.testing.assert_allclose(value(mod(u, v)), a % b)
    np.testing.assert_allclose(value((u - mod(u, v)) / v), a // b)
    np.testing.assert_allclose(value(u - mod(u, 1)), np.floor(a))
    np.testing.assert_allclose(value(u + mod(-u, 1)), np.ceil(a))
    np.testing.assert_allclose(value(u + 0.5 - mod(u + 0.5, 1)), np.floor(a + 0.5))
    x, y, this, that = u > 0, v > 0, number(1.0), number(0.0)
    np.testing.assert_allclose(value(where(x, where(y, this, that), that)), (a > 0) & (b > 0))
    np.testing.assert_allclose(value(where(x, this, where(y, this, that))), (a > 0) | (b > 0))
    np.testing.assert_allclose(value(where(x, where(y, that, this), where(y, this, that))), (a > 0) ^ (b > 0))
    np.testing.assert_allclose(value(where(x, that, this)), ~(a > 0))
    np.testing.assert_allclose(value(where(abs(u - 4) < 0.5, this, that)), [0, 1, 1])


# -- numbers -----------------------------------------------------------------------------------------------------------

NUMBERS = {
    "np.float64": np.float64(2.5),
    "np.float16": np.float16(2.5),
    "np.longdouble": np.longdouble("2.5"),
    "0-d array": np.array(2.5),
    "0-d tensor": torch.tensor(2.5),
    "0-d tensor with a gradient": torch.tensor(2.5, requires_grad=True),
    "Decimal": decimal.Decimal("2.5"),
    "Fraction": fractions.Fraction(5, 2),
    "Rational": sympy.Rational(5, 2),
    "sympy.Float": sympy.Float(2.5),
    "an expression of SymPy": sympy.sqrt(sympy.Rational(25, 4)),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_every_kind_of_number_is_a_number(name):
    given = NUMBERS[name]
    assert text(U * given) == text(U * 2.5)
    assert text(given * U) == text(2.5 * U)
    assert text(given - U) == text(2.5 - U)
    assert text(U**given) == text(U**2.5)
    assert (given < U).op == (2.5 < U).op == "less"
    assert Constant(given).number == 2.5
    assert Weight(init=given).initial == Weight(init=2.5).initial
    assert init.uniform(-given, given) == init.uniform(-2.5, 2.5)
    assert concat(U, given).args[1] == number(2.5)


INTEGERS = {
    "np.int64": np.int64(3),
    "np.uint8": np.uint8(3),
    "0-d array": np.array(3),
    "0-d tensor": torch.tensor(3),
    "sympy.Integer": sympy.Integer(3),
}


@pytest.mark.parametrize("name", INTEGERS)
def test_every_kind_of_integer_is_a_size(name):
    three = INTEGERS[name]
    assert Input(three).shape == Input(3).shape == State((three,)).shape
    assert text(U[:three]) == "[:3]" == text(U[three - 3 : three])
    assert [text(part) for part in split(U, three, n)] == [text(part) for part in split(U, 3, n)]

    class Made(Cell):
        x, h = Input(three), State(k)
        h.next = tanh(affine(x, h, size=k))

    assert check(Made).require().of["W_h"][1] == check(Made).of["h"][0] + Input(3).shape[0]


# -- in a class body ---------------------------------------------------------------------------------------------------


def test_a_refusal_in_a_body_has_the_cell_the_place_and_what_was_found_before():
    with pytest.raises(SpecError) as caught:

        class Made(Cell):
            x, h = Input(n), State(k)
            c = h.next if False else Stata(k)
            f = h % 2

    first, second = caught.value.diagnostics
    assert (first.code, second.code) == (Code.LS207, Code.LS208)
    assert (second.cell, second.site.place.text) == ("Made", "h % 2")


@pytest.mark.parametrize(
    "use",
    [
        lambda u: u % 2,
        lambda u: 2 // u,
        lambda u: ~u & u,
        lambda u: u(u).sum(),
        lambda u: [*u],
        lambda u: u and 1,
        len,
        lambda u: 1 in u,
        int,
        Constant,
        lambda u: Weight(init=u),
        Input,
    ],
)
def test_of_an_unknown_name_nothing_is_said_but_that_it_is_unknown(use):
    with pytest.raises(SpecError) as caught:

        class Made(Cell):
            x, h = Input(n), State(k)
            a = use(unknown)
            h.next = tanh(affine(x, h))

    assert [found.message for found in caught.value.diagnostics] == ["`unknown` is not defined"]


# -- functions that users write ----------------------------------------------------------------------------------------


def endless(u):
    return endless(u)


FUNCTIONS = {
    "a comparison": (lambda u: u > 0, "it returns u0 > 0, which is no scalar"),
    "a list": (lambda u: [u], "it returns [u0], which is no scalar"),
    "text, which SymPy would run": (lambda u: "u0**2", "it returns 'u0**2', which is no scalar"),
    "an attribute": (lambda u: u.foo, "AttributeError: 'Symbol' object has no attribute 'foo'"),
    "any operands": (lambda *u: 1, "`u` is not one operand"),
    "no operand": (lambda: 1, "it has 0 parameters"),
    "a name of the cell": (lambda u: U * u, "u0 (Symbol) is not an expression"),
    "a large integer": (lambda u: 10**400 * u, "`1000000000000000000"),
    "infinity": (lambda u: sympy.oo, "`oo` is no finite real number"),
    "division": (lambda u: u / 0, "TypeError: Invalid comparison of non-real zoo"),
    "math": (math.tanh, "TypeError: Cannot convert expression to float"),
    "no function": (3, "3 is none"),
    "recursion": (endless, "RecursionError: maximum recursion depth exceeded"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_is_none_of_scalars_is_a_finding(name):
    function, words = FUNCTIONS[name]
    found = finding(lambda: elementwise(function))
    assert found.code is Code.LS208
    assert f"returns a SymPy expression: {words}" in found.message


def test_functions_that_users_write_may_use_one_another_and_every_kind_of_number():
    swish = elementwise(lambda u: u * sigmoid(u))
    twice = elementwise(lambda u: np.float64(2) * swish(u * np.int64(3)) + fractions.Fraction(1, 2))
    z = VALUES["u"]
    np.testing.assert_allclose(value(twice(named("u"))), 2 * 3 * z / (1 + np.exp(-3 * z)) + 0.5)


def test_a_number_beyond_float64_is_not_worked_out():
    """SymPy would try for minutes."""
    assert finding(lambda: sigmoid(sympy.Float("1e4000"))).code is Code.LS211


def test_a_function_called_with_a_name_is_a_finding():
    assert finding(lambda: elementwise(lambda u: u)(u=3)).code is Code.LS214


def test_an_object_with_a_system_of_its_own_is_no_cell():
    class Other:
        system = "mine"

        def __repr__(self):
            return "other"

    assert finding(lambda: system_of(Other())).message == "other is no cell"
