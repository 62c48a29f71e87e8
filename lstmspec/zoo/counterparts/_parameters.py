"""How a parameter of the paper is made of the spec's, by differentiable operations.

Gradients so come back under the names of the spec. `W_f` of a spec is (k, n+k) and acts on concat(x, h): it is the
paper's W_f and U_f, side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

At = Mapping[str, Tensor]
Source = Callable[[At], Tensor]


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
