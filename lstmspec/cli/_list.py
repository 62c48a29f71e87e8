"""`lstmspec list`: a row a cell: its states, what it has to learn, what it computes, and what its loop waits for."""

from __future__ import annotations

import itertools
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import click

from ..cell import CellMeta
from ..checker import Kernel, check, cost, formula, kernel
from ..checker import shown as shown_shape
from ..diagnostics import shown_path
from ..language import System
from ..loading import SPEC
from ..nodes import Name, Node, subnodes
from ..render import dumped
from ..sizes import Shape
from ._out import Run, show
from ._shape_table import file_of

# What an LSTM is made of: dense layers, sums and products, two activations. A cell's other operations are worth a word.
PLAIN = ("ref", "number", "matmul", "concat", "slice", "add", "sub", "neg", "mul", "sigmoid", "tanh")
SIGNS = {"div": "/", "pow": "**", "less": "<", "less_equal": "<=", "transpose": ".T"}
NONE = "-"

HELP = """List cells, a row each; without a SPEC, the built-in ones.

\b
lstmspec list                   every built-in cell
lstmspec list cells.py LSTM     your own beside a built-in one
lstmspec list src/mypackage     every cell below a folder
lstmspec list --format json     for programs

\b
states       each with its shape; states of one shape are named together
parameters   how many numbers are learned, in the symbols of the sizes
operations   other than dense layers, + - *, sigmoid and tanh, which a plain LSTM has
kernel       what a step has to wait for, found in the equations:
             one fused product      all matrix products act on states as they come: one packed product a step
             N dependent products   a product acts on what another one of the same step went into
             no recurrent product   nothing but elementwise operations depends on the state
             matrix state           a state is a matrix
             linear in the state    a new state is an affine function of the old one: a parallel scan will do
"""


@dataclass(frozen=True)
class Row:
    """A cell as it is listed."""

    name: str
    title: str
    file: str
    inputs: Mapping[str, str]
    states: Mapping[str, str]
    parameters: str
    operations: tuple[str, ...]
    kernel: Kernel

    @property
    def columns(self) -> tuple[str, ...]:
        """The texts of the row."""
        groups = itertools.groupby(self.states, key=lambda state: self.states[state])
        states = ", ".join(f"{' '.join(names)} {shape}" for shape, names in groups)
        return (self.name, states, self.parameters, ", ".join(self.operations) or NONE, str(self.kernel))


HEAD = ("cell", "states", "parameters", "operations", "kernel")


def row(cell: CellMeta) -> Row:
    """What is listed of a cell. Raises SpecError when it is ill-shaped."""
    shapes, system = check(cell).require(), cell.system
    title = (system.doc.strip().splitlines() or [""])[0]
    return Row(
        cell.__name__,
        title,
        shown_path(file_of(shapes)),
        _shown(system.inputs, shapes.of),
        _shown(system.states, shapes.of),
        formula(cost(cell).parameters),
        operations(system),
        kernel(cell),
    )


def operations(system: System) -> tuple[str, ...]:
    """The operations of a cell that a plain LSTM does not have, in the order in which they are met."""
    nodes = (node for equation in system.equations.values() for node in subnodes(equation.expr))
    return tuple(dict.fromkeys(_word(node) for node in nodes if node.op not in PLAIN))


def _word(node: Node) -> str:
    return SIGNS.get(node.op, node.op)


def _shown(names: Iterable[Name], shapes: Mapping[Name, Shape]) -> dict[str, str]:
    return {name: shown_shape(shapes[name]) for name in names}


def as_table(rows: list[Row], width: int) -> str:
    """Rows below a head. Where a terminal is too narrow for that, a cell has further lines, indented."""
    table = [HEAD, *(one.columns for one in rows)]
    widths = [max(len(columns[place]) for columns in table) for place in range(len(HEAD))]
    if not width or sum(widths) + 2 * len(widths) <= width:
        lines = ("  ".join(text.ljust(size) for text, size in zip(columns, widths, strict=True)) for columns in table)
        return "\n".join(line.rstrip() for line in lines)
    return "\n".join(line for one in rows for line in _folded(one, widths[0], width))


def _folded(one: Row, first: int, width: int) -> list[str]:
    name, states, parameters, others, kernel_ = one.columns
    told = "; ".join([states, f"{parameters} parameters", *([f"also {others}"] if others != NONE else []), kernel_])
    margin = " " * min(first + 2, width // 3)
    head = name.ljust(len(margin)) if len(name) < len(margin) else f"{name} "
    return textwrap.wrap(told, width, initial_indent=head, subsequent_indent=margin, break_long_words=False)


def as_json(rows: list[Row]) -> str:
    """A list with an object a cell."""
    return dumped([_fields(one) for one in rows])


def _fields(one: Row) -> dict[str, object]:
    return {
        "name": one.name,
        "title": one.title,
        "file": one.file or None,
        "inputs": one.inputs,
        "states": one.states,
        "parameters": one.parameters,
        "operations": one.operations,
        "kernel": {
            "class": one.kernel.name,
            "products": one.kernel.products,
            "matrix": one.kernel.matrix,
            "linear": one.kernel.linear,
        },
    }


@click.command("list", help=HELP, epilog=SPEC)
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--format", "kind", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_(specs: tuple[str, ...], kind: str) -> None:
    """List cells."""
    run, rows = Run.of(specs), list[Row]()
    for cell in run.cells:
        with run.telling():
            rows.append(row(cell))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    if rows or kind == "json":
        show(as_json(rows) if kind == "json" else as_table(rows, width), kind)
    run.end()
