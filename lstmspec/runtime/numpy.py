"""NumPy models: pure functions over annotated dataclasses, made of a cell's tables and passes."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from .arguments import bound, by_name, is_a, numbers_given, signature_of, signed, sizes_given, sizes_in_spec
from .cell import Cell, Start
from .numpy_calls import Calls, axes_of
from .numpy_words import RULES, Array
from .parameters import fill, packed, part, unpacked
from .sizes import evaluate

Sizes = tuple[Any, ...]
STEPS = 256  # at once where nothing is kept, so that inference takes memory for the outputs alone, however long


class Params:
    """The parameters, packed: what acts on the same vector lies below one another in one array."""

    _cell: ClassVar[Cell]
    _from_spec: ClassVar[inspect.Signature]

    def __init_subclass__(cls, cell: Cell) -> None:
        """Every piece of a packed array is a view under its name."""
        cls._cell = cell
        cls._from_spec = by_name(signature_of(cell.hidden_parameter_dims, cell.constants))
        made = signed(Params.__dict__["from_spec"].__func__, ("cls", "spec"), cls._from_spec)
        cls.from_spec = classmethod(made)  # type: ignore[assignment, method-assign]
        for name, (array, place, count) in cell.views.items():
            setattr(cls, name, property(_view(array, place, count)))

    def to_spec(self) -> dict[str, Array]:
        """The parameters under the names and shapes of the equations, in memory of their own."""
        cell = type(self)._cell
        return unpacked(cell, {name: getattr(self, name) for name in cell.stored}, concatenated)

    @classmethod
    def from_spec(cls, spec: dict[str, Array], **more: Any) -> Any:
        """The opposite of `to_spec`; nothing of it is the caller's.

        Args:
            spec: Parameter of the equations → array.
            more: Constants, and the dimensions that no parameter shows by itself.

        Raises:
            ShapeError: a name or a shape that the equations do not have.
            ValueError: a constant that is no finite number.

        """
        cell, owner = cls._cell, f"{cls._cell.name}.from_spec"
        given = bound(owner, cls._from_spec, (), more)
        hidden = sizes_given(owner, {dim: given[dim] for dim in cell.hidden_parameter_dims})
        constants = numbers_given(owner, {name: given[name] for name in cell.constants})
        # NumPy's arithmetic makes numbers of arrays without axes.
        arrays = {name: np.asarray(a) if isinstance(a, np.floating) else a for name, a in spec.items()}
        sizes = sizes_in_spec(owner, arrays, cell.parameters, np.ndarray, hidden)
        return cls(**packed(cell, arrays, sizes, concatenated), **constants)


def _view(array: str, place: int, count: int) -> Callable[[Any], Array]:
    """Rows of a packed parameter, a view."""
    return lambda params: part(getattr(params, array), place, count)


def concatenated(arrays: Sequence[Array], axis: int) -> Array:
    """Arrays as one, in memory of its own."""
    return np.concatenate(arrays, axis) if len(arrays) > 1 else arrays[0].copy()


class Model:
    """The functions of a cell: `init`, `zeros`, `step`, `outputs`, `forward`, `backward`, `double_backward`.

    Args:
        cell: The cell's tables.
        records: The dataclasses Params, State, Tape, Seeds and Adjoints.
        passes: The passes outputs, forward, backward, adjoint and tangent.

    """

    def __init__(self, cell: Cell, records: Sequence[Any], passes: Sequence[Callable[..., Any]]) -> None:
        self._cell = cell
        self.Params, self.State, self.Tape, self.Seeds, self.Adjoints = records
        self.module = self.Params.__module__.split(".")[-2] if "." in self.Params.__module__ else cell.name
        self._outputs, self._forward, self._backward, self._adjoint, self._tangent = passes
        self.steps = tuple(cell.sequences.values())
        self.calls = Calls(cell, self.module, records)

    @property
    def functions(self) -> tuple[Callable[..., Any], ...]:
        """Its functions, in the order of the class docstring."""
        cell, probes = self._cell, ("probe_params", *(f"probe_{name}" for name in self.steps), "probe_state")
        backward = ("params", "tape", "d_ys", "d_state")
        arguments: dict[Callable[..., Any], inspect.Signature] = {
            self.init: signature_of(("rng", *cell.dims), {"dtype": np.float64, **cell.constants}),
            self.zeros: signature_of(("batch", *cell.state_dims), {"dtype": np.float64}),
            self.step: signature_of(("params", *cell.inputs, "state")),
            self.outputs: signature_of(("params", *self.steps, "state")),
            self.forward: signature_of(("params", *self.steps, "state")),
            self.backward: signature_of(backward),
            self.double_backward: signature_of((*backward, *probes)),
        }
        return tuple(self._public(method, signature) for method, signature in arguments.items())

    def _public(self, method: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
        """A method as a function of the cell's module, with its own signature and words."""
        owner = f"{self.module}.{method.__name__}"

        def function(*given: Any, **named: Any) -> Any:
            return method(*bound(owner, signature, given, named).values())

        function.__name__ = function.__qualname__ = method.__name__
        function.__module__ = self.Params.__module__
        function.__doc__ = (method.__doc__ or "").replace("FIRST VALUES", self._cell.first_values)
        function.__signature__ = signature  # type: ignore[attr-defined]  # what help() shows
        return function

    # -- what a sequence starts from ---------------------------------------------------------------------------------

    def init(self, rng: np.random.Generator, *rest: Any) -> Any:
        """Parameters to start from: FIRST VALUES.

        The PyTorch module starts from the same distributions, but draws other numbers; its `from_spec` takes these.
        """
        cell, owner, count = self._cell, f"{self.module}.init", len(self._cell.dims)
        sizes = sizes_given(owner, dict(zip(cell.dims, rest[:count], strict=True)))
        constants = numbers_given(owner, dict(zip(cell.constants, rest[count + 1 :], strict=True)))
        is_a(owner, "rng", rng, np.random.Generator)
        dtype = _floating(owner, rest[count])
        limit = evaluate(cell.bound, sizes) ** -0.5

        def rule(piece: Array, start: Start | None) -> None:
            made = (
                RULES[start.rule](rng, piece.shape, *start.numbers)
                if start
                else rng.uniform(-limit, limit, piece.shape)
            )
            piece[...] = made

        arrays = {name: np.empty(_shape(stored.axes, sizes)) for name, stored in cell.stored.items()}
        for name, array in arrays.items():
            fill(cell, name, array, sizes, rule)
        return self.Params(**{name: array.astype(dtype) for name, array in arrays.items()}, **constants)

    def zeros(self, batch: int, *rest: Any) -> Any:
        """States of zeros."""
        cell, owner = self._cell, f"{self.module}.zeros"
        sizes = sizes_given(owner, dict(zip(cell.state_dims, rest[:-1], strict=True)))
        shapes = (_shape(axes, sizes) for axes in cell.states.values())
        return self.State(*(np.zeros((batch, *shape), _floating(owner, rest[-1])) for shape in shapes))

    # -- passes ------------------------------------------------------------------------------------------------------

    def step(self, params: Any, *rest: Any) -> Any:
        """One step: the new states; of a cell that emits something else, the output and the new states."""
        *inputs, state = rest
        for name, value in zip(self._cell.inputs, inputs, strict=True):
            is_a(f"{self.module}.step", name, value, np.ndarray)
        ys, state = self.outputs(params, *(value[None] for value in inputs), state)
        return (ys[0], state) if self._cell.emits else state

    def outputs(self, params: Any, *rest: Any) -> Any:
        """A whole sequence without a tape: the outputs and the states after the last step.

        Raises:
            ShapeError: an argument does not fit the equations, or has another dtype than the parameters.

        """
        return self.calls.checked("outputs", self._in_pieces, (params, *rest))

    def forward(self, params: Any, *rest: Any) -> Any:
        """A whole sequence: the outputs, the states after the last step, and the tape for `backward`.

        Raises:
            ShapeError: an argument does not fit the equations, or has another dtype than the parameters.

        """
        return self.calls.checked("forward", self._forward, (params, *rest))

    def backward(self, params: Any, tape: Any, d_ys: Array, d_state: Any) -> Any:
        """Gradients of parameters, inputs and first states, from the cotangents of the outputs and of the last states.

        Raises:
            ShapeError: an argument does not fit the equations, or has another dtype than the parameters.

        """
        return self.calls.checked("backward", self._backward, (params, tape, d_ys, d_state))

    def double_backward(self, params: Any, tape: Any, d_ys: Array, d_state: Any, *probe: Any) -> Any:
        """Gradients of <probe, backward(...)>, the scalar product of the probe with all results of `backward`.

        Returns:
            Those of parameters, inputs and first states, then those of `d_ys` and `d_state`.

        Raises:
            ShapeError: an argument does not fit the equations, or has another dtype than the parameters.

        """
        return self.calls.checked("double_backward", self._twice, (params, tape, d_ys, d_state, *probe))

    def _in_pieces(self, sizes: Sizes, params: Any, *rest: Any) -> Any:
        """The outputs pass over some steps after the other."""
        *inputs, state = rest
        time = len(inputs[0])
        if time <= STEPS:
            return self._outputs(sizes, params, *inputs, state)
        whole: Array | None = None
        for at in range(0, time, STEPS):
            ys, state = self._outputs(sizes, params, *(xs[at : at + STEPS] for xs in inputs), state)
            whole = np.empty((time, *ys.shape[1:]), ys.dtype) if whole is None else whole
            whole[at : at + STEPS] = ys
        return whole, state

    def _twice(self, sizes: Sizes, params: Any, tape: Any, d_ys: Array, d_state: Any, *probe: Any) -> Any:
        """The adjoint pass seeded by `d_ys`, the tangent pass, and the adjoint pass seeded by what that found."""
        steps, count = d_ys.shape[:2], len(self.steps)
        seeds = self.Seeds(d_ys, *(np.broadcast_to(d_ys.dtype.type(0), (*steps, *s)) for s in self._seed_shapes(sizes)))
        *_, adjoints = self._adjoint(sizes, params, tape, seeds, d_state)
        sums, d_d_ys, d_d_state, found = self._tangent(sizes, params, tape, d_ys, adjoints, *probe)
        nothing = self.State(*(np.zeros_like(array) for array in vars(d_state).values()))
        d_params, *rest, _ = self._adjoint(sizes, params, tape, found, nothing)
        for name in self._cell.stored:
            setattr(d_params, name, np.asarray(getattr(d_params, name) + getattr(sums, name)))
        return (d_params, *rest[:count], rest[count], d_d_ys, d_d_state)

    def _seed_shapes(self, sizes: Sizes) -> list[tuple[int, ...]]:
        """The shapes of all seeds but that of the output, which is the first."""
        known = dict(zip(self._cell.dims, sizes, strict=True))
        axes = [text.split()[2:] for text in list(axes_of(self.Seeds).values())[1:]]
        return [tuple(evaluate(text, known) for text in own) for own in axes]


def _shape(axes: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(evaluate(text, sizes) for text in axes.split())


def _floating(owner: str, dtype: Any) -> Any:
    if not np.issubdtype(dtype, np.floating):
        raise ValueError(f"{owner}: dtype {dtype!r} is no floating dtype")
    return dtype
