"""What a row of the table is made of: how the paper's parameters lie in the spec's, and what the oracles are.

A source makes one parameter of the paper from the spec's, by differentiable operations, so that gradients come back
under the names of the spec. `W_f` of a spec is (k, n+k) and acts on concat(x, h): W_f and U_f, side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

from torch import Tensor

from .cases import Ranges
from .papers import Step, run

At = Mapping[str, Tensor]
Source = Callable[[At], Tensor]
Finals = tuple[Tensor, ...] | None  # None: its states are others, or in other units
Results = Callable[[SimpleNamespace, Sequence[Tensor], Sequence[Tensor]], tuple[Tensor, Finals]]
PAPER, UNSTABILISED = "paper", "unstabilised"


@dataclass(frozen=True)
class Oracle:
    """Something independent that computes a sequence: from the paper's parameters, inputs and first states."""

    name: str
    results: Results
    single: bool = False  # float32, and values alone
    differs: str | None = None  # where it does not compute the paper's equations, and then it must not agree


@dataclass(frozen=True)
class Row:
    """A cell's oracles, and how its spec's names are made of the paper's."""

    step: Step
    states: str  # the spec's names of the states, in the order of the step's arguments
    parameters: Mapping[str, Source]  # by the paper's names
    others: tuple[Oracle, ...] = ()
    inputs: str = "x"
    constants: Mapping[str, float] = field(default_factory=dict)  # with the paper's values
    ranges: Ranges = field(default_factory=dict)

    @property
    def oracles(self) -> tuple[Oracle, ...]:
        """All of them, the transcription first."""
        return Oracle(PAPER, lambda p, inputs, states: run(self.step, p, inputs, states)), *self.others


# -- sources -----------------------------------------------------------------------------------------------------------


def whole(name: str, share: float = 1.0) -> Source:
    """A parameter as it is; or a share of it, where the paper has a sum of several that the spec has as one."""
    return lambda at: at[name] * share


def columns(name: str, operand: str, operands: str) -> Source:
    """The columns of a matrix that act on one of the concatenated operands, which are as wide as what is so called."""

    def made(at: At) -> Tensor:
        before, _, _ = f" {operands} ".partition(f" {operand} ")
        start = sum(at[other].shape[-1] for other in before.split())
        return at[name][:, start : start + at[operand].shape[-1]]

    return made


def renamed(**names: str) -> dict[str, Source]:
    """Parameters as they are, paper=spec."""
    return {paper: whole(spec) for paper, spec in names.items()}


def same(names: str) -> dict[str, Source]:
    """Parameters that have one name in the paper and in the spec."""
    return {name: whole(name) for name in names.split()}


def gates(names: str, operands: str = "x h", letters: str = "W U", bias: bool = True) -> dict[str, Source]:
    """Dense layers of concat(operands), a letter for each operand's matrix; `a=b` is gate `a` there and `b` here."""
    made: dict[str, Source] = {}
    for pair in names.split():
        paper, _, spec = pair.partition("=")
        for letter, operand in zip(letters.split(), operands.split(), strict=True):
            made[_letter(letter, paper)] = columns(f"W_{spec or paper}", operand, operands)
        if bias:
            made[_letter("b", paper)] = whole(f"b_{spec or paper}")
    return made


def _letter(letter: str, gate: str) -> str:
    """A paper that has one dense layer only does not number it: `.` is its name here."""
    return letter if gate == "." else f"{letter}_{gate}"


# -- evaluation --------------------------------------------------------------------------------------------------------


def evaluated(row: Row, oracle: Oracle, at: At, constants: Mapping[str, float] | None = None) -> dict[str, Tensor]:
    """An oracle's results under the names of the spec: `output`, and `h.next` where it has the states."""
    p = SimpleNamespace(**{name: source(at) for name, source in row.parameters.items()})
    vars(p).update(row.constants, **(constants or {}))
    states = row.states.split()
    ys, finals = oracle.results(p, [at[name] for name in row.inputs.split()], [at[name] for name in states])
    if finals is None:
        return {"output": ys}
    return {"output": ys} | {f"{name}.next": value for name, value in zip(states, finals, strict=True)}
