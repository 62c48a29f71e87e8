"""A runner over bare passes, for backends whose files are functions of arrays and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..language import System, once
from ..procedure import Model, Procedure
from ..program import Block
from ..sizes import Shape
from ._case import Arrays, Case

Array = np.ndarray[Any, Any]
Given = Mapping[str, Any] | Array  # a record as a table of its fields, or an array by itself
Call = Callable[[str, tuple[int, ...], Sequence[Given]], Sequence[Given]]


@dataclass
class PreparedPasses:
    """Arguments in the form of the passes, and the results of the last training; see `Prepared`."""

    call: Call
    case: Case
    sizes: tuple[int, ...]
    arguments: Sequence[Given]
    cotangents: Sequence[Given]
    found: Sequence[Given] = ()

    def outputs(self) -> Any:
        """Outputs, by the pass that keeps nothing."""
        return self.call("outputs", self.sizes, self.arguments)[0]

    def training(self) -> Any:
        """Outputs, by the forward and backward passes."""
        ys, _, tape = self.call("forward", self.sizes, self.arguments)
        self.found = self.call("backward", self.sizes, [self.arguments[0], tape, *self.cotangents])
        return ys

    def gradients(self) -> dict[str, Any]:
        """The gradients of the last training."""
        return _gradients(self.case, *(_each(np.asarray, one) for one in self.found))


@dataclass(frozen=True)
class PassRunner:
    """See `Runner`.

    Attributes:
        call: `call(name, sizes, arguments)` runs a pass and returns its results.
        form: Arrays as the passes take them.

    """

    call: Call
    form: Callable[[Array], Any] = np.asarray

    def _run(self, case: Case, name: str, *given: Given) -> Sequence[Any]:
        results = self.call(name, _sizes(case), [_each(self.form, one) for one in given])
        return [_each(np.asarray, one) for one in results]

    def _sequence(self, case: Case, name: str) -> Sequence[Any]:
        inputs = case.take(case.system.inputs).values()
        return self._run(case, name, _params(case, case.at), *inputs, case.take(case.system.states))

    def outputs(self, case: Case) -> dict[str, Any]:
        """Outputs and last states, by the pass that keeps nothing."""
        ys, state = self._sequence(case, "outputs")
        return {"output": ys} | _next(state)

    def forward(self, case: Case) -> dict[str, Any]:
        """Outputs and last states."""
        ys, state, _ = self._sequence(case, "forward")
        return {"output": ys} | _next(state)

    def _tape(self, case: Case) -> Any:
        return self._sequence(case, "forward")[2]

    def _cotangents(self, case: Case) -> tuple[Array, dict[str, Any]]:
        return case.d["output"], {str(name): case.d[name.next] for name in case.system.states}

    def backward(self, case: Case) -> dict[str, Any]:
        """Gradients of parameters, inputs and first states."""
        params = _params(case, case.at)
        return _gradients(case, *self._run(case, "backward", params, self._tape(case), *self._cotangents(case)))

    def double_backward(self, case: Case) -> dict[str, Any]:
        """Gradients of <v, gradients>: the adjoint pass, the tangent pass, and the adjoint pass seeded by that."""
        model, params, tape = _model(case.system), _params(case, case.at), self._tape(case)
        d_ys, d_state = self._cotangents(case)
        shapes = {b.name: (*np.shape(d_ys)[:2], *_numbers(b.shape, case)) for b in model.seeds.fields}
        seeds = {name: d_ys if at == 0 else np.zeros(shape) for at, (name, shape) in enumerate(shapes.items())}
        *_, adjoints = self._run(case, "adjoint", params, tape, seeds, d_state)
        probe = (_params(case, case.v), *case.take(case.system.inputs, case.v).values())
        last = case.take(case.system.states, case.v)
        sums, d_d_ys, d_d_state, found = self._run(case, "tangent", params, tape, d_ys, adjoints, *probe, last)
        nothing = {name: np.zeros_like(value) for name, value in d_state.items()}
        d_params, *rest, _ = self._run(case, "adjoint", params, tape, found, nothing)
        total = {name: np.add(d_params[name], sums[name]) for name in sums}
        return _gradients(case, total, *rest) | {"output": d_d_ys} | _next(d_d_state)

    def prepared(self, case: Case) -> PreparedPasses:
        """The model with this case's data in place."""
        zeros = {str(name): np.zeros_like(case.at[name]) for name in case.system.states}
        given = (_params(case, case.at), *case.take(case.system.inputs).values(), case.take(case.system.states))
        arguments, cotangents = (
            [_each(self.form, one) for one in group] for group in (given, (case.d["output"], zeros))
        )
        return PreparedPasses(self.call, case, _sizes(case), arguments, cotangents)

    def start(self, case: Case, seed: int) -> dict[str, Any]:
        """Nothing: passes know no first values."""
        return {}

    def misshapen(self, procedure: Procedure, dims: Sequence[str]) -> None:
        """Nothing: there are no arrays without data."""
        return


def _each(change: Callable[[Any], Any], given: Given) -> Any:
    """An array, or those of a record; its constants stay numbers."""
    if not isinstance(given, Mapping):
        return change(given)
    return {name: value if isinstance(value, float) else change(np.asarray(value)) for name, value in given.items()}


def _sizes(case: Case) -> tuple[int, ...]:
    return tuple(case.sizes[dim] for dim in _model(case.system).dims)


@once
def _model(system: System) -> Model:
    return Model(system)


def _next(state: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}.next": value for name, value in state.items()}


def _numbers(shape: Shape, case: Case) -> tuple[int, ...]:
    return tuple(size.at(case.sizes) for size in shape)


def _columns(block: Block, case: Case) -> Any:
    """The part of a parameter that a block holds."""
    if block.start is None or block.stop is None:
        return ...
    return (slice(None), slice(block.start.at(case.sizes), block.stop.at(case.sizes)))


def _params(case: Case, arrays: Arrays) -> dict[str, Any]:
    """Parameters as they are stored, with the constants beside them."""
    model, found = _model(case.system), {}
    for stored in model.stored:
        rows = [np.asarray(arrays[block.parameter])[_columns(block, case)] for block in stored.blocks]
        found[str(stored.name)] = np.concatenate(rows) if len(rows) > 1 else rows[0]
    constants = {str(symbol.name): symbol.value for symbol in model.constants}
    return {**found, **constants, **case.constants}


def _gradients(case: Case, d_params: Mapping[str, Any], *rest: Any) -> dict[str, Any]:
    """Gradients under the names of the equations, from those of the arrays that are stored."""
    model, (*d_xs, d_state) = _model(case.system), rest
    found = {str(name): np.zeros(_numbers(model.spec[name], case)) for name in case.system.parameters}
    for stored in model.stored:
        rows = np.split(np.asarray(d_params[stored.name]), len(stored.blocks)) if len(stored.blocks) > 1 else None
        for place, block in enumerate(stored.blocks):
            found[block.parameter][_columns(block, case)] = rows[place] if rows else d_params[stored.name]
    return found | dict(zip(map(str, case.system.inputs), d_xs, strict=True)) | dict(d_state)
