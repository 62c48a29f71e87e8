"""The checker against mutants of the built-in cells: what does not evaluate is found, where it is; nothing else is."""

import dataclasses
import itertools
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from lstmspec import mutation, terminal, zoo
from lstmspec.checker import check
from lstmspec.diagnostics import Code
from lstmspec.language import Equation, System
from lstmspec.loading import load
from lstmspec.mutation import (
    Shaped,
    _evaluation,
    _integers,
    _judge,
    _needs,
    _rules,
    _trial,
    command,
    judge,
    tried,
    unsound,
)
from lstmspec.nodes import subnodes
from lstmspec.ops import TABLE

ROOT = Path(__file__).resolve().parent.parent
USERS = ROOT / "tests" / "users" / "cells.py"
MUTANTS = 2000
HEAD = """
from lstmspec import Bias, Cell, Constant, Input, State, Weight, affine, concat, dims, dot, linear, ones, outer
from lstmspec import sigmoid, split, sum, tanh, zeros
n, k = dims("n k")
class Mine(Cell):
""".lstrip()


@pytest.fixture(scope="module")
def systems():
    return mutation.originals(cell.system for cell in zoo.cells().values())


@pytest.fixture(scope="module")
def catalogue(systems):
    """Every mutation of every system: 160000, so they are made once for all tests."""
    return mutation.catalogue(systems)


@pytest.fixture(scope="module")
def sample(catalogue):
    """So many mutants."""
    return lambda limit: mutation.sample(catalogue, limit)


@pytest.fixture(scope="module")
def report(sample):
    return tried(sample(MUTANTS))


@pytest.fixture
def declare(tmp_path):
    """The cell `Mine` with a body of lines."""

    def declare(body):
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        (tmp_path / "mine.py").write_text(HEAD + lines, encoding="utf-8")
        (cell,) = load([f"{tmp_path / 'mine.py'}:Mine"])
        return cell

    return declare


# -- the bounds --------------------------------------------------------------------------------------------------------


def test_every_ill_shaped_mutant_is_caught_and_no_other_has_an_error(report, capsys):
    with capsys.disabled():
        print(f"\n{report.summary}")
    total = report.total
    assert total.mutants == MUTANTS >= 2000
    assert min(total.ill, total.well) >= MUTANTS // 4  # neither half of the claim is empty
    assert min(total.open, total.broken) >= 20
    wrong = [f"{miss.fault}: {miss.mutant}" for miss in report.misses if miss.fault != "blames another equation"]
    assert not wrong, "\n".join(wrong[:10])


def test_the_first_finding_is_on_the_mutated_equation(report):
    assert report.total.blamed >= 0.95 * report.total.ill, "\n".join(miss.mutant for miss in report.misses[:10])


def test_the_originals_are_well_shaped_and_have_no_error(systems):
    assert len(systems) >= 2 * len(zoo.cells())  # each as it is written, and with every shape declared
    assert unsound(systems) == []


# -- the population ----------------------------------------------------------------------------------------------------


def test_mutants_are_distinct_and_none_is_the_original(sample):
    mutants = list(sample(MUTANTS))
    keys = {(m.original.name, m.mutation.key) for m in mutants}
    assert len(keys) == len(mutants) == MUTANTS
    assert all(m.system != m.original for m in mutants)


def test_a_small_sample_has_mutants_of_every_cell(sample, systems):
    assert {mutant.original.name for mutant in sample(10 * len(systems))} == {system.name for system in systems}


def test_every_kind_makes_mutants(sample):
    cells = [cell.system for cell in load([str(USERS)]) if cell.__name__ in ("ConcatWithWeight", "SplitState")]
    few = 10 * len(mutation.KINDS)  # each kind has its turn, so no more is needed
    kinds = {mutant.mutation.kind for mutant in (*sample(few), *mutation.population(cells, few))}
    assert kinds == set(mutation.KINDS)


def test_the_sample_is_the_same_whatever_the_hash_seed():
    source = (
        "import hashlib\n"
        "from lstmspec import zoo\n"
        "from lstmspec.mutation import originals, population\n"
        "cells = [*zoo.cells().values()][::8]\n"  # some: what could depend on the seed does so in each
        "mutants = population(originals(c.system for c in cells), 300)\n"
        "print(hashlib.sha256('\\n'.join(map(str, mutants)).encode()).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-W", "error", "-c", source], cwd=ROOT, text=True, capture_output=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1


# -- faults planted in the checker -------------------------------------------------------------------------------------


def changed(change):
    """A checker whose findings are changed."""
    return lambda system: SimpleNamespace(diagnostics=tuple(change(system, check(system).diagnostics)))


def blaming_the_first(system: System, findings):
    return [dataclasses.replace(finding, equation=next(iter(system.equations))) for finding in findings]


def refusing_all(system: System, findings):
    return findings or check(ILL).diagnostics


CHANGES = {
    "says nothing": (lambda system, findings: (), "ill-shaped mutants caught: 0 of"),
    "blames the first equation": (blaming_the_first, "first finding on the mutated equation"),
    "refuses all": (refusing_all, "well-shaped mutants with an error"),
    "misses what is undetermined": (
        lambda system, findings: [finding for finding in findings if finding.code is not Code.LS105],
        "undetermined mutants said to be so: 0 of",
    ),
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def ill():
    """Makes ILL: a system with a finding."""
    system = zoo.cells()["LSTM"].system
    symbols = {**system.symbols, "h": dataclasses.replace(system.symbols["h"], shape=system.symbols["x"].shape)}
    globals()["ILL"] = dataclasses.replace(system, symbols=symbols)


@pytest.mark.parametrize("fault", CHANGES)
def test_a_checker_that_does_this_is_found_out(fault, sample):
    change, said = CHANGES[fault]
    wrong = tried(sample(120), changed(change))
    assert any(sentence.startswith(said) for sentence in wrong.faults), wrong.faults


def test_a_checker_that_refuses_all_refuses_the_originals(systems):
    assert len(unsound(systems, changed(refusing_all))) == len(systems)


LENIENT = {
    "matmul": lambda solver, node, shapes: (solver.matrix(shapes[0], "")[0], *solver.ranked(shapes[1])[1:]),
    "mul": lambda solver, node, shapes: shapes[0],
    "add": lambda solver, node, shapes: shapes[1],
    "dot": lambda solver, node, shapes: (),
    "outer": lambda solver, node, shapes: shapes[0],
    "slice": lambda solver, node, shapes: (node.attrs[2] - node.attrs[1],),
}


def operations(changes):
    exprs = [change.expr for change in changes.values() if isinstance(change, Equation)]
    return {node.op for expr in exprs for node in subnodes(expr)}


@pytest.mark.parametrize("op", LENIENT)
def test_a_rule_that_compares_nothing_is_found_out(op, systems, monkeypatch):
    monkeypatch.setitem(TABLE, op, dataclasses.replace(TABLE[op], shape=LENIENT[op]))
    explicit = next(system for system in systems if system.name == "LSTM (explicit)")
    every = mutation.population([explicit], None)
    mutants = itertools.islice((m for m in every if op in operations(m.mutation.changes)), 150)
    wrong = tried(mutants)
    assert wrong.total.caught < wrong.total.ill
    assert any(miss.fault == "not caught" for miss in wrong.misses)


def test_a_class_body_that_asks_for_no_next_value_is_found_out(systems, monkeypatch):
    mutants = [
        mutation.applied(system, change)
        for system in systems[:2]
        for change in mutation.mutations_of(system)
        if change.kind == "remove a state's next"
    ]
    some = mutation.Counts(broken=len(mutants), refused=len(mutants))
    assert tried(mutants).total == some != mutation.Counts()
    monkeypatch.setattr(_trial, "as_class", lambda system: SimpleNamespace(system=system))
    wrong = tried(mutants, lambda system: SimpleNamespace(diagnostics=()))
    assert wrong.faults[0].startswith("mutants without a next value or an order refused: 0 of")


def test_a_checker_that_raises_is_found_out(sample):
    wrong = tried(sample(3), lambda system: 1 / 0)
    assert wrong.faults[0] == "mutants on which the checker raises: 3"
    assert [miss.fault for miss in wrong.misses] == ["the checker raises ZeroDivisionError: division by zero"] * 3


# -- the oracle itself -------------------------------------------------------------------------------------------------

VERDICTS = {
    "x, h = Input(n), State(k)\nh.next = h + x": "ill-shaped",
    "x, h = Input(n), State(k)\nh.next = h + ones(1)": "ill-shaped",  # NumPy spreads it
    "x, h = Input(n), State(k)\nh.next = h * outer(h, h)": "ill-shaped",  # likewise
    "x, h = Input(n), State(k)\nh.next = h.T": "ill-shaped",  # NumPy lets it pass
    "x, h = Input(2 * n), State(n)\nh.next = h + x[n : 3 * n]": "ill-shaped",  # NumPy cuts it short
    "x, h = Input(2 * n), State(n)\nh.next = h + x[n : 2 * n]": "well-shaped",
    "x, h = Input(2 * n), State(n)\nh.next = h + sum(x[1:n])": "ill-shaped",  # empty for n = 1
    "x, h = Input(n), State(k)\nh.next = h + sum(x[:k])": "ill-shaped",  # for k > n
    "x, h = Input(n), State(())\nh.next = dot(x, x) + h": "well-shaped",
    "x, h = Input(n), State(())\nh.next = x + h": "ill-shaped",
    "x, h = Input(n), State(k)\nh.next = tanh(affine(x, h))": "well-shaped",
    "x, h = Input(n), State(k)\na = affine(x)\nh.next = concat(a, a)": "ill-shaped",  # for odd k
    "x, h = Input(n), State(2 * k)\na = affine(x)\nh.next = concat(a, a)": "well-shaped",
    "x, h = Input(n), State(k)\na = affine(x)\nh.next = concat(a, x)": "ill-shaped",  # for k <= n
    "x, h = Input(n), State(n + k)\na = affine(x)\nh.next = concat(a, x)": "well-shaped",
    "x, h = Input(n), State(n + k)\na, b = affine(x), affine(x)\nh.next = concat(a, b)": "undetermined",
    "x, h = Input(n), State(2)\na, b = affine(x), affine(x)\nh.next = concat(a, b)": "well-shaped",  # 1 and 1
    "x, h = Input(n), State(k)\na = affine(x)\nh.next = h * dot(a, a)": "undetermined",
    "x, h = Input(n), State(k)\nw = Weight()\nh.next = h * w": "well-shaped",
    "x, h = Input(n), State(k)\nw = Weight()\nh.next = w @ x": "well-shaped",
    "x, h = Input(n), State(k)\nw = Weight()\nh.next = h * sum(w)": "undetermined",
    "x, h = Input(n), State(())\nw = Weight()\nh.next = h * w": "ill-shaped",  # a scalar is declared
}


@pytest.mark.parametrize("body", VERDICTS)
def test_evaluation_decides(body, declare):
    assert judge(declare(body).system).verdict.value == VERDICTS[body]


def test_broken_systems_are_told_by_their_structure(declare):
    system = declare("x, h, c = Input(n), State(k), State(k)\nh.next = h * c\nc.next = h.next * c").system
    assert _judge.structure(system) == ""
    equations = dict(system.equations)
    equations["h.next"] = dataclasses.replace(equations["h.next"], expr=equations["c.next"].expr)
    assert _judge.structure(dataclasses.replace(system, equations=equations)) == "equations need one another"
    del equations["c.next"]
    assert "no next value" in _judge.structure(dataclasses.replace(system, equations=equations))
    symbols = {name: symbol for name, symbol in system.symbols.items() if name != "c"}
    assert "there is not" in _judge.structure(dataclasses.replace(system, symbols=symbols))


def test_every_operation_that_users_can_write_has_a_strict_rule():
    assert set(_rules.RULES) - {"number"} | _rules.INTERNAL == set(TABLE)


def test_the_shapes_by_evaluation_are_those_of_the_checkers_table():
    cells = [*zoo.cells().values(), *load([str(USERS)])]
    for cell in cells:
        judgement, table = judge(cell.system), cell.shapes.require().of
        assert judgement.verdict is Shaped.WELL, (cell, judgement.why)
        for sizes, shapes in judgement.shapes:
            assert shapes == {name: tuple(size.at(sizes) for size in table[name]) for name in shapes}
    assert len(cells) >= 70


def test_size_sets_are_distinct_primes_first_then_corners():
    sets = list(_judge.size_sets(["n", "k", "m"]))
    assert all(len(set(sizes.values())) == 3 for sizes in sets[:3])
    assert {1, 2, 41} <= {size for sizes in sets[3:] for size in sizes.values()}
    # Every pair of symbols in either order, so that no bound holds by the choice of sizes alone.
    for left, right in (("n", "k"), ("k", "m"), ("n", "m")):
        assert {sizes[left] < sizes[right] for sizes in sets} == {True, False}


def test_a_cell_may_have_any_number_of_dimensions():
    names = [f"d{at}" for at in range(11)]
    for sizes in itertools.islice(_judge.size_sets(names), 3):
        assert list(sizes) == names and len(set(sizes.values())) == 11
        assert all(size > 1 and all(size % divisor for divisor in range(2, size)) for size in sizes.values())


def test_integer_solutions_are_those_of_trying_all():
    rng, seen, names, most = random.Random(0), set(), ["a", "b", "c"], 16
    points = [dict(zip(names, point, strict=True)) for point in itertools.product(range(1, most + 1), repeat=3)]

    def form(constant):
        factors = {name: rng.randint(-2, 2) for name in names}
        return _needs.Form(rng.randint(-constant, constant), factors)

    for _ in range(300):
        needs = _needs.Gathered()
        zeros, bounds = ([form(6 - 3 * i) for _ in range(rng.randint(0, 3 - 2 * i))] for i in range(2))
        fits = [p for p in points if all(z.at(p) == 0 for z in zeros) and all(b.at(p) >= 0 for b in bounds)]
        try:
            for zero in zeros:
                needs.equal(zero, 0)
            for bound in bounds:
                needs.at_most(0, bound)
            found = list(_integers.solutions(names, needs))
        except _needs.Refused:
            found = []
        assert len({tuple(p.values()) for p in found}) == len(found)
        assert all(p in fits for p in found if max(p.values()) <= most)
        assert min(2, len(fits)) <= len(found) <= 2
        assert all(z.at(p) == 0 for z in zeros for p in found)
        seen.add(len(found))
    assert seen == {0, 1, 2}


def test_too_many_points_are_no_answer(monkeypatch):
    monkeypatch.setattr(_integers, "TRIES", 50)
    needs = _needs.Gathered()
    needs.equal(_needs.Form(-99, {"a": 2, "b": 4, "c": 6}), 0)  # even is not odd
    with pytest.raises(_integers.Undecided):
        list(_integers.solutions(["a", "b", "c"], needs))


def test_a_wrong_strict_rule_is_found_by_numpy(monkeypatch):
    rules = {**_rules.RULES, "transpose": lambda needs, attrs, matrix: matrix}
    monkeypatch.setattr(_rules, "RULES", rules)
    with pytest.raises(_evaluation.Different, match="the rule says"):
        _evaluation.evaluated.__wrapped__("transpose", (), ((3, 5),))
    rules["matmul"] = lambda needs, attrs, left, right: left
    with pytest.raises(_evaluation.Different, match="NumPy refuses"):
        _evaluation.evaluated.__wrapped__("matmul", (), ((3, 5), (3, 5)))


# -- the script --------------------------------------------------------------------------------------------------------


def invoked(*arguments):
    return CliRunner().invoke(command.main, [str(argument) for argument in arguments])


def test_help_teaches():
    done = invoked("--help")
    assert done.exit_code == 0
    for piece in ("--limit", "--misses", "python scripts/mutate.py --limit 0", "Exit 1", "ill-shaped"):
        assert piece in done.stdout


@pytest.fixture
def mine(declare, tmp_path):
    declare(
        "x, h = Input(n), State(k)\nW, U, b = Weight(k, n), Weight(k, k), Bias(k)\nh.next = tanh(W @ x + U @ h + b)"
    )
    return tmp_path / "mine.py"


def test_a_run_prints_the_numbers_and_writes_them(mine, tmp_path):
    done = invoked(mine, "--limit", 250, "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    assert "250 mutants: " in done.stdout
    numbers = json.loads((tmp_path / "out.json").read_text())
    assert sum(row["ill"] + row["well"] + row["open"] + row["broken"] for row in numbers.values()) == 250
    assert all(row["caught"] == row["ill"] for row in numbers.values())


def test_a_missed_bound_exits_1_and_prints_the_misses(mine, monkeypatch):
    monkeypatch.setitem(TABLE, "matmul", dataclasses.replace(TABLE["matmul"], shape=LENIENT["matmul"]))
    done = invoked(mine, "--limit", 250, "--misses", 2)
    assert done.exit_code == 1
    assert done.stdout.count("not caught: Mine, ") == 2
    assert " more misses; see --misses" in done.stdout
    assert "error: ill-shaped mutants caught: " in done.stderr


def test_a_spec_that_is_none_exits_2():
    done = invoked("nothing")
    assert done.exit_code == 2
    assert "LS213" in done.stderr


def test_numbers_that_cannot_be_written_are_refused_before_the_run(mine, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "population", None)  # no mutant is made
    done = invoked(mine, "--json", tmp_path / "nowhere" / "out.json")
    assert done.exit_code == 2
    assert "--json" in done.stderr and f"there is no folder {tmp_path / 'nowhere'}" in done.stderr


def test_numbers_replace_a_file_whole_and_leave_what_is_none(tmp_path):
    old, link = tmp_path / "out.json", tmp_path / "link"
    old.write_text("old")
    link.symlink_to(old)
    with pytest.raises(TypeError):
        terminal.write_json(old, {"x": object()})
    assert old.read_text() == "old" and sorted(tmp_path.iterdir()) == [link, old]
    terminal.write_json(link, [3])
    assert json.loads(old.read_text()) == [3] and link.is_symlink()
    terminal.write_json(old, [5])
    assert json.loads(old.read_text()) == [5] and sorted(tmp_path.iterdir()) == [link, old]
