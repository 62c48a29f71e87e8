"""Lowering and schedule: equal to the equations, packed, and with nothing in the loop that nothing carries."""

from dataclasses import replace as replaced
from pathlib import Path

import numpy as np
import pytest

from lstmspec import Cell, Input, State, affine, dims, oracle, tanh, zoo
from lstmspec.checker import check
from lstmspec.language import Equation, ancestors, order
from lstmspec.loading import load
from lstmspec.nodes import Node, names_in, subnodes
from lstmspec.program import Section, lower, passes, schedule

USERS = Path(__file__).resolve().parent / "users" / "cells.py"
CELLS = zoo.cells() | {cell.__name__: cell for cell in load([str(USERS)])}
PASSES = ("outputs", "forward", "backward", "adjoint", "tangent")
PRIMES = (3, 5, 7, 11, 13)
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)


def stored_arrays(stored, spec):
    """The packed arrays of parameters given under the names of the equations."""
    arrays = {}
    for array in stored:
        parts = []
        for block in array.blocks:
            value = spec[block.parameter]
            whole = block.start is None or block.shape == array_shape(value)
            parts.append(value if whole else value[:, columns(block)])
        arrays[array.name] = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return arrays


SIZES: dict[str, int] = {}


def array_shape(value):
    return value.shape


def columns(block):
    return slice(block.start.at(SIZES), block.stop.at(SIZES))


def values_of(cell, system, stored):
    """Every equation of the cell, by the cell's own system and by the lowered one."""
    shapes = check(cell).require()
    SIZES.clear()
    SIZES.update(zip(shapes.dims, PRIMES, strict=False))
    rng = np.random.default_rng(7)
    symbols = [symbol for symbol in cell.system.symbols.values() if symbol.role.value != "constant"]
    names = {s.name: np.asarray(rng.uniform(0.1, 0.9, [d.at(SIZES) for d in shapes.of[s.name]])) for s in symbols}
    expected = oracle.step(cell.system, names, SIZES)
    expected = {name: value for name, value in expected.items() if value.dtype != bool}  # conditions have no arrays
    packed = {name: value for name, value in names.items() if name not in cell.system.parameters}
    return expected, oracle.step(system, packed | stored_arrays(stored, names), SIZES)


def assert_equal(expected, found):
    for name, value in expected.items():
        assert np.abs(value - found[name]).max(initial=0) <= 1e-14, name


@every_cell
def test_the_lowered_system_is_equal(cell):
    system, stored = lower(cell.system)
    assert_equal(*values_of(cell, system, stored))


def test_a_wrong_lowering_is_seen():
    cell = CELLS["LSTM"]
    system, stored = lower(cell.system)
    swapped = system.equations["f"], system.equations["i"]
    equations = system.equations | {"f": Equation("f", swapped[1].expr), "i": Equation("i", swapped[0].expr)}
    with pytest.raises(AssertionError):
        assert_equal(*values_of(cell, replaced(system, equations=equations), stored))
    with pytest.raises(AssertionError):
        assert_equal(
            *values_of(cell, system, tuple(replaced(a, blocks=a.blocks[::-1]) for a in stored[:1]) + stored[1:])
        )


@every_cell
def test_every_part_of_every_parameter_is_stored_once(cell):
    shapes = check(cell).require().of
    _, stored = lower(cell.system)
    entries = dict.fromkeys(cell.system.parameters, 0)
    sizes = dict(zip(check(cell).dims, PRIMES, strict=False))
    for block in (block for array in stored for block in array.blocks):
        entries[block.parameter] += int(np.prod([size.at(sizes) for size in block.shape]))
    assert entries == {name: int(np.prod([size.at(sizes) for size in shapes[name]])) for name in entries}


def programs(cell):
    loops = passes(lower(cell.system)[0])
    return {name: schedule(getattr(loops, name)) for name in PASSES}


@every_cell
def test_lines_read_only_what_stands_before_them(cell):
    for program in programs(cell).values():
        known = {
            name: section for name, section in program.section.items() if name not in {x.name for x in program.lines}
        }
        for line in program.lines:
            for name in names_in(line.expr):
                assert known[name] <= line.section, (line.name, name)
            known[line.name] = line.section


@every_cell
def test_the_loop_has_only_what_is_carried(cell):
    """And, where nothing is kept, what reads a matrix of the step: that is not kept for the time after the loop."""
    for which, program in programs(cell).items():
        passing = [line.name for line in program.at(Section.LOOP) if reads_a_matrix(program, line)]
        assert not superfluous(program, passing if which == "outputs" else ())


@every_cell
def test_no_matrix_is_kept_where_nothing_is(cell):
    program = programs(cell)["outputs"]
    kept = (*program.recorded, *program.histories, *(line.name for line in program.at(Section.BEFORE)))
    assert not [name for name in kept if len(program.shapes[name]) > 1 and name not in program.stacked]


def reads_a_matrix(program, line):
    """Whether a line reads a matrix that is another one in each step."""
    matrices = (name for name in names_in(line.expr) if len(program.shapes[name]) > 1)
    return any(program.section[name] is Section.LOOP for name in matrices)


def superfluous(program, beside=()):
    """Lines of the loop that no carried value needs, nor anything beside."""
    by_name = {line.name: line for line in program.at(Section.LOOP)}
    carried = (program.target(name) for name in (*program.carries.values(), *beside))
    needed, stack = set(), [name for name in carried if name in by_name]
    while stack:
        name = stack.pop()
        if name not in needed:
            needed.add(name)
            stack += [other for other in names_in(by_name[name].expr) if other in by_name]
    return [name for name in by_name if name not in needed]


def test_a_superfluous_line_is_seen():
    program = programs(CELLS["LSTM"])["backward"]
    deferred = next(line for line in program.lines if line.section is Section.AFTER)
    worse = replaced(program, lines=(*program.lines, replaced(deferred, section=Section.LOOP)))
    assert superfluous(worse) == [deferred.name]


@pytest.mark.parametrize("name", ["LSTM", "CIFG", "Peephole", "GRU", "GRUResetBefore"])
def test_products_are_packed(name):
    """In each loop one product for each operand that depends on the state; weight gradients after it."""
    dependent = {"GRUResetBefore": 2}.get(name, 1)
    found = programs(CELLS[name])
    for which in ("forward", "backward"):
        assert count(found[which], Section.LOOP, "matmul") == dependent
        assert count(found[which], Section.LOOP, "outer") == 0
    assert count(found["forward"], Section.BEFORE, "matmul") == 1
    matrices = [array for array in lower(CELLS[name].system)[1] if len(array.shape) == 2]
    assert count(found["backward"], Section.AFTER, "outer") == len(matrices)


def count(program, section, op):
    return sum(node.op == op for line in program.at(section) for node in subnodes(line.expr))


def test_a_cell_of_a_thousand_equations_is_ordered_and_checked():
    (k,) = dims("k")
    source = "\n".join(f"    g{i} = tanh({'h' if i == 0 else f'g{i - 1}'} + affine(x))" for i in range(1000))
    names = {"Cell": Cell, "Input": Input, "State": State, "affine": affine, "tanh": tanh, "k": k}
    exec(f"class Long(Cell):\n    x, h = Input(k), State(k)\n{source}\n    h.next = g999\n", names)
    system = names["Long"].system
    assert [equation.name for equation in order(system)][-1] == "h.next"
    assert check(system).diagnostics == ()
    assert len(ancestors(system, ["h.next"])) == len(system.equations) + len(system.symbols)


def test_equal_nodes_are_equal_whatever_their_site():
    assert Node("add", (Node("ref", (), ("a",)), Node("ref", (), ("b",)))) == Node(
        "add", (Node("ref", (), ("a",)), Node("ref", (), ("b",)))
    )
