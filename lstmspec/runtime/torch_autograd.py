"""The derived gradients as autograd functions: of a sequence, of its gradient, and of that one's gradient."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .cell import Cell
from .sizes import evaluate

Sizes = tuple[Any, ...]


@dataclass(frozen=True)
class Passes:
    """The passes of a cell over flat tensors: parameters, inputs, states, and so on, in the order of the tables.

    Attributes:
        cell: The cell's tables.
        records: The named tuples Params, State, Tape, Seeds and Adjoints.
        functions: The passes outputs, forward, backward, adjoint and tangent.

    """

    cell: Cell
    records: Sequence[Any]
    functions: Sequence[Callable[..., Any]]

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many parameters, inputs and states there are."""
        return len(self.cell.stored), len(self.cell.inputs), len(self.cell.states)

    def cut(self, tensors: Sequence[Any], *counts: int) -> list[tuple[Any, ...]]:
        """Tensors in groups of so many, and the rest."""
        groups, at = [], 0
        for count in counts:
            groups.append(tuple(tensors[at : at + count]))
            at += count
        return [*groups, tuple(tensors[at:])]

    def sequence(self, index: int, sizes: Sizes, constants: Sequence[float], tensors: Sequence[Tensor]) -> Any:
        """The outputs pass (0) or the forward pass (1) over parameters, inputs and states."""
        params, inputs, state, _ = self.cut(tensors, *self.counts)
        return self.functions[index](sizes, self.records[0](*params, *constants), *inputs, self.records[1](*state))

    def gradient(self, sizes: Sizes, constants: Sequence[float], tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The backward pass over parameters, inputs, what the tape has besides, and cotangents."""
        params, tape, (d_ys, *d_state) = self.cut(tensors, self.counts[0], self._taped)
        d_params, *rest, states = self.functions[2](
            sizes, self.records[0](*params, *constants), self.records[2](*tape), d_ys, self.records[1](*d_state)
        )
        return (*first(d_params, self.counts[0]), *rest, *states)

    def second_gradient(
        self, sizes: Sizes, constants: Sequence[float], tensors: Sequence[Tensor]
    ) -> tuple[Tensor, ...]:
        """Gradients of <probes, gradient>: those of parameters, inputs, first states, and of the cotangents.

        The adjoint pass seeded by the cotangent of the outputs, the tangent pass, and the adjoint pass seeded by what
        that found.
        """
        weights, inputs, states = self.counts
        new_params, new_state, new_tape, new_seeds, _ = self.records
        groups = self.cut(tensors, weights, self._taped, 1, states, weights, inputs)
        own, taped, (d_ys,), d_last, probe_params, probe_inputs, probe_state = groups
        params, tape, d_state = new_params(*own, *constants), new_tape(*taped), new_state(*d_last)
        zero = d_ys.new_zeros(())
        nothing = (zero.expand((*d_ys.shape[:2], *shape)) for shape in self._seed_shapes(sizes))
        _, _, _, adjoint, tangent = self.functions
        *_, adjoints = adjoint(sizes, params, tape, new_seeds(d_ys, *nothing), d_state)
        probes = (new_params(*probe_params, *constants), *probe_inputs, new_state(*probe_state))
        sums, d_d_ys, d_d_state, seeds = tangent(sizes, params, tape, d_ys, adjoints, *probes)
        last = new_state(*(torch.zeros_like(part) for part in d_last))
        d_params, *rest, d_first, _ = adjoint(sizes, params, tape, seeds, last)
        totals = (one + other for one, other in zip(first(d_params, weights), first(sums, weights), strict=True))
        return (*totals, *rest, *d_first, d_d_ys, *d_d_state)

    @property
    def _taped(self) -> int:
        return len(self.records[2]._fields)

    def _seed_shapes(self, sizes: Sizes) -> list[tuple[Any, ...]]:
        """The shapes of all seeds but that of the output, which is the first, behind time and batch."""
        known = dict(zip(self.cell.dims, sizes, strict=True))
        hints = list(self.records[3].__annotations__.values())[1:]
        return [tuple(evaluate(text, known) for text in hint.dim_str.split()[2:]) for hint in hints]


def first(record: Sequence[Tensor], count: int) -> tuple[Tensor, ...]:
    """The first fields of a record; by way of a tuple, since older PyTorch cannot trace a slice of the record."""
    return tuple(record)[:count]


def apply(function: type[torch.autograd.Function], *arguments: Any) -> Any:
    """The results of an autograd function."""
    run: Callable[..., Any] = function.apply
    return run(*arguments)


class RunSequence(torch.autograd.Function):
    """The forward pass, whose backward pass is the derived one."""

    @staticmethod
    def forward(ctx: Any, passes: Passes, sizes: Sizes, constants: Sequence[float], *tensors: Tensor) -> Any:
        """Outputs and last states, of parameters, inputs and first states."""
        ys, state, tape = passes.sequence(1, sizes, constants, tensors)
        ctx.given = (passes, sizes, constants)
        ctx.save_for_backward(*tensors, *tuple(tape)[passes.counts[1] :])
        return (ys, *state)

    @staticmethod
    def backward(ctx: Any, *d_results: Tensor) -> Any:
        """Gradients, by a function that can be differentiated again."""
        return (None, None, None, *apply(Gradient, *ctx.given, *ctx.saved_tensors, *d_results))


class Gradient(torch.autograd.Function):
    """The backward pass, whose backward pass is derived too. First states only take part in differentiation."""

    @staticmethod
    def forward(ctx: Any, passes: Passes, sizes: Sizes, constants: Sequence[float], *tensors: Tensor) -> Any:
        """Gradients of parameters, inputs and first states."""
        weights, inputs, states = passes.counts
        before, _, after = passes.cut(tensors, weights + inputs, states)
        ctx.given = (passes, sizes, constants)
        ctx.save_for_backward(*before, *after)
        return passes.gradient(sizes, constants, (*before, *after))

    @staticmethod
    def backward(ctx: Any, *probes: Tensor) -> Any:
        """Gradients of the scalar product with the probes."""
        passes = ctx.given[0]
        weights, inputs, states = passes.counts
        found = apply(SecondGradient, *ctx.given, *ctx.saved_tensors, *probes)
        kept = len(ctx.saved_tensors) - weights - inputs - 1 - states
        return (None, None, None, *found[: weights + inputs + states], *[None] * kept, *found[-1 - states :])


class SecondGradient(torch.autograd.Function):
    """The backward pass of the backward pass, in the graph so that a third derivative is refused, not wrong."""

    @staticmethod
    def forward(ctx: Any, passes: Passes, sizes: Sizes, constants: Sequence[float], *tensors: Tensor) -> Any:
        """Gradients of <probes, gradients>."""
        ctx.name = passes.cell.name
        return passes.second_gradient(sizes, constants, tensors)

    @staticmethod
    def backward(ctx: Any, *probes: Tensor) -> Any:
        """Refuse. Raises RuntimeError."""
        raise RuntimeError(f"{ctx.name}: a third derivative is not derived; the first and the second are")
