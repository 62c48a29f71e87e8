"""The checker on random cells: its verdict is that of strict evaluation, and so is the shape of every name.

300 cells, the same in each run; with LSTMSPEC_NIGHTLY=1 in the environment 5,000, others each time.
"""

import dataclasses
import os
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from random_cells import shown, systems

from lstmspec import Bias, Cell, State, Weight, concat, dims, oracle, repeat
from lstmspec.checker import check
from lstmspec.diagnostics import Code
from lstmspec.language import Role
from lstmspec.mutation import RULES, is_told_by_positivity, judge
from lstmspec.nodes import subnodes
from lstmspec.ops import TABLE

(k,) = dims("k")
NIGHTLY = os.environ.get("LSTMSPEC_NIGHTLY") == "1"
CELLS = 5000 if NIGHTLY else 300
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
FIRST = {"phases": [Phase.generate], "derandomize": True}  # the first fault is enough; it need not be the least one


def said(system, checker):
    """The checker's verdict in the words of the oracle, and its shapes."""
    shapes = checker(system)
    errors = [finding for finding in shapes.diagnostics if not finding.code.name.startswith("LS3")]
    if not errors:
        return "well-shaped", shapes
    return "undetermined" if all(error.code is Code.LS105 for error in errors) else "ill-shaped", shapes


def agrees(decided, told, system, judgement):
    """Whether two verdicts are one.

    "Undetermined" may be all that can be said of a fault that sizes left out hide, and of sizes that only the fact
    that none is zero tells apart: the checker does not count.
    """
    if told == "undetermined" and decided == "well-shaped":
        return all(is_told_by_positivity(system, sizes) for sizes, _ in judgement.shapes)
    return decided == told or (decided == "ill-shaped" and told == "undetermined")


def compared(system, judgement, checker):
    """The verdict; raises AssertionError where the checker has another one, or another shape of a name."""
    told, shapes = said(system, checker)
    decided, text = judgement.verdict.value, f"\n{shown(system)}\n{[*map(str, shapes.diagnostics)]}"
    assert agrees(decided, told, system, judgement), f"evaluation: {decided}, {judgement.why}; checker: {told}{text}"
    declared = all(symbol.shape is not None and None not in symbol.shape for symbol in system.symbols.values())
    assert not (declared and told == "undetermined"), f"every size is declared, and the checker asks for more{text}"
    for sizes, found in judgement.shapes if told == decided else ():
        table = {name: tuple(size.at(sizes) for size in shapes.of[name]) for name in found}
        assert table == found, f"at {sizes}{text}"
    if judgement.shapes:
        sizes, found = judgement.shapes[0]
        assert stepped(system, sizes, found) == {name: found[name] for name in system.equations}
    return decided


def stepped(system, sizes, shapes):
    """The shapes of a step's values, by the oracle of the whole project."""
    names = [name for name, symbol in system.symbols.items() if symbol.role is not Role.CONSTANT]
    with np.errstate(all="ignore"):
        values = oracle.step(system, {name: np.full(shapes[name], 0.5) for name in names}, sizes)
    return {name: np.shape(value) for name, value in values.items()}


def run(cells, checker=check, cell=systems(), **how):  # noqa: B008  strategies are values
    """Verdicts, operations and equations of so many random cells."""
    verdicts, ops, lengths = Counter(), Counter(), Counter()

    @settings(max_examples=cells, deadline=None, database=None, suppress_health_check=SLOW, **how)
    @given(cell)
    def each(system):
        judgement = judge(system)
        verdicts[compared(system, judgement, checker)] += 1
        lengths[len(system.equations)] += 1
        ops.update({node.op for equation in system.equations.values() for node in subnodes(equation.expr)})

    each()
    return verdicts, ops, lengths


def test_the_verdict_and_the_shapes_are_those_of_evaluation(capsys):
    verdicts, ops, lengths = run(CELLS, derandomize=not NIGHTLY)
    with capsys.disabled():
        print(f"\n{verdicts.total()} random cells: {', '.join(f'{n} {what}' for what, n in verdicts.most_common())}")
    assert verdicts.total() >= 0.9 * CELLS  # hypothesis may stop early, when it has nothing new
    for what in ("well-shaped", "ill-shaped"):
        assert verdicts[what] >= 0.2 * verdicts.total()
    assert verdicts["undetermined"] > 0
    assert set(ops) - {"ref"} == set(RULES)  # every operation that users can write had its turn
    assert max(lengths) >= 25


class Counted(Cell):
    """Two sizes of at least one that add up to two."""

    a, b, h = Weight(None), Bias(None), State(2)
    h.next = concat(a, b) + h


class Multiplied(Cell):
    """Of `b` times k and at least one more that make 2k, b can be 1 alone."""

    a, b, h = Weight(None), Bias(None), State(2 * k)
    h.next = abs(concat(a, repeat(b, k))) + h


@pytest.mark.parametrize("cell", [Counted, Multiplied])
def test_sizes_that_only_counting_tells_are_asked_for(cell):
    judgement = judge(cell.system)
    assert compared(cell.system, judgement, check) == "well-shaped" and said(cell.system, check)[0] == "undetermined"


def test_a_size_that_an_equation_tells_is_not_one_of_them():
    class Told(Cell):
        a, b, h = Weight(None), Bias(1), State(2 * k)
        h.next = abs(concat(a, repeat(b, k))) + h

    judgement = judge(Told.system)
    assert judgement.shapes and compared(Told.system, judgement, check) == "well-shaped"
    assert not any(is_told_by_positivity(Told.system, sizes) for sizes, _ in judgement.shapes)


def test_a_parameter_without_a_rank_is_a_vector_where_that_fits_else_a_matrix():
    run(CELLS, cell=systems(unranked=True), **FIRST)


# -- faults planted in the checker -------------------------------------------------------------------------------------


def changed(**changes):
    """A checker with other results."""

    def checker(system):
        shapes = check(system)
        of = {name: change(shapes.of[name]) for name, change in changes.items() if name in shapes.of}
        return SimpleNamespace(of={**shapes.of, **of}, diagnostics=shapes.diagnostics)

    return checker


def silent(system):
    return SimpleNamespace(of=check(system).of, diagnostics=())


@pytest.mark.parametrize("checker", [silent, changed(s0=lambda shape: shape[::-1] + shape[:1])])
def test_a_checker_that_says_nothing_or_has_a_wrong_shape_is_found_out(checker):
    with pytest.raises(AssertionError):
        run(60, checker, **FIRST)


def longest(solver, node, shapes):
    return max(shapes, key=lambda shape: len(solver.ranked(shape)))


def any_slice(solver, node, shapes):
    axis, start, stop = node.attrs
    whole = solver.ranked(shapes[0])
    return (*whole[:axis], stop - start, *whole[axis + 1 :])


LENIENT = {
    "matmul": lambda solver, node, shapes: (solver.matrix(shapes[0], "")[0], *solver.ranked(shapes[1])[1:]),
    "slice": any_slice,
    "dot": lambda solver, node, shapes: (),
    "concat": lambda solver, node, shapes: solver.ranked(shapes[0]),
    "pointwise": longest,
}


@pytest.mark.parametrize("ops", LENIENT)
def test_a_rule_that_compares_nothing_is_found_out(ops, monkeypatch):
    pointwise = [name for name, op in TABLE.items() if op.scalar is not None]
    for op in pointwise if ops == "pointwise" else [ops]:
        monkeypatch.setitem(TABLE, op, dataclasses.replace(TABLE[op], shape=LENIENT[ops]))
    with pytest.raises(AssertionError):
        run(2000, **FIRST)


def test_a_refusal_too_many_is_found_out(monkeypatch):
    strict = TABLE["transpose"].shape

    def square(solver, node, shapes):
        rows, columns = strict(solver, node, shapes)
        solver.equate(rows, columns, Code.LS101, "a square matrix")
        return rows, columns

    monkeypatch.setitem(TABLE, "transpose", dataclasses.replace(TABLE["transpose"], shape=square))
    with pytest.raises(AssertionError, match="checker: ill-shaped"):
        run(300, **FIRST)
