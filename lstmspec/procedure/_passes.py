"""The procedures of a model: the passes of which its functions are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ..nodes import Name
from ..program import Program, Recurrence, schedule
from ..sizes import Shape
from ._expr import At, Buffer, Constant, Copy, Expr, Fill, Lead, Read
from ._lowering import Given, Lowering
from ._model import Model
from ._ownership import owned
from ._procedure import Argument, Procedure, Record, Result


def procedures(model: Model) -> tuple[Procedure, ...]:
    """All of a model's procedures, in the order in which they call for one another's results."""
    return tuple(make(model) for make in PASSES.values())


def outputs(model: Model) -> Procedure:
    """Outputs and last states; nothing is kept."""
    program = _scheduled(model, model.passes.outputs, keep=True)
    lowering = _forward(model, program, {program.target(Name(model.system.output)): "ys"})
    results = (_emitted(model, lowering), _states(model, "state", lowering))
    return _made(model, "outputs", "Outputs and last states; nothing is kept for a backward pass.",
                 _forward_arguments(model), lowering, results)  # fmt: skip


def forward(model: Model) -> Procedure:
    """Outputs, last states and the tape."""
    program = _scheduled(model, model.passes.forward, keep=True)
    lowering = _forward(model, program, {})
    inputs = [_read(buffer) for buffer in model.inputs]
    kept = [lowering.whole(name) for name in model.taped]
    tape = Result("tape", model.tape, (*inputs, *kept))
    results = (_emitted(model, lowering), _states(model, "state", lowering), tape)
    return _made(model, "forward", "Outputs, last states, and what the backward passes need.",
                 _forward_arguments(model), lowering, results)  # fmt: skip


def backward(model: Model) -> Procedure:
    """Gradients of parameters, inputs and first states."""
    program = _scheduled(model, model.passes.backward)
    d_ys = replace(model.outputs, name="d_ys")
    given = _parameters(model) | _from_tape(model) | {model.system.output.seed: Given(d_ys)}
    lowering = Lowering(program, given, _cotangents(model))
    arguments = (*_parameters_and_tape(model), Argument("d_ys", d_ys), _argument("d_state", model.state))
    return _made(model, "backward", "Gradients, from the cotangents of outputs and last states.",
                 arguments, lowering, _gradients(model, lowering))  # fmt: skip


def adjoint(model: Model) -> Procedure:
    """Gradients as of `backward`, from cotangents of all values, and the adjoints of values."""
    program = _scheduled(model, model.passes.adjoint)
    seeds = zip(model.passes.seeded, model.seeds.fields, strict=True)
    given = _parameters(model) | _from_tape(model) | {name.seed: Given(buffer) for name, buffer in seeds}
    lowering = Lowering(program, given, _cotangents(model))
    arguments = (*_parameters_and_tape(model), _argument("seeds", model.seeds), _argument("d_state", model.state))
    recorded = tuple(lowering.every(name.adjoint()) for name in model.passes.recorded)
    results = (*_gradients(model, lowering), Result("adjoints", model.adjoints, recorded))
    return _made(model, "adjoint", "The backward pass with a cotangent of every value; adjoints of values are kept.",
                 arguments, lowering, results)  # fmt: skip


def tangent(model: Model) -> Procedure:
    """The adjoint of `backward`: cotangents of the values that it reads, from those of its results."""
    program = _scheduled(model, model.passes.tangent)
    d_ys = replace(model.outputs, name="d_ys")
    probes = [replace(buffer, name=f"probe_{buffer.name}") for buffer in model.inputs]
    held = _held("probe_params", model.params)
    adjoints = zip(model.passes.recorded, model.adjoints.fields, strict=True)
    given = _parameters(model) | _from_tape(model) | {model.system.output.seed: Given(d_ys)}
    given |= {name.adjoint(): Given(buffer) for name, buffer in adjoints}
    given |= {name.probe: Given(buffer) for name, buffer in zip(model.system.inputs, probes, strict=True)}
    given |= {Name(buffer.name).probe: _read(buffer) for buffer in held.fields}
    first = zip(model.system.states, _held("probe_state", model.state).fields, strict=True)
    starts = {name.adjoint().upstream("M"): _copied(buffer) for name, buffer in first}
    lowering = Lowering(program, given, starts)
    arguments = (*_parameters_and_tape(model), Argument("d_ys", d_ys), _argument("adjoints", model.adjoints),
                 _argument("probe_params", model.params), *(Argument(buffer.name, buffer) for buffer in probes),
                 _argument("probe_state", model.state))  # fmt: skip
    return _made(model, "tangent", "The adjoint of the backward pass: cotangents of what it reads.",
                 arguments, lowering, _second(model, lowering))  # fmt: skip


PASSES: Mapping[str, Callable[[Model], Procedure]] = {
    "outputs": outputs,
    "forward": forward,
    "backward": backward,
    "adjoint": adjoint,
    "tangent": tangent,
}


# -- arguments -------------------------------------------------------------------------------------------------------


def _held(argument: str, record: Record) -> Record:
    """A record with its fields as those of an argument of that name."""
    return replace(record, fields=tuple(replace(buffer, record=argument) for buffer in record.fields))


def _argument(name: str, record: Record) -> Argument:
    return Argument(name, _held(name, record))


def _parameters_and_tape(model: Model) -> tuple[Argument, ...]:
    return (_argument("params", model.params), _argument("tape", model.tape))


def _forward_arguments(model: Model) -> tuple[Argument, ...]:
    inputs = (Argument(buffer.name, buffer) for buffer in model.inputs)
    return (_argument("params", model.params), *inputs, _argument("state", model.state))


def _read(buffer: Buffer) -> Expr:
    return Read(buffer.shape, buffer.lead, buffer, At.WHOLE)


def _copied(buffer: Buffer) -> Expr:
    """A first value that the loop may carry on as it is, of no steps: the result is not the argument."""
    return Copy(buffer.shape, buffer.lead, _read(buffer))


def _parameters(model: Model) -> dict[Name, Given | Expr]:
    found: dict[Name, Given | Expr] = {Name(buffer.name): _read(buffer) for buffer in model.params.fields}
    return found | {symbol.name: Constant((), Lead.NONE, str(symbol.name), "params") for symbol in model.constants}


def _from_tape(model: Model) -> dict[Name, Given | Expr]:
    found: dict[Name, Given | Expr] = {}
    names = (*model.system.inputs, *model.taped)
    for name, buffer in zip(names, model.tape.fields, strict=True):
        found[name] = _read(buffer) if buffer.lead is Lead.NONE else Given(buffer)
        if buffer.lead is Lead.HISTORY:
            found[name.next] = Given(buffer, after=True)
    return found


def _cotangents(model: Model) -> dict[Name, Expr]:
    """The cotangents of the last states, with which a backward pass starts."""
    fields = zip(model.system.states, _held("d_state", model.state).fields, strict=True)
    return {name.next.upstream(): _copied(buffer) for name, buffer in fields}


# -- parts -----------------------------------------------------------------------------------------------------------


def _scheduled(model: Model, recurrence: Recurrence, *, keep: bool = False) -> Program:
    return schedule(recurrence, keep=tuple(model.system.equations) if keep else ())


def _forward(model: Model, program: Program, called: Mapping[Name, str]) -> Lowering:
    given = _parameters(model) | {n: Given(b) for n, b in zip(model.system.inputs, model.inputs, strict=True)}
    starts = {n: _copied(b) for n, b in zip(model.system.states, model.state.fields, strict=True)}
    return Lowering(program, given, starts, called)


def _made(
    model: Model, name: str, doc: str, arguments: tuple[Argument, ...], lowering: Lowering, results: Iterable[Result]
) -> Procedure:
    before, loop, after = lowering.before(), lowering.loop(), lowering.after_loop()
    aliases = lowering.aliases((*before, *loop.body, *after))
    made = Procedure(name, doc, arguments, before, lowering.allocations(), loop, after, tuple(results), aliases)
    return owned(made)


def _emitted(model: Model, lowering: Lowering) -> Result:
    return Result("ys", model.outputs, (lowering.every(Name(model.system.output)),))


def _states(model: Model, name: str, lowering: Lowering) -> Result:
    return Result(name, model.state, tuple(lowering.final(state) for state in model.system.states))


def _gradients(model: Model, lowering: Lowering) -> tuple[Result, ...]:
    """Gradients of parameters, inputs and first states, in this order."""
    params = Result("d_params", model.params, tuple(lowering.sum(Name(b.name).adjoint()) for b in model.params.fields))
    inputs = (
        Result(f"d_{buffer.name}", replace(buffer, name=f"d_{buffer.name}"), (lowering.every(name.adjoint()),))
        for name, buffer in zip(model.system.inputs, model.inputs, strict=True)
    )
    states = tuple(lowering.final(state.next.upstream()) for state in model.system.states)
    return (params, *inputs, Result("d_state", model.state, states))


def _second(model: Model, lowering: Lowering) -> tuple[Result, ...]:
    """What the tangent pass finds: sums for parameters, cotangents of the cotangents, seeds for the adjoint pass."""
    program, none = lowering.program, Lead.NONE
    zeros = {buffer.name: Fill(buffer.shape, none, 0.0) for buffer in model.params.fields}
    sums = [
        lowering.sum(Name(b.name).adjoint("M")) if Name(b.name).adjoint("M") in program.summed else zeros[b.name]
        for b in model.params.fields
    ]
    output = model.system.output.seed.adjoint("M")
    emitted = lowering.every(output) if output in program.stacked else _zero(Lead.STEPS, model.outputs.shape)
    states = tuple(lowering.final(state.adjoint().upstream("M")) for state in model.system.states)
    seeds = [
        lowering.every(name.adjoint("M")) if name.adjoint("M") in program.stacked else _zero(Lead.STEPS, buffer.shape)
        for name, buffer in zip(model.passes.seeded, model.seeds.fields, strict=True)
    ]
    return (
        Result("d_params", model.params, tuple(sums)),
        Result("d_ys", replace(model.outputs, name="d_ys"), (emitted,)),
        Result("d_state", model.state, states),
        Result("seeds", model.seeds, tuple(seeds)),
    )


def _zero(lead: Lead, shape: Shape) -> Expr:
    return Fill(shape, lead, 0.0)
