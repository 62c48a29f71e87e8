"""Refused first values: no initialiser, or one that does not fit the shape, is a finding where it stands."""

import linecache
import runpy
import textwrap

import pytest

from lstmspec import Code, SpecError
from lstmspec.diagnostics import where

HEAD = """
from lstmspec import Bias, Cell, Input, State, Weight, affine, dims, init, linear, sigmoid, tanh
import torch
n, k = dims("n k")
class Bad(Cell):
    x, h = Input(n), State(k)
""".lstrip()
REFUSED = {
    "W = Weight(k, init=True)": "init = True is neither a number nor an initialiser",
    "W = Weight(k, init=float('inf'))": "init = inf is not a finite number",
    "W = Weight(k, n, init=())": "init is an empty tuple",
    "W = Weight(k, n, init=[1, 2])": "init = [1, 2] is neither a number nor an initialiser",
    "W = Weight(k, n, init=((1, 2), 3))": "init = (1, 2) is neither a number nor an initialiser",
    "W = Weight(k, k, init=init.orthogonal)": "init is a function, orthogonal",
    "W = Weight(k, k, init=torch.nn.init.orthogonal_)": "init is a function, orthogonal_",
    "W = Weight(k, init=lambda: 1)": "init is a function, <lambda>",
    "b = Bias(k, init=init.normal(0))": "init.normal: std = 0 is not above 0",
    "b = Bias(k, init=init.normal('small'))": "init.normal: std = 'small' is not a finite number",
    "b = Bias(k, init=init.uniform(1, 1))": "init.uniform: low = 1 is not below high = 1",
    "b = Bias(k, init=init.log_uniform(0, 1))": "init.log_uniform: low = 0 is not above 0",
    "b = Bias(k, init=init.log_uniform(3, 2))": "init.log_uniform: low = 3 is not below high = 2",
    "b = Bias(k, init=init.chrono(2))": "init.chrono: steps = 2 is not above 2",
    "b = Bias(k, init=init.spread(3, float('nan')))": "init.spread: high = nan is not a finite number",
    "W = Weight(k, k, init=init.orthogonal(-1))": "init.orthogonal: gain = -1 is not above 0",
    "W = Weight(k, k, init=init.identity(None))": "init.identity: scale = None is not a finite number",
    "f = affine(x, h, bias_init='one')": "bias_init = 'one' is neither a number nor an initialiser",
    "f = affine(x, h, bias=False, bias_init=1)": "bias_init is for a bias, and the layer has none",
}
UNFIT = {
    "h.next = tanh(affine(x, h, init=init.identity()))": (
        "init.identity(1.0) does not fit the columns of `W_h` that act on `x`",
        "init.identity is for a square matrix; the shape is (k, n)",
    ),
    "h.next = tanh(affine(x, h, init=(None, init.spread(0, 1))))": (
        "init.spread(0.0, 1.0) does not fit the columns of `W_h` that act on `h`",
        "init.spread is for a vector; the shape is (k, k)",
    ),
    "h.next = tanh(affine(x, h, bias_init=init.orthogonal()))": (
        "init.orthogonal(1.0) does not fit `b_h`",
        "init.orthogonal is for a matrix; the shape is (k)",
    ),
    "h.next = tanh(linear(x, init=init.identity()))": (
        "init.identity(1.0) does not fit `W_h`",
        "init.identity is for a square matrix; the shape is (k, n)",
    ),
    "h.next = tanh(affine(x, h, init=(1, 2, 3)))": (
        "init of `W_h` has 3 initialisers for 2 operands",
        "it acts on `x`, `h`",
    ),
    "h.next = tanh(affine(x, h, init=(init.orthogonal(),)))": (
        "init of `W_h` has 1 initialiser for 2 operands",
        "it acts on `x`, `h`",
    ),
    "h.next = tanh(affine(x, h, bias_init=(1, 2)))": (
        "init of `b_h` is a tuple, which is for a matrix that acts on one concatenation",
        None,
    ),
    "W = Weight(k, k, init=(1,)); h.next = tanh(W @ h + W @ tanh(h))": (
        "init of `W` is a tuple, which is for a matrix that acts on one concatenation",
        None,
    ),
    "W = Weight((), init=init.glorot_uniform()); h.next = tanh(W * h)": (
        "init.glorot_uniform() does not fit `W`",
        "init.glorot_uniform is for a matrix; the shape is ()",
    ),
}


@pytest.fixture
def bad(tmp_path, monkeypatch):
    """The findings of a cell with these lines."""
    monkeypatch.chdir(tmp_path)

    def found(body):
        linecache.clearcache()  # it knows files by name, and here all have the same
        (tmp_path / "mine.py").write_text(HEAD + textwrap.indent(body + "\n", "    "), encoding="utf-8")
        try:
            return runpy.run_path("mine.py")["Bad"].shapes.diagnostics
        except SpecError as error:
            return error.diagnostics

    return found


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_no_initialiser_is_refused_where_it_stands(line, bad):
    (finding,) = bad(f"{line}\nh.next = tanh(affine(x, h))")
    assert (finding.code, finding.message, finding.cell) == (Code.LS211, REFUSED[line], "Bad")
    assert where(finding.site) == "mine.py:6"


@pytest.mark.parametrize("line", UNFIT)
def test_what_does_not_fit_the_shape_is_a_finding(line, bad):
    (finding,) = bad(line)
    message, note = UNFIT[line]
    assert (finding.code, finding.message, finding.notes[:1]) == (Code.LS211, message, () if note is None else (note,))
    assert where(finding.site) == "mine.py:6"
    assert finding.help


def test_the_whole_text(bad):
    (finding,) = bad("h.next = tanh(affine(x, h, init=init.identity()))")
    assert str(finding) == textwrap.dedent("""\
        error[LS211]: init.identity(1.0) does not fit the columns of `W_h` that act on `x`
         --> mine.py:6:19
          |
        6 |     h.next = tanh(affine(x, h, init=init.identity()))
          |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = in cell `Bad`
          = init.identity is for a square matrix; the shape is (k, n)
          = a tuple has one initialiser for each operand; None in it is the default
          = help: here fit a number, init.uniform, init.normal, init.log_uniform, init.chrono, init.orthogonal, \
init.glorot_uniform, init.lecun_uniform""")


def test_a_wrong_initialiser_is_found_in_the_variant_that_changes_the_shape(bad):
    body = "W = Weight(k, init=init.orthogonal())\nh.next = tanh(W * h + linear(x))"
    (finding,) = bad(body)
    assert (finding.message, where(finding.site)) == ("init.orthogonal(1.0) does not fit `W`", "mine.py:6")
