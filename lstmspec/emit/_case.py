"""Models on data: what every backend can run of a model it generated, on arrays under the names of the equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ..language import HasSystem, System
from ..procedure import Procedure

Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A cell with data.

    Attributes:
        cell: The cell.
        sizes: The number that each dimension symbol is.
        at: Parameters (under the names of the equations), inputs (time, batch, …) and first states (batch, …).
        d: Cotangents: of `output`, what is emitted, and of `h.next`, the last value of a state.
        v: Like `at`: what gradients are multiplied with, to be differentiated again.
        constants: Those that are not to have their default.

    """

    cell: HasSystem
    sizes: Mapping[str, int]
    at: Arrays
    d: Arrays
    v: Arrays
    constants: Mapping[str, float] = field(default_factory=dict)

    @property
    def system(self) -> System:
        """The cell as data."""
        return self.cell.system

    def take(self, names: tuple[str, ...], arrays: Arrays | None = None) -> dict[str, Any]:
        """Some of the arguments, or of arrays that are like them."""
        return {str(name): (self.at if arrays is None else arrays)[name] for name in names}

    def with_(self, **changes: Any) -> Case:
        """The same case with other arguments."""
        return replace(self, at={**self.at, **changes})

    def astype(self, kind: type) -> Case:
        """The same case with arrays of this type."""
        at, d, v = (
            {name: value.astype(kind) for name, value in arrays.items()} for arrays in (self.at, self.d, self.v)
        )
        return replace(self, at=at, d=d, v=v)


class Prepared(Protocol):
    """A model with its data in place, to be timed: a call is one run, and returns when that is done."""

    def outputs(self) -> Any:
        """Outputs, by the pass that keeps nothing."""

    def training(self) -> Any:
        """Outputs, by the forward and backward passes, with the outputs' cotangents of the case and no others."""

    def gradients(self) -> dict[str, Any]:
        """The gradients of the last training, as arrays under the names of the equations."""


class Runner(Protocol):
    """A generated model, run on cases. Every result is an array under a name: `output`, `h.next`, `h`, `W_f`, ….

    `h.next` is the last value of a state, and its cotangent; `h` is the first value's gradient.
    """

    def outputs(self, case: Case) -> dict[str, Any]:
        """Outputs and last states, by the pass that keeps nothing."""

    def forward(self, case: Case) -> dict[str, Any]:
        """Outputs and last states."""

    def backward(self, case: Case) -> dict[str, Any]:
        """Gradients of parameters, inputs and first states."""

    def double_backward(self, case: Case) -> dict[str, Any]:
        """Gradients of <v, gradients>, those of the cotangents too."""

    def prepared(self, case: Case) -> Prepared:
        """The model with this case's data in place."""

    def start(self, case: Case, seed: int) -> dict[str, Any]:
        """Parameters as the model starts from them, under the names of the equations."""

    def misshapen(self, procedure: Procedure, dims: Sequence[str]) -> list[str] | None:
        """How the results of a pass differ from their declared shapes at any sizes; None where it cannot be told."""
