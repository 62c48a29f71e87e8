"""The words of the templates: a model with the small pieces of code that both backends' skeletons need."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import replace

from ..nodes import Name
from ._model import Field, Model, SizeSource, axes, sources
from ._printer import size_code


class Context(Model):
    """A model, as the templates see it."""

    @property
    def title(self) -> str:
        """The first line of the cell's docstring."""
        return self.system.doc.strip().split("\n")[0] or f"The cell {self.system.name}."

    # -- sizes -------------------------------------------------------------------------------------------------------

    @functools.cached_property
    def spec_sources(self) -> tuple[SizeSource, ...]:
        """How the sizes are read off the parameters of the equations."""
        return sources(self.dims, self.spec_parameters)

    @functools.cached_property
    def module_sources(self) -> tuple[SizeSource, ...]:
        """How the sizes are read off the arguments of a module, where an input is called `x`, not `xs`."""
        inputs = [replace(field, name=name) for field, name in zip(self.inputs, self.system.inputs, strict=True)]
        return sources(self.dims, (*self.parameters, *self.states, *inputs))

    @property
    def shown_packing_dims(self) -> tuple[str, ...]:
        """The dimensions that `from_spec` needs and reads off the parameters."""
        return tuple(dim for dim in self.packing_dims if dim not in self.hidden_dims)

    @property
    def hidden_spec_dims(self) -> tuple[str, ...]:
        """The dimensions that parameters have and do not show: users give them to `from_spec`."""
        return tuple(dim for dim in self._dims_in(self.spec_parameters) if dim in self.hidden_dims)

    @property
    def has_scalars(self) -> bool:
        """Whether a parameter has no axes."""
        return any(not field.shape for field in self.spec_parameters)

    @property
    def hidden_dims(self) -> tuple[str, ...]:
        """The dimensions that no parameter shows."""
        shown = [source.dim for source in self.spec_sources]
        return tuple(dim for dim in self.dims if dim not in shown)

    @property
    def hidden_arguments(self) -> str:
        """The arguments of `from_spec` for them."""
        return "".join(f", {dim}={dim}" for dim in self.hidden_dims)

    def _dims_in(self, fields: Iterable[Field]) -> tuple[str, ...]:
        found = {atom for field in fields for size in field.shape for atom in size.atoms}  # membership only
        return tuple(dim for dim in self.dims if dim in found)

    @property
    def state_dims(self) -> tuple[str, ...]:
        """The dimensions that states have."""
        return self._dims_in(self.states)

    @property
    def packing_dims(self) -> tuple[str, ...]:
        """The dimensions at which `from_spec` cuts matrices."""
        blocks = [
            block for array in self.stored for block in array.blocks if block.shape != self.spec.of[block.parameter]
        ]
        cuts = [cut for block in blocks for cut in (block.start, block.stop) if cut is not None]
        return tuple(dim for dim in self.dims if any(dim in cut.atoms for cut in cuts))

    # -- first values ------------------------------------------------------------------------------------------------

    @property
    def first_values(self) -> str:
        """What parameters start from, in words."""
        root = f"drawn uniformly from ±1/sqrt({size_code(self.bound_size)})"
        if self.draws and self.declared:
            return f"{root} unless the cell declares another start"
        return root if self.draws else "as the cell declares" if self.declared else "there are none"

    @property
    def bound(self) -> str:
        """The code of the bound of first values that are not declared."""
        size = size_code(self.bound_size)
        return f"({size}) ** -0.5" if " " in size else f"{size}**-0.5"

    @property
    def zeros(self) -> str:
        """NumPy code of states of zeros, as arguments."""
        return ", ".join(f"np.zeros({field.full('batch')}, dtype)" for field in self.states)

    # -- boundaries --------------------------------------------------------------------------------------------------

    @property
    def tape_fields(self) -> tuple[Field, ...]:
        """The tape with the inputs in front."""
        return (*self.inputs, *self.tape.values())

    def one_step(self, name: str) -> Field:
        """An input of one step."""
        return Field(name, axes(self.shapes[Name(name)], "batch"), self.shapes[Name(name)])

    @property
    def one_output(self) -> Field:
        """The output of one step."""
        return Field("y", axes(self.output.shape, "batch"), self.output.shape)

    def sequence(self, name: str) -> Field:
        """An input of all steps under its own name."""
        return Field(name, axes(self.shapes[Name(name)], "time batch"), self.shapes[Name(name)])

    @property
    def layer_states(self) -> tuple[Field, ...]:
        """States with the axis that counts layers and directions."""
        return tuple(replace(field, axes=f"1 {field.axes}") for field in self.states)

    @property
    def unpacked_arrays(self) -> dict[str, tuple[str, ...]]:
        """`unpacked` with the arrays taken from a dict."""
        found = {}
        for name, parts in self.unpacked.items():
            found[name] = tuple(re.sub(r"\{\}(\w+)", r'_arrays["\1"]', part) for part in parts)
        return found

    # -- argument lists, each with a comma behind it -----------------------------------------------------------------

    def _flat(self, pattern: str) -> str:
        names = [*(field.name for field in self.parameters), *(symbol.name for symbol in self.constants)]
        return "".join(f"{pattern % name}, " for name in names)

    @property
    def d_params(self) -> str:
        """Gradients of the parameters, and the constants as they are, as arguments of Params."""
        names = [f"d_{field.name}" for field in self.parameters]
        return ", ".join([*names, *(f"params.{symbol.name}" for symbol in self.constants)])

    @property
    def flat_params(self) -> str:
        """Parameters and constants, from a Params."""
        return self._flat("params.%s")

    @property
    def flat_self(self) -> str:
        """Parameters and constants, from a module."""
        return self._flat("self.%s")

    @property
    def flat_names(self) -> str:
        """Parameters and constants, as local names."""
        return self._flat("%s")

    @property
    def flat_typed(self) -> str:
        """Parameters and constants with their types, for PyTorch."""
        tensors = "".join(f"{field.name}: Tensor, " for field in self.parameters)
        return tensors + "".join(f"{symbol.name}: float, " for symbol in self.constants)

    @property
    def flat_ctx(self) -> str:
        """Parameters as local names, constants from an autograd context."""
        tensors = "".join(f"{field.name}, " for field in self.parameters)
        return tensors + ("*ctx.constants, " if self.constants else "")
