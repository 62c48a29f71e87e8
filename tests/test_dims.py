"""Sizes: polynomial arithmetic, comparison in three values, and the door to SymPy."""

import itertools
import re

import hypothesis.strategies as st
import pytest
import sympy
from hypothesis import given, settings

from lstmspec.sizes import NotADimension, Size, Verdict, compare, dims, is_at_least, size_from, sympy_from

NAMES = ("a", "b", "c")
MONOMIALS = st.lists(st.sampled_from(NAMES), max_size=3).map(lambda atoms: tuple(sorted(atoms)))
SIZES = st.dictionaries(MONOMIALS, st.integers(-5, 5), max_size=4).map(Size)
LINEAR = st.dictionaries(st.sampled_from([(), ("a",), ("b",), ("a", "b")]), st.integers(-6, 6), max_size=4).map(Size)
n, k = dims("n k")
N, K = Size.of("n"), Size.of("k")


def same(size, expr):
    return sympy.expand(sympy_from(size) - expr) == 0


def agrees_with_brute_force(verdict, left, right, upto=6):
    """Whether a verdict is true for small positive values of the symbols; a doubt is never false."""
    values = itertools.product(range(1, upto + 1), repeat=len(NAMES))
    equal = [
        left.at(dict(zip(NAMES, each, strict=True))) == right.at(dict(zip(NAMES, each, strict=True))) for each in values
    ]
    return {Verdict.EQUAL: all(equal), Verdict.UNEQUAL: not any(equal), Verdict.CANNOT_TELL: True}[verdict]


# -- arithmetic --------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(SIZES, SIZES)
def test_sum_difference_product_and_negative_are_those_of_sympy(p, q):
    left, right = sympy_from(p), sympy_from(q)
    assert same(p + q, left + right)
    assert same(p - q, left - right)
    assert same(p * q, left * right)
    assert same(-p, -left)


@settings(deadline=None)
@given(SIZES, SIZES)
def test_sizes_are_equal_exactly_when_sympy_expands_their_difference_to_zero(p, q):
    assert (p == q) == same(p - q, 0)
    assert p + q == q + p
    assert hash(p + q) == hash(q + p)
    assert (p + q) * (p - q) == p * p - q * q


@settings(deadline=None)
@given(SIZES, st.tuples(*[st.integers(1, 50)] * 3))
def test_value_at_numbers_is_that_of_sympy(p, numbers):
    values = dict(zip(NAMES, numbers, strict=True))
    atoms = {sympy.Symbol(name, integer=True, positive=True): value for name, value in values.items()}
    assert p.at(values) == sympy_from(p).subs(atoms)


@settings(deadline=None)
@given(SIZES, SIZES)
def test_substitution_is_that_of_sympy(p, q):
    a = sympy.Symbol("a", integer=True, positive=True)
    assert same(p.substitute(lambda atom: q if atom == "a" else None), sympy_from(p).subs(a, sympy_from(q)))


@settings(deadline=None)
@given(SIZES.filter(lambda size: not is_at_least(-size, 0)))
def test_size_from_undoes_sympy_from(p):
    assert size_from(sympy_from(p)) == p


@settings(deadline=None)
@given(SIZES, MONOMIALS, st.integers(-4, 4).filter(bool))
def test_division_undoes_multiplication(p, monomial, factor):
    divisor = Size({monomial: factor})
    assert (p * divisor).divided_by(divisor) == p


@pytest.mark.parametrize(
    ("whole", "divisor", "quotient"),
    [
        (4 * k, 2, 2 * k),
        (6 * k + 3 * n, 3, 2 * k + n),
        (n * k + k, k, n + 1),
        (n * k, n * k, sympy.Integer(1)),
        (3 * k, 2, None),
        (n + k, k, None),
        (k, n, None),
        (k, k**2, None),
    ],
)
def test_division_gives_integer_polynomials_or_none(whole, divisor, quotient):
    expected = None if quotient is None else size_from(quotient)
    assert size_from(whole).divided_by(size_from(divisor)) == expected


def test_atoms_keep_the_order_of_writing_and_unknowns_are_those_with_a_question_mark():
    size = Size({("k", "n"): 2, ("?3",): 1, ("b",): 1, (): 7})
    assert size.atoms == ("k", "n", "?3", "b")
    assert size.unknowns == ("?3",)
    assert size.constant is None
    assert Size({(): 7}).constant == 7
    assert (K - K).constant == 0


def test_zero_coefficients_are_dropped():
    assert Size({("k",): 0, (): 0}) == Size({}) == N - N
    assert Size({}) != 0


def test_a_value_without_a_number_for_a_symbol_is_a_key_error():
    with pytest.raises(KeyError, match="k"):
        (N + K).at({"n": 3})


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (N + K, "n+k"),
        (K + N, "k+n"),
        (Size.of(4) * K, "4*k"),
        (Size.of("C") * K - Size.of(1), "C*k-1"),
        (-N + K, "-n+k"),
        (N * N, "n*n"),
        (Size.of(5), "5"),
        (Size({}), "0"),
        (-Size.of(1), "-1"),
        (Size.of(2) * N * K - Size.of(3) * N, "2*k*n-3*n"),
    ],
)
def test_text_has_no_spaces_and_keeps_the_order_of_writing(size, shown):
    assert str(size) == shown
    assert repr(size) == f"Size({shown})"


def test_ordered_puts_terms_in_the_order_of_the_names_and_the_constant_last():
    assert str((Size.of(1) + K + N).ordered(("n", "k"))) == "n+k+1"
    assert str((Size.of("m") + K + N).ordered(("k",))) == "k+m+n"


# -- comparison --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        (k, k, Verdict.EQUAL),
        (n + k, k + n, Verdict.EQUAL),
        (n * (k + 1), n * k + n, Verdict.EQUAL),
        (n + k, n, Verdict.UNEQUAL),
        (n, n + 1, Verdict.UNEQUAL),
        (4 * k, k, Verdict.UNEQUAL),
        (n * k + n, k, Verdict.UNEQUAL),
        (2 * k, 3, Verdict.UNEQUAL),
        (6 * n + 3 * k, 5, Verdict.UNEQUAL),
        (n + k, 1, Verdict.UNEQUAL),
        (3, 5, Verdict.UNEQUAL),
        (n, k, Verdict.CANNOT_TELL),
        (k, 1, Verdict.CANNOT_TELL),
        (n * k, k, Verdict.CANNOT_TELL),
        (2 * k, 4, Verdict.CANNOT_TELL),
    ],
)
def test_comparison_has_three_answers(left, right, verdict):
    assert compare(size_from(left), size_from(right)) is verdict
    assert compare(size_from(right), size_from(left)) is verdict


@settings(deadline=None)
@given(st.one_of(LINEAR, SIZES), st.one_of(LINEAR, SIZES))
def test_comparison_is_sound(p, q):
    assert agrees_with_brute_force(compare(p, q), p, q)


@settings(deadline=None)
@given(LINEAR, st.integers(1, 9))
def test_a_size_and_a_size_larger_by_a_number_are_unequal(p, number):
    assert compare(p, p) is Verdict.EQUAL
    assert compare(p + Size.of(number), p) is Verdict.UNEQUAL


@pytest.mark.parametrize(
    ("wrong", "left", "right"),
    [
        (Verdict.EQUAL, "a", "b"),
        (Verdict.UNEQUAL, "a", "b"),
        (Verdict.UNEQUAL, "a", "a"),
    ],
)
def test_brute_force_refuses_a_wrong_verdict(wrong, left, right):
    assert not agrees_with_brute_force(wrong, Size.of(left), Size.of(right))


# -- the door ----------------------------------------------------------------------------------------------------------


def test_dims_are_positive_integer_symbols_separated_by_spaces_or_commas():
    assert [symbol.name for symbol in dims("n, k  p")] == ["n", "k", "p"]
    assert all(symbol.is_integer and symbol.is_positive for symbol in dims("n k"))
    assert dims("n") == (n,)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("", 'dims() needs at least one name, as in `n, k = dims("n k")`'),
        (" , ", 'dims() needs at least one name, as in `n, k = dims("n k")`'),
        ("n 2k", "dimension name '2k' is not usable"),
        ("n lambda", "dimension name 'lambda' is not usable"),
        ("_n", "dimension name '_n' is not usable"),
        ("n+k", "dimension name 'n+k' is not usable"),
        ("n k n", "dimension name 'n' is given twice in dims('n k n')"),
    ],
)
def test_dims_refuses_what_is_no_name(names, message):
    with pytest.raises(NotADimension, match="^" + re.escape(message)):
        dims(names)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (2.5, "2.5 is not a dimension; expected a symbol of dims() or a positive integer"),
        ("n", "'n' is not a dimension; expected a symbol of dims() or a positive integer"),
        (True, "True is not a dimension"),
        (None, "None is not a dimension"),
        (0, "0 is not a dimension; expected a positive integer"),
        (-3, "-3 is not a dimension; expected a positive integer"),
        (n - n, "0 is not a dimension; expected a positive integer"),
        (sympy.Symbol("n"), "`n` in `n` is not a dimension symbol; make it with dims('n')"),
        (k / 2, "`k/2` is not a dimension: it is not always a whole number"),
        (n / k, "`n/k` is not a dimension: `1/k` is not always a whole number"),
        (sympy.sqrt(k), "`sqrt(k)` is not a dimension: `sqrt(k)` is not always a whole number"),
        (sympy.Rational(5, 2), "`5/2` is not a dimension: it is not always a whole number"),
    ],
)
def test_size_from_refuses_what_is_no_dimension(value, message):
    with pytest.raises(NotADimension, match="^" + re.escape(message)):
        size_from(value)


@pytest.mark.parametrize(
    ("value", "size"),
    [(7, Size.of(7)), (n + k, N + K), (4 * k, Size.of(4) * K), ((n + 1) * k, N * K + K), (k**2, K * K), (N, N)],
)
def test_size_from_takes_integers_and_polynomials(value, size):
    assert size_from(value) == size
