"""NumPy models, run on cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from ...language import System
from ...procedure import Procedure
from .._case import Arrays, Case


@dataclass
class NumPyPrepared:
    """A module's arguments, and what its last training returned; see `Prepared`."""

    module: ModuleType
    system: System
    params: Any
    arguments: tuple[Any, ...]
    cotangents: tuple[Any, Any]
    found: tuple[Any, ...] = ()

    def outputs(self) -> Any:
        """Outputs, by the pass that keeps nothing."""
        return self.module.outputs(self.params, *self.arguments)[0]

    def training(self) -> Any:
        """Outputs, by the forward and backward passes."""
        ys, _, tape = self.module.forward(self.params, *self.arguments)
        self.found = self.module.backward(self.params, tape, *self.cotangents)
        return ys

    def gradients(self) -> dict[str, Any]:
        """The gradients of the last training."""
        return _gradients(self.system, self.found)


@dataclass(frozen=True)
class NumPyRunner:
    """A generated NumPy module; see `Runner`."""

    module: ModuleType

    def run(self, case: Case) -> tuple[Any, Any, Any, dict[str, Any]]:
        """Parameters, outputs and tape as they are, and the results under their names."""
        params = self._params(case)
        ys, state, tape = self.module.forward(params, *self._first(case))
        return params, ys, tape, {"output": ys} | _next(vars(state))

    def _params(self, case: Case, arrays: Arrays | None = None) -> Any:
        """The parameters, or arrays like them; dimensions that none of them shows are named."""
        hidden = {dim: case.sizes[dim] for dim in self.module.CELL.hidden_parameter_dims}
        return self.module.Params.from_spec(case.take(case.system.parameters, arrays), **hidden, **case.constants)

    def _first(self, case: Case) -> tuple[Any, ...]:
        inputs = case.take(case.system.inputs).values()
        return (*inputs, self.module.State(**case.take(case.system.states)))

    def outputs(self, case: Case) -> dict[str, Any]:
        """Outputs and last states, by the pass that keeps nothing."""
        params = self._params(case)
        ys, state = self.module.outputs(params, *self._first(case))
        return {"output": ys} | _next(vars(state))

    def forward(self, case: Case) -> dict[str, Any]:
        """Outputs and last states."""
        return self.run(case)[-1]

    def _cotangents(self, case: Case) -> tuple[Any, Any]:
        return case.d["output"], self.module.State(*(case.d[name.next] for name in case.system.states))

    def backward(self, case: Case) -> dict[str, Any]:
        """Gradients of parameters, inputs and first states."""
        params, _, tape, _ = self.run(case)
        return _gradients(case.system, self.module.backward(params, tape, *self._cotangents(case)))

    def prepared(self, case: Case) -> NumPyPrepared:
        """The model with this case's data in place."""
        params = self.module.Params.from_spec(case.take(case.system.parameters), **case.constants)
        zeros = {name: np.zeros_like(case.at[name]) for name in case.system.states}
        cotangents = case.d["output"], self.module.State(**zeros)
        return NumPyPrepared(self.module, case.system, params, self._first(case), cotangents)

    def double_backward(self, case: Case) -> dict[str, Any]:
        """Gradients of <v, gradients>, those of the cotangents too."""
        system = case.system
        params, _, tape, _ = self.run(case)
        v_params = self._params(case, case.v)
        v_state = self.module.State(**case.take(system.states, case.v))
        probe = (v_params, *case.take(system.inputs, case.v).values(), v_state)
        results = self.module.double_backward(params, tape, *self._cotangents(case), *probe)
        d_params, *d_xs, d_state, d_d_ys, d_d_state = results
        seeds = {"output": d_d_ys} | _next(vars(d_d_state))
        inputs = dict(zip(map(str, system.inputs), d_xs, strict=True))
        return {**d_params.to_spec(), **inputs, **vars(d_state), **seeds}

    def start(self, case: Case, seed: int) -> dict[str, Any]:
        """Parameters as the model starts from them."""
        spec: dict[str, Any] = self.module.init(np.random.default_rng(seed), **case.sizes).to_spec()
        return spec

    def misshapen(self, procedure: Procedure, dims: Sequence[str]) -> None:
        """Nothing: NumPy has no arrays without data."""
        return


def _gradients(system: System, found: tuple[Any, ...]) -> dict[str, Any]:
    d_params, *d_xs, d_state = found
    return {**d_params.to_spec(), **dict(zip(map(str, system.inputs), d_xs, strict=True)), **vars(d_state)}


def _next(state: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}.next": value for name, value in state.items()}
