"""Corners that were wrong once: what a user may write that is not in any example."""

import numpy as np
import pytest
import sympy

import lstmspec as ls
from lstmspec import Bias, Cell, Code, Input, SpecError, State, Weight, affine, concat, oracle, sigmoid, tanh  # noqa: F401  Bias is for the sources below
from lstmspec.sizes import NotADimension, size_from

n, k, m = ls.dims("n k m")


def codes(cell):
    return [x.code.name for x in cell.shapes.diagnostics]


def shapes(cell):
    return {a: tuple(map(str, b)) for a, b in cell.shapes.require().of.items()}


def declared_with_error(make):
    with pytest.raises(SpecError) as error:
        make()
    return error.value.diagnostics


def test_weight_without_a_shape_is_inferred():
    class A(Cell):
        x, h = Input(n), State(k)
        W, U, w = Weight(), Weight(), Weight()
        h.next = tanh(W @ x + U @ h) * ls.dot(w, h)

    assert {shapes(A)[i] for i in "WUw"} == {("k", "n"), ("k", "k"), ("k",)}


def test_help_of_ls102_as_in_design():
    class A(Cell):
        x, h, W = Input(n), State(k), Weight(k, n + k)
        h.next = tanh(W @ x)

    assert A.shapes.diagnostics[0].help == "concat(x, h) has n+k"


def test_slice_bound_by_parity():
    class A(Cell):
        x, h = Input(2 * n), State(2 * k)
        h.next = tanh(affine(h) + x[: 2 * k])

    assert codes(A) == ["LS107"]


def test_slice_of_a_size_solved_later():
    class A(Cell):
        x, h, s = Input(n), State(k), State(2 * k)
        a = affine(x, h)
        b = a[: 2 * k]
        h.next = h + a
        s.next = s + b

    assert codes(A) == ["LS107"]


def test_solved_size_is_never_positive():
    class A(Cell):
        x, h, c = Input(n), State(k), State(n + k)
        a, b = affine(x), affine(x)
        h.next = h + concat(a, b)
        c.next = c + a

    assert A.shapes.diagnostics


def test_solved_size_is_not_always_positive():
    class A(Cell):
        x, h = Input(n), State(k)
        b = affine(x)
        h.next = h + concat(x, b)

    assert A.shapes.diagnostics


def test_two_open_sizes_are_two_findings():
    class A(Cell):
        x, h = Input(n), State(k)
        a, b = affine(x, name="a"), affine(x, name="b")
        h.next = tanh(affine(h))

    text = "".join(map(str, A.shapes.diagnostics))
    assert "W_a" in text and "W_b" in text


def test_unknowns_do_not_leak():
    class A(Cell):
        x, h = Input(n), State(5)
        a = affine(x)
        h.next = tanh(concat(a, a))

    assert "?1" not in str(A.shapes.diagnostics[0])


@pytest.mark.parametrize("size", [-n, 1 - n, -n - k, 2 - 2 * n])
def test_a_size_that_is_never_positive_is_no_dimension(size):
    with pytest.raises(NotADimension):
        size_from(size)


def test_ls210_has_a_place():
    def make():
        class A(Cell):
            x = Input(n)
            f = tanh(affine(x))

    (finding,) = declared_with_error(make)
    assert finding.site is not None


def test_foreign_equation_is_placed_where_it_is_used():
    class Other(Cell):
        s = State(k)
        f = sigmoid(affine(s))
        s.next = f * s

    def make():
        class A(Cell):
            h = State(k)
            h.next = h * Other.f

    (finding,) = declared_with_error(make)
    assert finding.site.place.source.strip() == "h.next = h * Other.f"


def test_one_collision_is_one_finding():
    def make():
        class A(Cell):
            c = State(k)
            c_next = sigmoid(affine(c))
            c.next = c_next * c

    assert len(declared_with_error(make)) == 1


def test_two_layers_of_one_name_are_one_finding():
    def make():
        class A(Cell):
            h = State(k)
            f = affine(h, name="a")
            g = affine(h, name="a")
            h.next = f * g

    assert len(declared_with_error(make)) == 1


def test_a_variant_does_not_share_a_weight_by_accident():
    class A(Cell):
        x, h = Input(n), State(k)
        f = sigmoid(affine(x, h, name="a"))
        h.next = f * h

    def make():
        class B(A):
            s = State(k)
            g = sigmoid(affine(A.x, name="a"))
            s.next = s * g

    assert declared_with_error(make)[0].code is Code.LS206


def test_empty_name():
    def make():
        class A(Cell):
            h = State(k)
            h.next = tanh(affine(h, name=""))

    assert declared_with_error(make)


def test_two_bases_of_one_name():
    def cell(function):
        class A(Cell):
            h = State(k)
            h.next = function(affine(h))

        return A

    def make():
        class V(cell(tanh), cell(sigmoid)):
            pass

    assert declared_with_error(make)[0].code is Code.LS208


def test_two_outputs_are_refused():
    def make():
        class A(Cell):
            h = State(k)
            a, b = ls.Output(tanh(h)), ls.Output(sigmoid(h))
            h.next = tanh(affine(h))

    assert declared_with_error(make)


@pytest.mark.parametrize("body", ["x = Input(2.5)", "f = h + 'f'", "b = Bias(k, init=float('inf'))"])
def test_what_is_refused_at_once_names_the_cell(body):
    source = f"class Bad(Cell):\n    h = State(k)\n    {body}\n"
    (finding,) = declared_with_error(lambda: exec(source, {**globals(), "__name__": "mine"}))
    assert finding.cell == "Bad"


def test_output_that_a_variant_redeclares():
    class A(Cell):
        h = State(k)
        y = ls.Output(tanh(h))
        h.next = tanh(affine(h))

    class B(A):
        y = State(k)
        y.next = tanh(y)

    assert B.system.output in B.system.equations


def test_left_operand_number_of_matmul():
    class A(Cell):
        h = State(k)
        h.next = 2 @ h

    assert codes(A) == ["LS106"]


def test_adjoint_of_slices_with_an_undecided_gap():
    class A(Cell):
        x, h, s = Input(k + 2 * n), State(k), State(n)
        h.next = tanh(h + x[:k])
        s.next = tanh(s + x[n : 2 * n])

    sizes = {"n": 3, "k": 5}
    names = {a: np.ones([d.at(sizes) for d in b.shape]) for a, b in A.adjoint.system.symbols.items()}
    assert oracle.step(A.adjoint.system, names, sizes)["dL/dx"].shape == (11,)


def power():
    class A(Cell):
        x, h = Input(n), State(k)
        h.next = tanh(h**2 + affine(x))

    return A


def test_jacobian_of_a_power_is_finite_at_zero():
    sizes = {"n": 3, "k": 5}
    jacobian = power().jacobian("h.next", "h").total
    names = {"h": np.zeros(5), "h.next": np.zeros(5), "a_h": np.zeros(5)}
    assert np.isfinite(oracle.evaluate(jacobian, names, sizes)).all()


def test_jacobian_through_where():
    class A(Cell):
        x, h = Input(n), State(k)
        h.next = ls.where(h < 0, h, affine(x))

    A.jacobian("h.next", "h")


def test_jacobian_looks_only_at_what_is_on_the_way():
    class A(Cell):
        x, h, s = Input(n), State(k), State(())
        f = tanh(affine(x, h))
        h.next = f * h
        s.next = s * ls.dot(h, h)

    A.jacobian("f", "h")


def test_where_in_sympy_keeps_its_condition():
    class A(Cell):
        x, h = Input(n), State(k)
        h.next = ls.where(h < 0, h, affine(x))

    assert A.equations["h.next"].sympy.rhs.has(sympy.Piecewise)


def test_a_dimension_as_a_number_on_the_left():
    def make():
        class A(Cell):
            h = State(k)
            h.next = n * h

    (finding,) = declared_with_error(make)
    assert finding.message == "n (Symbol) is not an expression"
    assert finding.help == "a dimension as a number is size(k): u / sqrt(size(k))"


@pytest.mark.parametrize("body", ["np.tanh(h)", "np.concatenate([h, h])", "np.maximum(h, 0)", "np.sum(h)"])
def test_numpys_functions_are_refused_by_name(body):
    source = f"class Bad(Cell):\n    h = State(k)\n    h.next = {body}\n"
    (finding,) = declared_with_error(lambda: exec(source, {**globals(), "__name__": "mine"}))
    assert finding.message == f"NumPy's {body[3:].partition('(')[0]} cannot take an expression"
    assert finding.help.startswith("import the function from lstmspec")


@pytest.mark.parametrize("number", [np.float64(2), np.float32(2), np.int64(2), 2])
def test_numpys_numbers_are_numbers_on_either_side(number):
    class A(Cell):
        h = State(k)
        h.next = number * h + h / number - (number - h) ** number

    class B(Cell):
        h = State(k)
        h.next = 2 * h + h / 2 - (2 - h) ** 2

    assert A.system.equations["h.next"].expr == B.system.equations["h.next"].expr


@pytest.mark.parametrize("operand", ["[x, h]", "(x, h)"])
def test_a_list_of_vectors_is_told_of_concat(operand):
    source = f"class Bad(Cell):\n    x, h = Input(n), State(k)\n    h.next = tanh(affine({operand}))\n"
    (finding,) = declared_with_error(lambda: exec(source, {**globals(), "__name__": "mine"}))
    assert "concat(x, h)" in finding.help


def test_the_table_prints_and_has_items():
    class A(Cell):
        x, h = Input(n), State(k)
        h.next = tanh(affine(x, h))

    assert "W_h    : (k, n+k)" in str(A.shapes)
    assert [str(size) for size in A.shapes["W_h"]] == ["k", "n+k"]
    assert repr(A.equations["h.next"]) == "h.next = tanh(W_h @ concat(x, h) + b_h)"


def test_adjoints_go_on_with_a_letter_of_their_own():
    class A(Cell):
        x, h = Input(n), State(k)
        h.next = tanh(affine(x, h))

    third = A.adjoint.adjoint.adjoint
    assert all(name.startswith("dN/d") for name in third.equations)
    assert third.shapes.diagnostics == ()


def test_an_assumption_about_a_dimension():
    class A(Cell):
        x, h = Input(n), State(k)
        h.next = tanh(affine(x, h))

    assert ls.assume(A, "k", 1).changed == ls.assume(A, "h", 1).changed
    assert ls.assume(A, "n", 1).free == ("k",)
