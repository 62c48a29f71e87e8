"""The equations' side of an audit: a system at fixed sizes, run over steps and samples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..convert import Part
from ..language import System
from ..oracle import Step
from ._parts_and_slots import Array, SizedPart, joined, sized_parts
from ._tolerances import Expected


class Equations:
    """A system at fixed sizes, with its parameters given by parts."""

    def __init__(
        self,
        system: System,
        sizes: Mapping[str, int],
        constants: Mapping[str, float],
        known: tuple[SizedPart, ...] | None = None,
    ) -> None:
        self.system = system
        self.parts = sized_parts(system, sizes) if known is None else known
        self.moves: dict[object, Expected] = {}  # results at base points, by the nudged part
        self._constants = {name: np.asarray(value) for name, value in constants.items()}
        self._step = Step(system, sizes)

    def run(
        self, values: Mapping[Part, Array], inputs: Mapping[str, Array], states: Mapping[str, Array]
    ) -> dict[str, Array]:
        """The output, under "output", and every state's new value, `c.next`: each (time, batch, …).

        Args:
            values: The parameters by parts.
            inputs: Each (time, batch, …).
            states: Each (batch, …), before the first step.

        """
        time, batch = next(iter(inputs.values())).shape[:2]
        fixed = self._constants | joined(self.parts, values)
        wanted = {"output": self.system.output, **{str(name.next): name.next for name in self.system.states}}
        found: dict[str, list[list[Array]]] = {name: [] for name in wanted}
        now = [{name: value[sample] for name, value in states.items()} for sample in range(batch)]
        for at in range(time):
            row: dict[str, list[Array]] = {name: [] for name in wanted}
            for sample in range(batch):
                read = {name: value[at, sample] for name, value in inputs.items()}
                made = self._step({**fixed, **read, **now[sample]})
                now[sample] = {name: made[name.next] for name in self.system.states}
                for name, equation in wanted.items():
                    row[name].append(made[equation])
            for name, samples in row.items():
                found[name].append(samples)
        return {name: np.array(rows) for name, rows in found.items()}
