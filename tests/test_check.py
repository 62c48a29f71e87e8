"""The checker: what SymPy accepts in silence is found, said once, and said with its reasons."""

import re
import runpy
import textwrap
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lstmspec import oracle, zoo
from lstmspec.checker import check, shown
from lstmspec.cli import main
from lstmspec.diagnostics import where
from lstmspec.loading import load

HEAD = """
from lstmspec import Bias, Cell, Input, State, Weight
from lstmspec import affine, concat, dims, dot, linear, outer, sigmoid, tanh
n, k = dims("n k")
class Mine(Cell):
""".lstrip()
PRIMES = ({"n": 3, "k": 5}, {"n": 7, "k": 2}, {"n": 11, "k": 13})


@pytest.fixture
def declare(tmp_path, monkeypatch):
    """The cell `Mine` with a body, declared in mine.py in the working directory; the body's first line is line 5."""
    monkeypatch.chdir(tmp_path)

    def declare(body):
        path = tmp_path / "mine.py"
        path.write_text(HEAD + textwrap.indent(body.strip() + "\n", "    "), encoding="utf-8")
        return runpy.run_path(str(path))["Mine"]

    return declare


def found(cell):
    """Code, equation and message of each finding."""
    return [(finding.code.name, finding.equation, finding.message) for finding in cell.shapes.diagnostics]


def shapes(cell):
    return {name: shown(shape) for name, shape in cell.shapes.require().of.items()}


# -- what SymPy accepts ------------------------------------------------------------------------------------------------


def test_an_elementwise_sum_of_two_sizes_has_the_whole_text(declare):
    cell = declare("x, h = Input(n), State(k)\nf = sigmoid(h + x)\nh.next = f * h")
    (finding,) = cell.shapes.diagnostics
    assert (
        str(finding)
        == f"""
error[LS110]: operands do not agree in equation `f`
 --> mine.py:6:17
  |
6 |     f = sigmoid(h + x)
  |                 ^^^^^ h : (k)   x : (n)
  = in cell `Mine`, equation `f`
  = k and n are equal only if k = n, which nothing here says
  = h is (k) because it is declared so at mine.py:5
  = x is (n) because it is declared so at mine.py:5
  = help: {SAME}
""".strip()
    )


INNER = "inner dimensions n+k and n differ by k"
UNSAID = "k and n are equal only if k = n, which nothing here says"
SILENT = {
    "h.next = W @ x": ("LS102", "operands of `@` do not agree", INNER),
    "h.next = h + x": ("LS110", "operands do not agree", UNSAID),
    "h.next = h - x": ("LS110", "operands do not agree", UNSAID),
    "h.next = h * x": ("LS110", "operands do not agree", UNSAID),
    "h.next = (W @ x) * (h + x)": ("LS102", "operands of `@` do not agree", INNER),
    "h.next = (W @ concat(x, h)) * (h + x)": ("LS110", "operands do not agree", UNSAID),
    "h.next = tanh(h) / sigmoid(x)": ("LS110", "operands do not agree", UNSAID),
    "h.next = h * dot(h, x)": ("LS102", "operands of dot do not agree", f"inner dimensions {UNSAID}"),
    "h.next = W @ concat(x, x)": (
        "LS102", "operands of `@` do not agree",
        "inner dimensions n+k and 2*n are equal only if n+k = 2*n, which nothing here says",
    ),
    "h.next = concat(x, h)": ("LS104", "state `h` is (k) but its next value is (n+k)", "k and n+k differ by n"),
    "h.next = x * 1": ("LS104", "state `h` is (k) but its next value is (n)", UNSAID),
}  # fmt: skip


SAME = (
    "if they are the same, write one for the other in the declarations (k = n)"
    "; if not, linear(…) of one has the size of the other"
)
HELP = {
    "h.next = W @ x": "concat(x, h) has n+k",
    "h.next = (W @ x) * (h + x)": "",  # it would not mend the other fault of the equation
    "h.next = W @ concat(x, x)": "concat(h, x) has n+k",
}


@pytest.mark.parametrize("line", SILENT)
def test_what_sympy_accepts_in_silence_is_found(line, declare):
    code, message, note = SILENT[line]
    cell = declare(f"x, h, W = Input(n), State(k), Weight(k, n + k)\n{line}")
    (finding,) = cell.shapes.diagnostics
    assert (finding.code.name, finding.message) == (code, f"{message} in equation `h.next`")
    assert finding.notes[0] == note
    assert where(finding.site) == "mine.py:6"
    assert finding.help == HELP.get(line, SAME if "nothing here says" in note else "")


def test_mut1_with_an_input_of_another_size_needs_n_to_be_k(declare):
    body = """
z = sigmoid(affine(x))
r = sigmoid(affine(x, h))
u = tanh(linear(r * h) + tanh(x) + b)
h.next = u * z + h * (1 - z)"""
    (finding,) = declare("x, h, b = Input(n), State(k), Bias()" + body).shapes.diagnostics
    assert (finding.code.name, finding.equation) == ("LS110", "u")
    assert finding.notes[0] == UNSAID
    assert finding.help == SAME
    assert not declare("x, h, b = Input(k), State(k), Bias()" + body).shapes.diagnostics


def unequal(name, folder):
    """What `lstmspec check` says of a built-in cell whose input is given a size of its own."""
    source = Path(zoo.cells()[name].system.body.co_filename).read_text(encoding="utf-8")
    for old, new in (('(k,) = dims("k")', 'n, k = dims("n k")'), ("x = Input(k)", "x = Input(n)")):
        assert source.count(old) == 1
        source = source.replace(old, new)
    (folder / "mine.py").write_text(source, encoding="utf-8")
    return CliRunner().invoke(main, ["check", "mine.py"])


@pytest.mark.parametrize(
    ("name", "code", "equation", "operands"),
    [
        ("MUT1", "LS110", "h.next", "W_h @ (r * h) + b_h : (k)   tanh(x) : (n)"),
        ("MUT2", "LS110", "r", "x : (n)   W_r @ h + b_r : (k)"),
        ("SRU", "LS111", "y", "1 - r : (k)   skip : (n)"),
    ],
)
def test_an_input_that_goes_in_as_it_is_has_the_states_size(name, code, equation, operands, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = unequal(name, tmp_path)
    assert done.exit_code == 1
    said = done.stdout
    assert f"error[{code}]: operands do not agree in equation `{equation}`" in said
    assert operands in said
    assert "only if k = n, which nothing here says" in said or "only if n = k, which nothing here says" in said
    assert "is (n)" in said  # why each of the two has its size
    assert "is (k)" in said
    assert re.search(r"help: if they are the same, write one for the other .* \((k = n|n = k)\); if not, linear", said)
    assert said.endswith("1 cell in 1 file: 1 error\n")  # and no echo of it


def test_only_the_output_of_an_intersection_network_has_the_inputs_size(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert unequal("IntersectionRNN", tmp_path).output == "1 cell in 1 file: no findings\n"
    (cell,) = load(["mine.py"])
    assert shapes(cell)["y"] == "(n)"


# -- other findings ----------------------------------------------------------------------------------------------------

OTHERS = {
    "h.next = h @ h": ("LS106", "h.next", "the left operand of `@` is a vector, not a matrix,"),
    "h.next = dot(h, h) @ h": ("LS106", "h.next", "the left operand of `@` is a scalar, not a matrix,"),
    "h.next = W @ dot(h, h)": ("LS106", "h.next", "the right operand of `@` is a scalar"),
    "h.next = h + outer(h, h)": ("LS106", "h.next", "a vector and a matrix do not broadcast; only scalars do"),
    "h.next = h + W": ("LS106", "h.next", "a vector and a matrix do not broadcast; only scalars do"),
    "h.next = h * dot(W, h)": ("LS106", "h.next", "dot's left operand is a matrix, not a vector,"),
    "h.next = h.T": ("LS106", "h.next", "the operand of .T is a vector, not a matrix,"),
    "h.next = affine(x, dot(h, h))": ("LS106", "h.next", "concat joins vectors, or matrices with equal columns"),
    "h.next = outer(h, h)": ("LS104", "h.next", "state `h` is (k) but its next value is (k, k)"),
    "h.next = dot(h, h)": ("LS104", "h.next", "state `h` is (k) but its next value is ()"),
    "h.next = linear(h[n : 2 * n])": (
        "LS107", "h.next", "slice n:2*n does not fit into size k"),
    "h.next = linear(h[k : k + 1])": (
        "LS107", "h.next", "slice k:1+k does not fit into size k"),
    "h.next = linear(concat(h, x)[k:n])": (
        "LS107", "h.next", "slice k:n is empty"),
    "h.next = h + linear(W[:, : 2 * k] @ concat(h, h))": (
        "LS107", "h.next", "slice 0:2*k does not fit into size k"),
    "h.next = h + linear(h[:, : k])": ("LS106", "h.next", "a slice needs a vector or a matrix"),
}  # fmt: skip


@pytest.mark.parametrize("lines", OTHERS)
def test_ranks_states_and_slices(lines, declare):
    code, equation, message = OTHERS[lines]
    cell = declare(f"x, h, W = Input(n), State(k), Weight(k, k)\n{lines}")
    assert found(cell) == [(code, equation, f"{message} in equation `{equation}`")]


def test_twice_a_size_cannot_be_odd(declare):
    cell = declare("x, h = Input(n), State(5)\na = tanh(affine(x))\nh.next = tanh(concat(a, a))")
    ((code, equation, message),) = found(cell)
    assert (code, equation) == ("LS108", "h.next")
    assert message.startswith("state `h` is (5)")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (
            "x, h = Input(n), State(k)\na = tanh(affine(x))\nh.next = tanh(affine(h))",
            "the dense layer of `W_a` in equation `a`",
        ),
        ("x, h = Input(), State(k)\nh.next = tanh(affine(x, h))", "input `x`"),
        ("x, h = Input(n), State()\nh.next = tanh(affine(x, h))", "state `h`"),
    ],
)
def test_a_dimension_that_nothing_determines(body, what, declare):
    (finding,) = declare(body).shapes.diagnostics
    assert (finding.code.name, finding.message) == ("LS105", f"nothing says what size {what} has")
    assert finding.notes == (("nothing reads `a`, which would say it",) if "W_a" in what else ())


def test_a_root_fault_is_reported_once_and_its_echoes_are_not(declare):
    body = "a = h + x\nb = sigmoid(a) * h\nd = b - a\nh.next = tanh(affine(a, b)) * d"
    cell = declare("x, h = Input(n), State(k)\n" + body)
    assert found(cell) == [("LS110", "a", "operands do not agree in equation `a`")]


def test_two_independent_faults_are_two_findings(declare):
    cell = declare("x, h = Input(n), State(k)\na = h + x\nb = dot(x, h)\nh.next = b * a")
    assert found(cell) == [
        ("LS110", "a", "operands do not agree in equation `a`"),
        ("LS102", "b", "operands of dot do not agree in equation `b`"),
    ]


def test_check_returns_findings_and_never_raises_them(declare):
    assert check(declare("x, h = Input(n), State(k)\nh.next = h + x")).diagnostics
    assert check(declare("x, h = Input(n), State(k)\nh.next = tanh(affine(x, h))").system).diagnostics == ()


# -- inference ---------------------------------------------------------------------------------------------------------


def test_shapes_left_out_are_inferred(declare):
    cell = declare("""
x, h, s = Input(n), State(k), State()
W, b, p, w = Weight(k, None), Bias(), Weight(), Weight(None, None)
s.next = sigmoid(p) * s + h
h.next = tanh(W @ concat(x, h) + b + w @ x)""")
    assert shapes(cell) == {
        "x": "(n)", "h": "(k)", "s": "(k)", "W": "(k, n+k)", "b": "(k)", "p": "(k)", "w": "(k, n)",
        "s.next": "(k)", "h.next": "(k)",
    }  # fmt: skip


def test_sizes_are_solved_through_sums_and_multiples_of_unknowns(declare):
    body = "x, h = Input(n), State(5 * k)\na, b = affine(x), affine(x)\n"
    cell = declare(body + "h.next = concat(a, b, a) + concat(b, b, b, b, b)")
    assert (shapes(cell)["a"], shapes(cell)["b"]) == ("(2*k)", "(k)")
    ((code, equation, _),) = found(declare(body + "h.next = concat(a, b, a) + concat(b, b, b, b)"))
    assert (code, equation) == ("LS108", "h.next")


LSTM = """
x, h, c = Input(n), State(k), State(k)
f = sigmoid(affine(x, h))
i = sigmoid(affine(x, h))
g = tanh(affine(x, h))
o = sigmoid(affine(x, h))
c.next = f * c + i * g
h.next = o * tanh(c.next)"""


def test_the_table_of_the_lstm_names_shapes_and_the_equation_that_is_the_reason(declare):
    declared = "declared so at mine.py:5"
    keep = "because of `f * c` in equation `c.next` at mine.py:10, where `c` is (k) as declared at mine.py:5"
    rows = {
        "f": keep,
        "i": keep.replace("of `f", "of `f * c + i * g` in equation `c.next` at mine.py:10, `f"),
        "g": keep.replace("of `f", "of `i * g` in equation `c.next` at mine.py:10, `f * c + i * g` in equation "
                          "`c.next` at mine.py:10, `f"),
        "o": keep.replace("of `f", "of `o * tanh(c.next)` in equation `h.next` at mine.py:11, `f"),
    }  # fmt: skip

    def columns(gate, line):
        return (
            f"n+k because of `W_{gate} @ concat(x, h)` in equation `{gate}` at mine.py:{line}, where "
            "`x` is (n) as declared at mine.py:5, `h` is (k) as declared at mine.py:5"
        )

    def bias(gate, line):
        own = f"`W_{gate} @ concat(x, h) + b_{gate}` in equation `{gate}` at mine.py:{line}, "
        return rows[gate].replace("because of ", f"because of {own}")

    expected = {"x": ("input", "(n)", declared), "h": ("state", "(k)", declared), "c": ("state", "(k)", declared)}
    for gate, line in zip("figo", (6, 7, 8, 9), strict=True):
        expected[f"W_{gate}"] = ("weight", "(k, n+k)", f"k {rows[gate]}; {columns(gate, line)}")
        expected[f"b_{gate}"] = ("bias", "(k)", bias(gate, line))
    expected |= {gate: (None, "(k)", rows[gate]) for gate in "figo"}
    expected |= {"c.next": (None, "(k)", rows["f"]), "h.next": (None, "(k)", rows["o"])}
    facts = declare(LSTM).shapes.facts
    assert {fact.name: (fact.role and fact.role.value, shown(fact.shape), fact.why) for fact in facts} == expected
    assert [fact.name for fact in facts] == list(expected)


# -- the slow oracle agrees --------------------------------------------------------------------------------------------


def evaluates_to(system, declared, expected, sizes):
    """Evaluate a step of arrays of the declared shapes. Raises when it cannot be, or when a value has another shape."""
    arrays = {name: np.ones([size.at(sizes) for size in declared[name]]) for name in system.symbols}
    for name, value in oracle.step(system, arrays, sizes).items():
        numbers = tuple(size.at(sizes) for size in expected[name])
        if value.shape != numbers:
            raise ValueError(f"{name} has shape {value.shape}, the table says {numbers}")


@pytest.mark.parametrize("primes", [(3, 5, 11), (7, 2, 3), (11, 13, 5)], ids=str)
@pytest.mark.parametrize("name", zoo.cells())
def test_built_in_cells_have_no_findings_and_evaluate_to_the_shapes_of_the_table(name, primes):
    shapes = zoo.cells()[name].shapes
    assert shapes.diagnostics == ()
    assert {fact.name for fact in shapes.facts} == {*shapes.system.symbols, *shapes.system.equations}
    evaluates_to(shapes.system, shapes.of, shapes.of, dict(zip(shapes.dims, primes, strict=False)))


EXPLICIT = """
x, h = Input(n), State(k)
W, U, b, v = Weight(k, n), Weight(k, k), Bias(k), Weight(n + k)
s = sigmoid(dot(v, concat(x, h)))
h.next = tanh(W @ x + U @ h + b) * s"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Weight(k, n)", "Weight(n, k)"),
        ("Weight(k, k)", "Weight(k, n)"),
        ("Bias(k)", "Bias(n)"),
        ("Weight(n + k)", "Weight(n)"),
        ("concat(x, h)", "concat(x, x)"),
        ("W @ x", "W @ h"),
    ],
)
def test_a_planted_fault_is_seen_by_the_checker_and_by_evaluation(right, wrong, declare):
    good = declare(EXPLICIT)
    declared = {name: symbol.shape for name, symbol in good.system.symbols.items()}
    for sizes in PRIMES:
        evaluates_to(good.system, declared, good.shapes.of, sizes)
    assert EXPLICIT.count(right) == 1
    bad = declare(EXPLICIT.replace(right, wrong))
    assert bad.shapes.diagnostics
    declared = {name: symbol.shape for name, symbol in bad.system.symbols.items()}
    for sizes in PRIMES:
        with pytest.raises(ValueError, match=r"shape|mismatch"):
            evaluates_to(bad.system, declared, good.shapes.of, sizes)


def test_evaluation_refuses_a_table_with_a_wrong_shape(declare):
    good = declare(LSTM)
    wrong = {**good.shapes.of, "c.next": good.shapes.of["x"]}
    with pytest.raises(ValueError, match=r"c\.next has shape"):
        evaluates_to(good.system, good.shapes.of, wrong, PRIMES[0])
