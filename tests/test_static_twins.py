"""The twins of generated functions, which a static checker of shapes reads, and what is made of its answers."""

import ast
from collections import Counter

import pytest
import torch
from helpers import CELLS
from twins import BACKEND, asked, subject

from lstmspec.emit import drafted, generate
from lstmspec.emit.torch.static import UNSHAPED, WORDS, Kind, Message, Question, outcome
from lstmspec.procedure import Apply, Record
from lstmspec.runtime import torch_words

every_cell = pytest.mark.parametrize("name", CELLS)


# -- the twin of a generated function ----------------------------------------------------------------------------------


def bodies(source):
    """The text of each function's statements, by its name, with what stands between them; docstrings left out."""
    lines, tree = source.splitlines(), ast.parse(source)
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            is_documented = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
            first = node.body[0].end_lineno + 1 if is_documented else node.body[0].lineno
            found[node.name] = lines[first - 1 : node.end_lineno]
    return found


@every_cell
def test_the_lines_of_the_twin_are_those_of_the_generated_module(name):
    files = drafted([CELLS[name].system], [BACKEND])
    generated = bodies(files[f"{subject(name).name}/{BACKEND.name}.py"])
    for one in subject(name).procedures:
        lines = asked(name, one.name).text.splitlines()
        assert [lines[at - 1] for at in asked(name, one.name).lines] == generated[f"_{one.name}"]


@pytest.mark.parametrize("name", ["LSTM", "MLSTM"])
def test_the_lines_of_the_twin_are_those_of_the_file_as_it_is_written(name):
    """Once the file is formatted, lines are broken elsewhere: its statements are the same."""
    written = generate([CELLS[name].system], backends=[BACKEND]).files[f"{subject(name).name}/{BACKEND.name}.py"]
    for one in subject(name).procedures:
        lines = asked(name, one.name).text.splitlines()
        own = [lines[at - 1] for at in asked(name, one.name).lines]
        assert statements(own) == statements(bodies(written)[f"_{one.name}"])


def statements(lines):
    (function,) = ast.parse("\n".join(["def function():", *lines])).body
    return [ast.dump(statement) for statement in function.body]


def test_a_module_that_is_another_one_is_seen():
    files = drafted([CELLS["GRU"].system], [BACKEND])
    generated = bodies(files[f"gru/{BACKEND.name}.py"])["_forward"]
    lines = asked("LSTM", "forward").text.splitlines()
    assert [lines[at - 1] for at in asked("LSTM", "forward").lines] != generated


@every_cell
def test_between_the_lines_stand_questions_and_declarations_alone(name):
    for one in subject(name).procedures:
        own = asked(name, one.name)
        (function,) = (node for node in ast.parse(own.text).body if isinstance(node, ast.FunctionDef))
        for node in ast.walk(function):
            if isinstance(node, ast.stmt) and node is not function and not own.lines.keys() & span(node):
                assert asks(node) or declares(node), ast.unparse(node)


def span(node):
    return set(range(node.lineno, node.end_lineno + 1))


def asks(node):
    call = node.value if isinstance(node, ast.Expr) else None
    is_question = isinstance(call, ast.Call) and ast.unparse(call.func) == "_reveal"
    return is_question or (isinstance(node, ast.AnnAssign) and node.target.id.startswith("_asked"))


def declares(node):
    """Whether a name stays what it is, but for its type."""
    call = node.value if isinstance(node, ast.Assign) else None
    if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "_cast" and len(node.targets) == 1):
        return False
    return node.targets[0].id == call.args[1].id.removeprefix("_")


@every_cell
def test_all_that_a_procedure_makes_stores_carries_and_returns_is_asked_for(name):
    for one in subject(name).procedures:
        codes = Counter(statement.value.code for statement in asked(name, one.name).statements)
        lines = one.assignments
        named = [line for line in lines if line.target.name in codes]
        assert all(line.stores for line in lines if line not in named)  # what nothing else reads has no name of its own
        made = [allocation.buffer.name for allocation in one.allocations]
        made += [carry.target.name for carry in one.loop.carries]
        assert set(made) <= codes.keys()
        stores = [store for line in (*lines, *one.loop.carries) for store in line.stores]
        assert codes.total() >= len(named) + len(stores) + len(one.allocations) + sum(map(results, one.results))


def results(result):
    return len(result.type.fields) if isinstance(result.type, Record) else 1


def test_what_is_declared_is_what_the_procedure_says():
    declared = {one.value.code: one.type for one in asked("LSTM", "forward").statements}
    assert declared["f"] == '_Shaped[torch.Tensor, "[batch, k]"]'
    assert declared["all_f"] == '_Shaped[torch.Tensor, "[time, batch, k]"]'
    assert declared["all_c"] == '_Shaped[torch.Tensor, "[time+1, batch, k]"]'
    backward = {one.value.code: one.type for one in asked("LSTM", "backward").statements}
    assert backward["d_W_x"] == '_Shaped[torch.Tensor, "[4*k, n]"]'


@pytest.mark.parametrize("word", WORDS)
def test_functions_of_the_runtime_have_the_axes_that_their_stubs_say(word):
    sizes = {"time": 7, "batch": 2, "size": 5}
    given, result = WORDS[word]
    shapes = [[(3, 11), (), (7, 2, 5)], [(3, 11), (), (7, 2, 5)]]
    if given != ("*shape",):
        shapes = [[tuple(eval(axis, {}, sizes) for axis in axes)] for axes in (given, result)]
    for own, expected in zip(*shapes, strict=True):
        assert getattr(torch_words, word)(torch.ones(own)).shape == expected


def test_every_function_of_the_runtime_that_passes_call_has_a_stub():
    assert set(BACKEND.spelling.helpers.values()) == {*WORDS, *UNSHAPED}


# -- what is made of answers -------------------------------------------------------------------------------------------


def answered(one, changes=(), errors=(), silent=()):
    """What comes out of a twin where Pyrefly says that everything is as declared, but for some codes and lines.

    `changes`: code → its type, `errors`: line of the twin → what is refused there, `silent`: kinds of questions.
    """
    changes, messages = dict(changes), []
    for line, question in one.questions.items():
        if question.kind is Kind.FITS or question.kind in silent:
            continue
        text = question.type
        if question.kind is Kind.TYPE:
            statement = one.statements[question.statement]
            text = changes.get(statement.value.code, statement.type)
        if question.kind is Kind.PIECE:
            text = changes.get(one.statements[question.statement].value.pieces[question.place][0], text)
        messages.append(Message(line, "reveal-type", f"revealed type: {text}"))
    return outcome(one, [*messages, *(Message(line, "bad", text) for line, text in dict(errors).items())])


def line_of(one, kind, code):
    """Where the twin asks such a question about an array."""
    at = next(at for at, statement in enumerate(one.statements) if statement.value.code == code)
    return next(line for line, question in one.questions.items() if question == Question(kind, at))


def test_shapes_that_agree_are_counted():
    found = answered(asked("LSTM", "forward"))
    assert found.checked == found.statements == len(asked("LSTM", "forward").statements) > 30
    assert (found.unsaid, found.findings) == ((), ())


def test_an_array_of_the_kind_that_new_ones_are_of_has_the_declared_shape_too():
    one = asked("LSTM", "forward")
    lines = [at for at, question in one.questions.items() if question == Question(Kind.DECLARED, 0, FORGET, 1)]
    told = [Message(at, "reveal-type", "revealed type: Like") for at in lines]
    told += [Message(line_of(one, Kind.TYPE, "f"), "reveal-type", "revealed type: Like")]
    assert outcome(one, told).checked == 1


FORGET = '_Shaped[torch.Tensor, "[batch, k]"]'


@pytest.mark.parametrize("type_", ["Tensor", "Unknown", "Any", f"{FORGET} | Tensor", "Tensor[[int, k]]", ""])
def test_a_lost_shape_is_neither_checked_nor_a_finding(type_):
    found = answered(asked("LSTM", "forward"), {"f": type_})
    assert [(remark.procedure, remark.array) for remark in found.unsaid] == [("forward", "f")]
    assert found.checked == found.statements - 1
    assert found.findings == ()


@pytest.mark.parametrize("code", ["f", "all_f[at]", "h", "all_f", "all_h[1:].clone()"])
def test_a_type_that_cannot_be_the_declared_one_is_a_finding(code):
    one = asked("LSTM", "forward")
    found = answered(one, errors={line_of(one, Kind.FITS, code): "`Tensor[[7]]` is not assignable\n  expected k"})
    (finding,) = found.findings
    assert (finding.array, finding.text) == (code, "`Tensor[[7]]` is not assignable; expected k")
    assert code in finding.code
    assert found.checked == found.statements - 1


@pytest.mark.parametrize("silent", [[Kind.TYPE], [Kind.DECLARED], [Kind.TYPE, Kind.DECLARED]])
def test_no_answer_is_not_agreement(silent):
    found = answered(asked("LSTM", "forward"), silent=silent)
    assert found.checked == 0
    assert len(found.unsaid) == found.statements


def test_what_pyrefly_refuses_is_a_finding_on_the_line_of_the_function():
    one = asked("LSTM", "forward")
    line = next(at for at, line in one.lines.items() if line.code.startswith("all_f[at] = f"))
    (finding,) = answered(one, errors={line: "`@` is not supported"}).findings
    assert finding.code == one.text.splitlines()[line - 1].strip()
    assert finding.text == "`@` is not supported [bad]"


def test_what_is_refused_in_a_signature_is_a_finding():
    one = asked("LSTM", "forward")
    (finding,) = answered(one, errors={min(one.lines) - 40: "no such thing"}).findings
    assert (finding.procedure, finding.code) == ("forward", "")


def test_what_a_question_repeats_is_said_once():
    one = asked("LSTM", "forward")
    assert answered(one, errors={line_of(one, Kind.TYPE, "f"): "`@` is not supported"}).findings == ()


def lost(name, wanted, code, piece):
    """What is said of a statement in which the shape of a piece, and of what is computed from it, is lost."""
    plain = asked(name, wanted)
    at = next(at for at, statement in enumerate(plain.statements) if statement.value.code == code)
    pieces = [text for text, _ in plain.statements[at].value.pieces]
    after = pieces[pieces.index(piece) :]
    return answered(asked(name, wanted, (at,)), {code: "Tensor", **dict.fromkeys(after, "Tensor")})


def test_a_lost_shape_is_explained_by_the_first_piece_that_has_none():
    (remark,) = lost("LSTM", "forward", "f", "a[..., :k]").unsaid
    assert remark.text == "the shape of `a[..., :k]` is lost: Tensor"


def test_a_concatenation_that_loses_its_shape_is_a_finding():
    """Pyrefly says nothing where it cannot tell whether sizes agree, which with known operands they have to."""
    (piece,) = (
        text for text, expr in pieces("GRU", "backward") if isinstance(expr, Apply) and expr.op == "concat"
    )  # fmt: skip
    found = lost("GRU", "backward", "d_a", piece)
    assert [remark.text for remark in found.findings] == [f"the shape of `{piece}` is lost: Tensor"]
    assert found.unsaid == ()


def pieces(name, wanted):
    return [piece for one in asked(name, wanted).statements if one.value.code == "d_a" for piece in one.value.pieces]
