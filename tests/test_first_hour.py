"""What people write in their first hour, and what they are told; each was once told wrongly, or not at all."""

import pytest
from examples import findings, written

from lstmspec import SpecError, check, lint
from lstmspec.zoo.lstm import LSTM

HEAD = """from lstmspec import (
    Cell, Input, Output, State, Weight, affine, concat, dims, exp, linear, shaped, sigmoid, split, sum, tanh, where
)
from lstmspec.zoo.lstm import LSTM

n, k, m = dims("n k m")


class Base(Cell):
    x, h = Input(n), State(k)
    f = sigmoid(affine(x, h))
    h.next = f * h + (1 - f) * tanh(affine(x, h))


"""
X = "x, h = Input(n), State(k)\n"
SAID = {
    "a claim about a state's new value": (
        "Cell", X + "h.next = shaped(tanh(affine(x, h)), m)",
        ["LS103: `h.next` is to be (m) but is (k) in equation `h.next`"]),
    "another cell's names, though spelled as one's own": (
        "Cell", X + "f = tanh(affine(x, h))\nh.next = Base.f * h + (1 - f) * tanh(affine(x, h))",
        ["LS207: `Base.f` is not part of this cell"]),
    "infinity": ("Cell", X + "h.next = tanh(affine(x, h)) * 1e400", ["LS211: inf is not a finite number"]),
    "a module that is not imported": (
        "Cell", X + "h.next = torch.tanh(affine(x, h))", ["LS207: `torch` is not defined"]),
    "a state that is not declared": ("Cell", X + "c.next = tanh(affine(x, h))\nh.next = tanh(affine(h))",
                                     ["LS207: `c` is not defined"]),
    "a size that is not declared": (
        "Cell", X + "W = Weight(k, n + kk)\nh.next = tanh(W @ concat(x, h))", ["LS207: `kk` is not defined"]),
    "an inherited name that is misspelled": (
        "LSTM", "f = 1 - LSTM.forget", ["LS207: `LSTM` has no `forget`"]),
    "an attribute that is misspelled": (
        "Cell", X + "h.nxt = tanh(affine(x, h))", ["LS207: `h` has no `.nxt` to be set"]),
    "a value of Python's": (
        "Cell", X + 'g = "tanh"\nh.next = tanh(affine(x, h)) * g',
        ["LS208: `g` is a str, which is not part of a cell"]),
    "a name in Greek": (
        "Cell", X + "σ = sigmoid(affine(x, h))\nh.next = σ * h",
        ["LS202: `σ` cannot be a name: generated code needs a plain identifier: a letter, then letters, digits and _"]),
    "a gate that nothing reads": (
        "Cell", X + "r = sigmoid(affine(x, h))\nh.next = tanh(affine(x, h))",
        ["LS105: nothing says what size the dense layer of `W_r` in equation `r` has", "LS308: nothing reads `r`"]),
    "a gate without its activation, in an interpolation": (
        "Cell", X + "z = affine(x, h)\nh.next = (1 - z) * h + z * tanh(affine(x, h))",
        ["LS306: `z` multiplies `h` and has no bounds"]),
    "a product with rows, elementwise": (
        "Cell", X + "W, U = Weight(k, n), Weight(k, k)\nh.next = tanh(W * x + U * h)",
        ["LS106: a matrix and a vector do not broadcast; only scalars do in equation `h.next`"]),
    "a leaky step with a learned leak": (
        "Cell", X + "leak = Weight(())\nh.next = (1 - leak * 0.1) * h + 0.1 * tanh(affine(x, h))", []),
    "a share of exponentials": (
        "Cell", X + "e = exp(tanh(affine(x, h)))\nh.next = e / sum(e) * h + tanh(affine(x))", []),
    "a gate to the power of another": (
        "Cell", X + "r = sigmoid(affine(x))\na = sigmoid(affine(x)) ** (8 * r)\n"
        "h.next = a * h + (1 - a**2) ** 0.5 * tanh(affine(x, h))", []),
}  # fmt: skip


@pytest.mark.parametrize("what", SAID)
def test_what_is_said(what, tmp_path):
    base, body, expected = SAID[what]
    said = [f"{finding.code.name}: {finding.message}" for finding in findings(written(tmp_path, HEAD, body, base))]
    assert said == expected


HELP = {
    "the new value of an inherited state": (
        "Base", "h.next = tanh(affine(Base.x))", "declare it again: h = State(…), h.next = …"),
    "the input of the step before": ("Cell", X + "h.next = tanh(affine(x.prev, h))", "xp = State(…), xp.next = x"),
    "a gate that nothing reads": ("Cell", SAID["a gate that nothing reads"][1], "read `r`, or drop it"),
    "a packed product": (
        "Cell", X + "a = affine(x, h)\ni, f, g, o = split(a, k, k, k, k)\nh.next = sigmoid(i + f) * tanh(g + o)",
        "say it: affine(…, size=4*k)"),
    "the gate, not its complement": (
        "Cell", SAID["a gate without its activation, in an interpolation"][1], "bound it: z = sigmoid(…)"),
    "a product with rows, elementwise": (
        "Cell", SAID["a product with rows, elementwise"][1], "`@` is the matrix product: tanh(W @ x + U @ h)"),
}  # fmt: skip


@pytest.mark.parametrize("what", HELP)
def test_what_helps(what, tmp_path):
    base, body, expected = HELP[what]
    finding, *_ = findings(written(tmp_path, HEAD, body, base))
    assert expected in finding.help


def test_what_a_variant_brings_about_is_said_at_the_variant(tmp_path):
    path = written(tmp_path, HEAD, "h = State(k)\nh.next = LSTM.o * tanh(LSTM.g)", "LSTM")
    (finding,) = findings(path)
    assert finding.message == "no output depends on state `c`"
    assert finding.site.place.source == "class Mine(LSTM):"
    assert finding.notes[0].startswith("the inherited `c` stands at ")


def test_a_variant_drops_what_nothing_reads_any_more():
    class Plain(LSTM):
        f = 1.0 * LSTM.i

    assert "W_f" not in Plain.system.symbols
    assert check(Plain).diagnostics == lint(Plain) == ()


def test_a_cell_without_a_name_is_asked_for_politely():
    assert not hasattr(LSTM, "forget")
    with pytest.raises(SpecError, match="`LSTM` has no `forget`"):
        _ = LSTM.forget


def test_a_hundred_faults_are_told_in_no_time(tmp_path):
    body = X + "W = Weight(k, m)\n" + "\n".join(f"a{i} = tanh(W @ concat(x, h))" for i in range(100))
    found = findings(written(tmp_path, HEAD, f"{body}\nh.next = {' + '.join(f'a{i}' for i in range(100))}"))
    assert len(found) == 100  # it took minutes when the edits of each were tried on all


def test_expressions_that_share_their_parts_are_short_in_messages(tmp_path):
    doubled = (
        "from functools import reduce\n\n\ndef doubled(u):\n    return reduce(lambda e, _: e + e, range(40), u)\n\n\n"
    )
    path = written(tmp_path, HEAD + doubled, X + "h.next = tanh(affine(x) + doubled(x))")
    finding, *_ = findings(path)
    assert "…" in str(finding)
    assert len(str(finding)) < 4000
