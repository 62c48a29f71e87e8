"""What is offered mends: the exact help, the file with the edits made, and no offer where nothing would do."""

import contextlib

import pytest
from examples import applied, cells_of, findings, written
from mending import BASE, CYCLES, DECLARATIONS, EXPRESSIONS, HEAD, KINDS, LAYER, SAME, X

from lstmspec import check
from lstmspec.checker import _mend
from lstmspec.checker._rewrites import rewrites
from lstmspec.nodes import Node, ref

MENDS = EXPRESSIONS | DECLARATIONS | KINDS | CYCLES


def errors(path):
    return [finding for finding in findings(path) if not finding.code.is_lint]


def offered(path):
    """The help of a file's one error, and its edits as text before and after."""
    (finding,) = errors(path)
    with contextlib.chdir(path.parent):
        return finding.help, [(edit.site.place.text, edit.text) for edit in finding.mend]


def mend(path):
    """Make the edits that the one error of a file offers. Raises AssertionError when an error is left."""
    (finding,) = errors(path)
    assert finding.mend
    path.write_text(applied(path, finding.mend), encoding="utf-8")
    assert [str(left) for left in errors(path)] == []


# -- what is offered, and that it mends --------------------------------------------------------------------------------


@pytest.mark.parametrize("mistake", MENDS)
def test_a_mistake_has_its_help_and_edits_that_mend_it(mistake, tmp_path):
    body, help_, edits = MENDS[mistake]
    path = written(tmp_path, HEAD, body)
    assert offered(path) == (help_, edits)
    mend(path)


@pytest.mark.parametrize("mistake", EXPRESSIONS | DECLARATIONS)
def test_the_text_with_the_edits_is_the_cell_that_was_checked(mistake, tmp_path, monkeypatch):
    tried, real = [], _mend._edits
    monkeypatch.setattr(_mend, "_edits", lambda *of: (tried.append(edit.system) or edit for edit in real(*of)))
    path = written(tmp_path, HEAD, MENDS[mistake][0])
    (finding,) = errors(path)
    accepted = tried[-1]
    path.write_text(applied(path, finding.mend), encoding="utf-8")
    (cell,) = (cell for cell in cells_of(path) if cell.__name__ == "Mine")
    assert (cell.system.equations, cell.system.symbols) == (accepted.equations, accepted.symbols)


def kind(node, says, new):
    """Which row of the rewrites an edit comes from: its words, or what it does to a joined vector, and the side."""
    says = says.replace("without .T", "transposed") if node.op != "transpose" else says  # one row, by what stands there
    words = says.partition(":")[0] if ":" in says else "joined" if says != "{}" else "joined without a size"
    if words.startswith("joined "):
        return node.op, words
    if words == "joined":
        old, now = (arg.args if arg.op == "concat" else (arg,) for arg in (node.args[1], new.args[1]))
        how = {1: "more, before" if now[-1] == old[-1] else "more, after", 0: "another", -1: "less"}
        return node.op, how[len(now) - len(old)]
    return (node.op, words, tuple(old == arg for old, arg in zip(node.args, new.args, strict=False)))


def every_row():
    """The kinds of all rewrites, from one expression of each operation."""
    a, b, c = ref("a"), ref("b"), ref("c")
    nodes = [Node(op, (a, b)) for op in ("mul", "add", "sub", "div", "outer", "dot")]
    nodes += [Node("matmul", (a, Node("concat", (b, c)))), Node("transpose", (a,))]
    rows = [(node, row) for node in nodes for size in ("", "n+k") for row in rewrites(node, ["h"], ["x"], size)]
    return {kind(node, *row) for node, row in rows}


def rows_offered(mistakes, folder, monkeypatch):
    """The kinds of the rewrites that these mistakes are offered: of each the last one that was tried."""
    tried = []

    def recorded(node, *rest):
        for row in rewrites(node, *rest):
            tried.append((node, *row))
            yield row

    monkeypatch.setattr(_mend, "rewrites", recorded)
    seen = set()
    for body, _, _ in mistakes:
        assert check(cells_of(written(folder, HEAD, body))[0]).diagnostics[0].help
        seen.add(kind(*tried[-1]))
    return seen


def test_every_row_of_the_rewrites_is_offered_for_some_mistake(tmp_path, monkeypatch):
    assert rows_offered(EXPRESSIONS.values(), tmp_path, monkeypatch) == every_row()


def test_a_row_that_no_mistake_is_offered_is_seen(tmp_path, monkeypatch):
    rest = [row for mistake, row in EXPRESSIONS.items() if mistake != "dot for *"]
    missing = {("dot", "`*` is the elementwise product", (True, True))}
    assert every_row() - rows_offered(rest, tmp_path, monkeypatch) == missing


# -- help without edits: the text would need what the file does not have -----------------------------------------------

BY_HAND = {
    "a dense layer's parameters": (
        HEAD, "Cell", X + "mask = Input(k)\nh.next = where(mask, h, tanh(affine(x, h)))",
        "turn it into the other: where(0.5 < mask, h, tanh(W_h @ concat(x, h) + b_h))",
        X + "mask = Input(k)\nh.next = where(0.5 < mask, h, tanh(affine(x, h)))"),
    "a declaration with an option": (
        HEAD, "Cell", X + "b = Bias(n, init=1.0)\nh.next = tanh(linear(x, h) + b)",
        "declare it so: b = Bias(k)",
        X + "b = Bias(k, init=1.0)\nh.next = tanh(linear(x, h) + b)"),
    "a size that equations have too": (
        HEAD, "Cell", X + "h.next = tanh(affine(x, h)) * ones(n)", f"{SAME} (k = n){LAYER}",
        "x, h = Input(k), State(k)\nh.next = tanh(affine(x, h)) * ones(k)"),
    "a variant, which reads its base's names": (
        BASE, "Base", "f = sigmoid(Base.W @ Base.x)", "concat(x, h) has n+k",
        "f = sigmoid(Base.W @ concat(Base.x, Base.h))"),
    "a state of the prediction's size": (
        HEAD, "Cell",
        "x, h, c = Input(n), State(1), State(k)\no = sigmoid(affine(x, h))\nc.next = o * c\nh.next = o * tanh(c.next)",
        "a state of its own size and a readout: h = State(k), y = Output(affine(h.next, size=1))",
        "x, h, c = Input(n), State(k), State(k)\no = sigmoid(affine(x, h))\nc.next = o * c\nh.next = o * tanh(c.next)\n"
        "y = Output(affine(h.next, size=1))"),
}  # fmt: skip


@pytest.mark.parametrize("what", BY_HAND)
def test_help_that_has_no_edits_is_right(what, tmp_path):
    head, base, body, help_, mended = BY_HAND[what]
    assert offered(written(tmp_path, head, body, base)) == (help_, [])
    assert errors(written(tmp_path, head, mended, base)) == []


# -- no help -----------------------------------------------------------------------------------------------------------

HELPLESS = {
    "nothing makes a sum of a part": X + "h.next = concat(x, h)",
    "a matrix as a vector's new value": X + "h.next = outer(h, x)",
    "the edit would leave a fault beside it": X + "W = Weight(k, n + k)\nh.next = (W @ x) * (h + x)",
    "numbers for symbols would spoil the cell": X + "p = Weight(m)\nh.next = tanh(affine(x, h)) * dot(p, ones(3))",
    "a size of 1 that should spread": X + "s = sigmoid(affine(x, h, size=1))\nh.next = s * h",
    "a condition beside another one": X + "h.next = where((h < 0) + (1 < h), h, -h)",
}


@pytest.mark.parametrize("what", HELPLESS)
def test_what_no_edit_mends_has_no_help(what, tmp_path):
    assert offered(written(tmp_path, HEAD, HELPLESS[what])) == ("", [])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("g = Base.f * tanh(Base.h)\nf = sigmoid(affine(Base.x) * g)", "write one of them without the other"),
        ("f = 1 - Base.f", "a variant that extends an equation writes the old one out under another name"),
    ],
)
def test_a_circle_that_no_old_value_breaks_has_words_and_no_edit(line, words, tmp_path):
    assert offered(written(tmp_path, BASE, line, "Base")) == (words, [])


def test_two_mistakes_have_edits_that_together_mend_both(tmp_path):
    path = written(tmp_path, HEAD, X + "W = Weight(k, n + k)\na = W @ x\nb = W @ h\nh.next = a * b")
    both = errors(path)
    assert [finding.help for finding in both] == ["concat(x, h) has n+k"] * 2
    path.write_text(applied(path, [edit for finding in both for edit in finding.mend]), encoding="utf-8")
    assert errors(path) == []


# -- a wrong mend is seen ----------------------------------------------------------------------------------------------


def test_an_edit_that_is_offered_unchecked_is_seen(tmp_path, monkeypatch):
    class EverythingFits(_mend.Inference):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.faults, self.loose_ends = [], list

    path = written(tmp_path, HEAD, EXPRESSIONS["a needless .T on the left"][0])
    mend(path)
    path = written(tmp_path, HEAD, EXPRESSIONS["a needless .T on the left"][0])
    monkeypatch.setattr(_mend, "Inference", EverythingFits)
    assert offered(path)[0] == "the matrix comes first: x @ W.T"
    with pytest.raises(AssertionError):
        mend(path)


# -- the edits are faithful --------------------------------------------------------------------------------------------

# What the file should be with the edits made. An offer without edits would do as well.
FAITHFUL = {
    "a product in the place of a call needs parentheses": (
        HEAD, "Cell", X + "U, p = Weight(k, k), Weight(k)\nh.next = tanh(affine(x) + U @ dot(p, h))",
        X + "U, p = Weight(k, k), Weight(k)\nh.next = tanh(affine(x) + U @ (p * h))"),
    "a user's own function is written by its name": (
        HEAD, "Cell", X + "W = Weight(k, n + k)\nh.next = tanh(W @ swish(x))",
        X + "W = Weight(k, n + k)\nh.next = tanh(W @ concat(swish(x), h))"),
    "an old value stays one on purpose": (
        HEAD, "Cell",
        "x, h, c = Input(n), State(k), State(k)\nW = Weight(k, n + k)\nc.next = tanh(affine(x, c))\n"
        "h.next = tanh(c.next) * sigmoid(W @ c.prev)",
        "x, h, c = Input(n), State(k), State(k)\nW = Weight(k, n + k)\nc.next = tanh(affine(x, c))\n"
        "h.next = tanh(c.next) * sigmoid(W @ concat(x, c.prev))"),
    "an allowance stays": (
        HEAD, "Cell", X + 'W = Weight(k, n + k)\nh.next = tanh(W @ allow(log(x), LS307="counts"))',
        X + 'W = Weight(k, n + k)\nh.next = tanh(W @ concat(allow(log(x), LS307="counts"), h))'),
    "an expression that stands twice": (
        HEAD, "Cell", X + "W = Weight(k, n + k)\nh.next = tanh(W @ x) * sigmoid(W @ x)",
        X + "W = Weight(k, n + k)\nh.next = tanh(W @ concat(x, h)) * sigmoid(W @ concat(x, h))"),
    "declarations that one line makes": (
        HEAD, "Cell", X + "p, q = (Weight(n) for _ in range(2))\nh.next = affine(x, h) + p * h + dot(q, x)", None),
    "a new value that is read twice in a circle": (
        HEAD, "Cell",
        "x, h = Input(n), State(k)\nf = sigmoid(affine(x) + h.next) * tanh(h.next)\nh.next = f * h",
        "x, h = Input(n), State(k)\nf = sigmoid(affine(x) + h) * tanh(h)\nh.next = f * h"),
    "a variant's circle": (
        BASE, "Base", "f = sigmoid(Base.W @ concat(Base.x, Base.c.next))",
        "f = sigmoid(Base.W @ concat(Base.x, Base.c))"),
    "a base's declarations are not the variant's to edit": (
        BASE, "Base", "f = sigmoid(affine(Base.x, Base.h) + Base.x)", None),
}  # fmt: skip


@pytest.mark.parametrize("what", FAITHFUL)
def test_edits_are_those_of_the_cell_that_was_checked(what, tmp_path):
    head, base, body, mended = FAITHFUL[what]
    path = written(tmp_path, head, body, base)
    (finding,) = errors(path)
    now = applied(path, finding.mend)
    before = path.read_text(encoding="utf-8")
    wanted = written(tmp_path, head, mended or body, base).read_text(encoding="utf-8")
    assert now in (before, wanted)
