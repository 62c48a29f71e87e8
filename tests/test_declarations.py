"""Bad declarations: each gives one finding with its code, its place, and what would be right."""

import runpy
import textwrap

import pytest

from lstmspec import Code, SpecError
from lstmspec.diagnostics import where
from lstmspec.zoo.gru import GRU
from lstmspec.zoo.lstm import LSTM

HEAD = """
import sympy
from lstmspec import Bias, Cell, Constant, Input, Output, State, Weight
from lstmspec import affine, concat, dims, elementwise, linear, ones, sigmoid, tanh
n, k = dims("n k")
class Other(Cell):
    s = State(k)
    s.next = tanh(affine(s))
    f = sigmoid(affine(s))
class Bad(Cell):
""".lstrip()


@pytest.fixture
def mistakes(tmp_path, monkeypatch):
    """Declares the cell `Bad` with a body, in mine.py in the working directory; gives what is wrong with it."""
    monkeypatch.chdir(tmp_path)

    def declare(body):
        path = tmp_path / "mine.py"
        path.write_text(HEAD + textwrap.indent(body + "\n", "    "), encoding="utf-8")
        with pytest.raises(SpecError) as error:
            runpy.run_path(str(path))
        return error.value.diagnostics

    return declare


def marked(body):
    """The line of mine.py that the comment `# !` marks, or the last one."""
    lines = (HEAD + body).splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.endswith("# !")), len(lines))


# -- what is found when the body ends: the cell and the equation are named ---------------------------------------------

DECLARED = {
    "state without next": ("LS201", "", "state `c` has no next value",
        "x, h = Input(n), State(k)\nc = State(k)  # !\nh.next = tanh(affine(x, h))"),
    "keyword": ("LS202", "lambda", "`lambda` cannot be a name: it is a Python keyword",
        'h = State(k)\nlocals()["lambda"] = sigmoid(affine(h))  # !\nh.next = tanh(affine(h))'),
    "underscore": ("LS202", "_f",
        "`_f` cannot be a name: generated code needs a plain identifier: a letter, then letters, digits and _",
        "h = State(k)\n_f = sigmoid(affine(h))  # !\nh.next = _f * h"),
    "reserved": ("LS202", "np", "`np` cannot be a name: generated code uses it for itself",
        "h = State(k)\nnp = sigmoid(affine(h))  # !\nh.next = np * h"),
    "cotangent's spelling": ("LS202", "d_f", 
        "`d_f` cannot be a name: generated code uses names with d_ in front for itself",
        "h = State(k)\nf = sigmoid(affine(h))\nd_f = tanh(affine(h))  # !\nh.next = f * d_f"),
    "dimension's name": ("LS203", "k", "`k` is a dimension and a name in the cell",
        "h = State(k)\nk = sigmoid(affine(h))  # !\nh.next = k * h"),
    "cycle of one": ("LS204", "h.next", "equation `h.next` needs its own value",
        "h = State(k)\nh.next = tanh(affine(h.next))"),
    "cycle of two": ("LS204", "h.next", "equations need one another's values",
        "h, c = State(k), State(k)\nh.next = tanh(affine(c.next))  # !\nc.next = tanh(affine(h.next))"),
    "a name twice": ("LS206", "", "`h` is declared twice",
        "h = State(k)\nh = State(n)  # !\nh.next = tanh(affine(h))"),
    "an equation twice": ("LS206", "f", "`f` is declared twice",
        "h = State(k)\nf = sigmoid(affine(h))\nf = sigmoid(h)  # !\nh.next = f * h"),
    "two layers of one name": ("LS206", "g", "parameter `W_a` is declared twice",
        'h = State(k)\nf = sigmoid(linear(h, name="a"))\ng = sigmoid(linear(h, name="a"))  # !\nh.next = f * g'),
    "a layer after its weight": ("LS206", "f", "parameter `W_f` is declared twice",
        "h, W_f = State(k), Weight(k, k)\nf = sigmoid(affine(h))  # !\nh.next = f * h"),
    "a declaration without a name": ("LS207", "h.next", "a declaration is used before it has a name",
        "h = State(k)\nh.next = h * State(k)"),
    "no expression": ("LS208", "gates", "`gates` is a str, which is not part of a cell",
        'h = State(k)\ngates = "fig"  # !\nh.next = tanh(affine(h))'),
}  # fmt: skip


@pytest.mark.parametrize("kind", DECLARED)
def test_a_bad_declaration_is_one_finding_with_cell_equation_and_place(kind, mistakes):
    code, equation, message, body = DECLARED[kind]
    (finding,) = mistakes(body)
    assert (finding.code.name, finding.message, finding.equation, finding.cell) == (code, message, equation, "Bad")
    assert where(finding.site) == f"mine.py:{marked(body)}"
    assert finding.help


# -- what is refused at once, where it stands --------------------------------------------------------------------------

NOT_A_DIMENSION = "is not a dimension; expected a symbol of dims() or a positive integer"
REFUSED = {
    "x = Input(2.5)": ("LS205", f"Input: 2.5 {NOT_A_DIMENSION}"),
    "x = Input('n')": ("LS205", f"Input: 'n' {NOT_A_DIMENSION}"),
    "x = Input(True)": ("LS205", f"Input: True {NOT_A_DIMENSION}"),
    "x = Input(0)": ("LS205", "Input: 0 is not a dimension; expected a positive integer"),
    "x = Input(-3)": ("LS205", "Input: -3 is not a dimension; expected a positive integer"),
    "x = State(sympy.Symbol('n'))": (
        "LS205", "State: `n` in `n` is not a dimension symbol; make it with dims('n')",
    ),
    "W = Weight(k, k / 2)": ("LS108", "Weight: `k/2` is not a dimension: it is not always a whole number"),
    "W = Weight(k, n, 2)": (
        "LS205", "Weight with 3 dimensions; expected a scalar, a vector or a matrix",
    ),
    "f = h[: k / 2]": ("LS108", "`k/2` is not a dimension: it is not always a whole number"),
    "f = ones(2.5) * h": ("LS205", f"ones: 2.5 {NOT_A_DIMENSION}"),
    "f = State(k).next": ("LS207", "a State is used before it has a name"),
    "f = h if h else -h": ("LS208", "the truth of an expression is not known when a cell is declared"),
    "f = 0 < h < 1": ("LS208", "the truth of an expression is not known when a cell is declared"),
    "f = h * n": ("LS208", "n (Symbol) is not an expression"),
    "f = h - (n + k)": ("LS208", "k + n (Add) is not an expression"),
    "f = h + 'f'": ("LS208", "'f' (str) is not an expression"),
    "f = sigmoid([1, 2])": ("LS208", "a list is not an expression"),
    "f = h * None": ("LS208", "None (NoneType) is not an expression"),
    "f = h * True": ("LS208", "True (bool) is not an expression"),
    "f = h[0]": ("LS208", "only slices with an end can be taken, one axis at a time: v[:k], v[k:2*k], M[:, :n]"),
    "f = affine()": ("LS208", "affine needs at least one vector"),
    "f = concat()": ("LS208", "concat needs at least one vector"),
    "f = elementwise(lambda u: u)(h, h)": ("LS208", "this elementwise function takes 1 operands, got 2"),
    "b = Bias(k, init=float('nan'))": ("LS211", "init = nan is not a finite number"),
    "W = Weight(k, k, init='zeros')": ("LS211", "init = 'zeros' is neither a number nor an initialiser"),
    "b = Constant(float('inf'))": ("LS211", "value = inf is not a finite number"),
    "b = Constant(True)": ("LS211", "value = True is not a finite number"),
}  # fmt: skip


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_no_part_of_the_language_is_refused_where_it_stands(line, mistakes):
    code, message = REFUSED[line]
    (finding,) = mistakes(f"h = State(k)\n{line}")
    assert (finding.code.name, finding.message) == (code, message)
    assert where(finding.site) == f"mine.py:{marked('h = State(k)') + 1}"
    assert finding.site.place.source.strip() == line


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("lambda u: sympy.erf(u)", "`erf` has no row among the operations"),
        ("lambda u: u if u > 0 else 0", "cannot determine truth value of Relational: u0 > 0"),
        ("lambda u: n * u", "`Symbol` has no row among the operations"),
        ("lambda u: sympy.sign(u)", "`DiracDelta` has no row among the operations"),
    ],
)
def test_elementwise_refuses_unknown_functions(function, reason, mistakes):
    (finding,) = mistakes(f"h = State(k)\nf = elementwise({function})(h)")
    assert finding.code is Code.LS208
    assert finding.message.startswith("elementwise() needs a function of scalars that returns a SymPy expression: ")
    assert reason in finding.message


# -- the cell as a whole -----------------------------------------------------------------------------------------------


def test_a_cell_without_a_state(mistakes):
    (finding,) = mistakes("x = Input(n)\nf = tanh(affine(x))")
    assert (finding.code, finding.message, finding.cell) == (Code.LS210, "a recurrent cell needs a state", "Bad")


def test_an_equation_of_another_cell(mistakes):
    (finding,) = mistakes("h = State(k)\nh.next = h * Other.f")
    assert (finding.code, finding.message) == (Code.LS207, "`Other.f` is not part of this cell")
    assert (finding.cell, finding.equation) == ("Bad", "h.next")


def test_two_names_of_one_spelling(mistakes):
    findings = mistakes("c = State(k)\nc_next = sigmoid(affine(c))\nc.next = c_next * c")
    assert {(finding.code, finding.equation) for finding in findings} == {(Code.LS203, "c.next")}
    assert findings[0].message == "`c.next` and `c_next` would both be spelled `c_next`"


def test_a_cell_is_a_variant_of_one_cell():
    with pytest.raises(SpecError) as error:

        class Both(LSTM, GRU):
            pass

    (finding,) = error.value.diagnostics
    assert (finding.code, finding.cell) == (Code.LS208, "Both")
    assert finding.message == "a cell is a variant of one cell, not of LSTM and GRU"
    assert finding.site.place.source.strip() == "class Both(LSTM, GRU):"


def test_several_mistakes_are_reported_together(mistakes):
    findings = mistakes(
        "h, c = State(k), State(k)\nnp = sigmoid(affine(h))\nh = State(n)\n"
        "h.next = tanh(affine(h)) * Other.f\ngates = [1, 2]"
    )
    assert sorted((finding.code.name, finding.equation) for finding in findings) == [
        ("LS201", ""), ("LS202", "np"), ("LS206", ""), ("LS207", "h.next"), ("LS208", "gates"),
    ]  # fmt: skip
    assert {finding.cell for finding in findings} == {"Bad"}


# -- the whole text ----------------------------------------------------------------------------------------------------

TEXTS = {
    "x, h = Input(n), State(k)": """
error[LS201]: state `h` has no next value
  --> mine.py:10:22
   |
10 |     x, h = Input(n), State(k)
   |                      ^^^^^^^^
   = in cell `Bad`
   = help: say how it goes on: `h.next = …`""",
    "h = State(k)\nnp = sigmoid(affine(h))\nh.next = np * h": """
error[LS202]: `np` cannot be a name: generated code uses it for itself
  --> mine.py:11:5
   |
11 |     np = sigmoid(affine(h))
   |     ^^
   = in cell `Bad`, equation `np`
   = help: choose another name""",
    "h = State(k)\nf = sigmoid(affine(h))\nd_f = 1 - f\nh.next = f * d_f": """
error[LS202]: `d_f` cannot be a name: generated code uses names with d_ in front for itself
  --> mine.py:12:5
   |
12 |     d_f = 1 - f
   |     ^^^
   = in cell `Bad`, equation `d_f`
   = help: choose another name""",
    "h, c = State(k), State(k)\nh.next = tanh(c.next)\nc.next = h.next * h": """
error[LS204]: equations need one another's values
  --> mine.py:11:5
   |
11 |     h.next = tanh(c.next)
   |     ^^^^^^
   = in cell `Bad`, equation `h.next`
   = each needs the next: `h.next` → `c.next` → `h.next`
   = help: read the previous value in equation `h.next`: `c` instead of `c.next`""",
    "x, h = Input(2.5), State(k)": """
error[LS205]: Input: 2.5 is not a dimension; expected a symbol of dims() or a positive integer
  --> mine.py:10:12
   |
10 |     x, h = Input(2.5), State(k)
   |            ^^^^^^^^^^
   = in cell `Bad`
   = help: dimensions are symbols of `n, k = dims("n k")`, sums and products of them, or positive integers""",
    "h = State(k)\nf = sigmoid(affine(h))\nf = tanh(h)\nh.next = f * h": """
error[LS206]: `f` is declared twice
  --> mine.py:12:5
   |
12 |     f = tanh(h)
   |     ^
   = in cell `Bad`, equation `f`
   = it has its first meaning at mine.py:11
   = help: each name has one meaning in a cell; use another""",
    "h = State(k)\nh.next = tanh(h) if h > 0 else h": """
error[LS208]: the truth of an expression is not known when a cell is declared
  --> mine.py:11:25
   |
11 |     h.next = tanh(h) if h > 0 else h
   |                         ^^^^^
   = in cell `Bad`
   = help: use where(condition, this, that), one in another for two conditions; maximum, minimum""",
}


@pytest.mark.parametrize("body", TEXTS)
def test_the_text_of_a_finding(body, mistakes):
    assert "\n".join(str(finding) for finding in mistakes(body)) == TEXTS[body].lstrip("\n")
