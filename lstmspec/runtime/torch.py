"""PyTorch models: an nn.Module over derived autograd functions, made of a cell's tables and passes."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from .arguments import bound, by_name, numbers_given, signature_of, signed, sizes_given, sizes_in_spec
from .cell import Cell, Start
from .checks import Boundary
from .messages import ShapeError
from .parameters import fill, packed, part, unpacked
from .sizes import evaluate
from .torch_autograd import Passes, RunSequence, apply
from .torch_words import RULES

STEPS = 256  # at once where nothing is kept, so that inference takes memory for the outputs alone, however long


class Module(torch.nn.Module):
    """A cell over a sequence, called like torch.nn.LSTM: `y, state = module(x)`.

    Sequences are (time, batch, size), states (1, batch, size), zeros when left out. Gradients are the derived ones, and
    can be differentiated again.

    Args:
        given: The sizes that the equations name, in their order.
        device: Where the parameters live.
        dtype: Their floating dtype.
        named: Sizes and constants by name.

    Raises:
        ValueError: a size is no positive integer, a constant no finite number.
        ShapeError: (when called) an argument does not fit the equations, or has another dtype or device than the
            weights.

    """

    _cell: ClassVar[Cell]
    _passes: ClassVar[Passes]
    _boundary: ClassVar[Boundary]
    _signature: ClassVar[inspect.Signature]
    _from_spec: ClassVar[inspect.Signature]

    def __init_subclass__(
        cls,
        cell: Cell | None = None,
        records: Sequence[Any] = (),
        passes: Sequence[Callable[..., Any]] = (),
        **rest: Any,
    ) -> None:
        """A module of a cell: its tables, the named tuples Params, State, Tape, Seeds, Adjoints, and its passes."""
        super().__init_subclass__(**rest)
        if cell is None:  # a class that a user derives from a generated one
            return
        cls._cell, cls._passes = cell, Passes(cell, records, passes)
        options = {**cell.constants, "device": None, "dtype": None}
        cls.__signature__ = signature_of(cell.dims, options)  # type: ignore[attr-defined]  # what help() shows
        cls._signature = signature_of(tuple(cell.inputs), {"state": None})
        cls._from_spec = by_name(signature_of(cell.hidden_dims, cell.constants))
        cls.forward = signed(Module.forward, ("self",), cls._signature)  # type: ignore[method-assign]
        made = signed(Module.__dict__["from_spec"].__func__, ("cls", "spec"), cls._from_spec)
        cls.from_spec = classmethod(made)  # type: ignore[assignment, method-assign]
        for name, (array, place, count) in cell.views.items():
            setattr(cls, name, property(_view(array, place, count)))
        if cell.constants:  # a module that has them keeps them in its state_dict
            cls.get_extra_state = cls._get_constants  # type: ignore[assignment, method-assign]
            cls.set_extra_state = cls._set_constants  # type: ignore[assignment, method-assign]
        weights = {name: stored.axes for name, stored in cell.stored.items()}
        inputs = {name: f"time batch {axes}".strip() for name, axes in cell.inputs.items()}
        states = {name: f"1 batch {axes}".strip() for name, axes in cell.states.items()}
        ys = f"time batch {cell.output}".strip()
        cls._boundary = Boundary(cell.name, cell, _hint, {**weights, **inputs, **states}, [ys, *states.values()])

    def __init__(
        self, *given: Any, device: torch.device | str | None = None, dtype: torch.dtype | None = None, **named: Any
    ) -> None:
        super().__init__()
        cell = self._cell
        found = bound(cell.name, signature_of(cell.dims, cell.constants), given, named)
        sizes = sizes_given(cell.name, {dim: found[dim] for dim in cell.dims})
        constants = numbers_given(cell.name, {name: found[name] for name in cell.constants})
        for name, value in {**sizes, **constants}.items():
            setattr(self, name, value)
        self._state_shapes = tuple(_shape(axes, sizes) for axes in cell.states.values())
        for name, stored in cell.stored.items():
            empty = torch.empty(_shape(stored.axes, sizes), device=device, dtype=dtype)
            self.register_parameter(name, torch.nn.Parameter(empty))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Let the parameters start anew: as the cell declares, or uniformly from ±1/sqrt(size of the first state).

        They are drawn where they live, by PyTorch's generator: `init` of the NumPy model draws others. For those:
        `from_spec({name: torch.tensor(value) for name, value in init(rng, …).to_spec().items()})`.
        """
        sizes = self._sizes
        limit = evaluate(self._cell.bound, sizes) ** -0.5

        def rule(piece: Tensor, start: Start | None) -> None:
            if start is None:
                piece.uniform_(-limit, limit)
            else:
                RULES[start.rule](piece, *start.numbers)

        with torch.no_grad():
            for name in self._cell.stored:
                fill(self._cell, name, getattr(self, name), sizes, rule)

    def to_spec(self, *, grad: bool = False) -> dict[str, Tensor]:
        """The parameters under the names and shapes of the equations; with `grad`, their gradients. Copies.

        Raises:
            ValueError: gradients are asked for and there are none yet.

        """
        arrays = {name: getattr(self, name) for name in self._cell.stored}
        if grad:
            if missing := [name for name, array in arrays.items() if array.grad is None]:
                raise ValueError(f"{self._cell.name}: no gradients yet for {missing}; call backward() on a loss first")
            arrays = {name: array.grad for name, array in arrays.items()}
        return unpacked(self._cell, {name: array.detach() for name, array in arrays.items()}, concatenated)

    @classmethod
    def from_spec(cls, spec: dict[str, Tensor], **more: Any) -> Any:
        """The module with these parameters, on their device and in their dtype.

        Args:
            spec: Parameter of the equations → tensor.
            more: Constants, and the dimensions that no parameter shows by itself.

        Raises:
            ShapeError: a name or a shape that the equations do not have.
            ValueError: a size is no positive integer, a constant no finite number.

        """
        cell, owner = cls._cell, f"{cls._cell.name}.from_spec"
        found = bound(owner, cls._from_spec, (), more)
        hidden = {dim: found[dim] for dim in cell.hidden_dims}
        needed = sizes_given(owner, {dim: hidden[dim] for dim in cell.hidden_parameter_dims})
        sizes = {**sizes_in_spec(owner, spec, cell.parameters, Tensor, needed), **hidden}
        like = next(iter(spec.values()), torch.empty(()))
        named = {**{dim: sizes[dim] for dim in cell.dims}, **{name: found[name] for name in cell.constants}}
        module = cls(**named, device=like.device, dtype=like.dtype)
        with torch.no_grad():
            for name, array in packed(cell, spec, sizes, concatenated).items():
                getattr(module, name).copy_(array)
        return module

    def extra_repr(self) -> str:
        """The sizes and constants, for print(module)."""
        return ", ".join(f"{name}={getattr(self, name)}" for name in (*self._cell.dims, *self._cell.constants))

    @property
    def _sizes(self) -> dict[str, Any]:
        return {dim: getattr(self, dim) for dim in self._cell.dims}

    @property
    def _constants(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._cell.constants}

    def _get_constants(self) -> dict[str, float]:
        """The constants, for checkpoints."""
        return self._constants

    def _set_constants(self, state: dict[str, float]) -> None:
        """The constants of a checkpoint. Raises ValueError for others than the cell's."""
        cell = self._cell
        if set(state) != set(cell.constants):
            raise ValueError(f"{cell.name}: the checkpoint has constants {list(state)}, not {list(cell.constants)}")
        for name, value in numbers_given(cell.name, state).items():
            setattr(self, name, value)

    # -- calls -------------------------------------------------------------------------------------------------------

    def forward(self, *given: Any, **named: Any) -> Any:
        """A whole sequence: the outputs of every step and the states after the last one."""
        cell = self._cell
        *inputs, state = bound(cell.name, self._signature, given, named).values()
        states = self._states(inputs[0], state)
        weights = [getattr(self, name) for name in cell.stored]
        constants = list(numbers_given(cell.name, self._constants).values())  # as they may have been assigned

        def run(found: tuple[Any, ...]) -> tuple[Tensor, ...]:
            # While torch.jit.trace runs, sizes are tensors.
            sizes = tuple(int(size) if isinstance(size, Tensor) else size for size in found)
            tensors = (*weights, *inputs, *(first[0] for first in states))
            # A trace has operations alone, and is differentiated by PyTorch.
            is_learned = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
            if is_learned and not torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]
                ys, *last = apply(RunSequence, self._passes, sizes, constants, *tensors)
            else:
                ys, last = _in_pieces(self._passes, sizes, constants, tensors)
            return (ys, *(value[None] for value in last))

        ys, *last = self._boundary.call((*weights, *inputs, *states), run)
        return ys, tuple(last) if len(last) > 1 else last[0]

    def _states(self, first: Any, state: Any) -> Sequence[Any]:
        """The first states, each with the axis of layers; zeros where none are given."""
        names = list(self._cell.states)
        if state is None:
            like = next(self.parameters(), first)
            batch = first.shape[1] if getattr(first, "ndim", 0) > 1 else 1
            return [like.new_zeros((1, batch, *shape)) for shape in self._state_shapes]
        if len(names) == 1:
            return [state]
        if not isinstance(state, tuple | list) or len(state) != len(names):
            wanted = f"tuple ({', '.join(names)}) of tensors (1, batch, size)"
            raise ShapeError(f"{self._cell.name}: argument `state` is no {wanted}")
        return state


def _in_pieces(passes: Passes, sizes: Any, constants: Sequence[float], tensors: Sequence[Tensor]) -> Any:
    """The outputs pass over some steps after the other."""
    params, inputs, state, _ = passes.cut(tensors, *passes.counts)
    if torch.compiler.is_compiling() or inputs[0].shape[0] <= STEPS:
        return passes.sequence(0, sizes, constants, tensors)
    pieces = []
    for at in range(0, inputs[0].shape[0], STEPS):
        cut = (xs[at : at + STEPS] for xs in inputs)
        ys, state = passes.sequence(0, sizes, constants, (*params, *cut, *state))
        pieces.append(ys)
    return torch.cat(pieces), state


def concatenated(arrays: Sequence[Tensor], axis: int) -> Tensor:
    """Tensors as one, in memory of its own."""
    return torch.cat(tuple(arrays), axis) if len(arrays) > 1 else arrays[0].clone()


def _view(array: str, place: int, count: int) -> Callable[[Any], Tensor]:
    """Rows of a packed parameter, a view."""
    return lambda module: part(getattr(module, array), place, count)


def _hint(axes: str) -> Any:
    return Float[Tensor, axes]


def _shape(axes: str, sizes: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(evaluate(text, sizes) for text in axes.split())
