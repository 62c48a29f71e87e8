"""Sizes that users write in expressions: `ones(n - k)` is refused, where some sizes of the symbols leave nothing."""

import pytest

from lstmspec import Cell, Input, State, affine, check, concat, dims, linear, ones, repeat, size, sqrt, sum, tanh, zeros

n, k = dims("n k")


class Ones(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h)) * sum(ones(n - k))


class Matrix(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h)) + sum(ones(k, n - 1))


class Zeros(Cell):
    x, h = Input(n), State(k)
    f = concat(h, zeros(n - k)) * x
    h.next = tanh(linear(f))


class Root(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h)) * sqrt(size(n - k))


class Repeated(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(repeat(x, n * k - n), h))


WHAT = {Ones: ("ones", "n-k"), Zeros: ("zeros", "n-k"), Root: ("size", "n-k")}
WHAT |= {Matrix: ("ones", "n-1"), Repeated: ("repeat", "-n+k*n")}


@pytest.mark.parametrize("cell", WHAT, ids=lambda cell: cell.__name__)
def test_it_is_refused_where_it_stands(cell):
    found = check(cell).diagnostics[0]
    assert found.code.name == "LS109"
    operation, size_ = WHAT[cell]
    assert found.message.startswith(
        f"`{operation}` is given the size {size_}, which is not always positive, in equation"
    )
    assert found.site is not None and found.site.place.file.endswith("test_not_positive.py")


class Always(Cell):
    """Sums of symbols, and differences of which one part is the other."""

    x, h = Input(n), State(k)
    a = concat(tanh(affine(x, h)), ones(2 * n - n)) * ones(n + k)
    h.next = sum(a) / sqrt(size(n + k - 1)) * h


def test_what_is_always_positive_is_taken():
    assert check(Always).diagnostics == ()
