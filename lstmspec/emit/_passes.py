"""The flat functions of a module: arrays in, arrays out, one for each pass.

They are what run-time checks guard and what dataclasses, modules and autograd functions wrap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..language import sequence_name, spelled
from ..nodes import Name
from ..program import OUTPUT, Program
from ._body import Body, Sources
from ._model import Field, Model, SizeSource, sources
from ._printer import shape_code
from ._spelling import Spelling


@dataclass(frozen=True)
class Flat:
    """A function over arrays.

    Attributes:
        name: Its name.
        doc: Its docstring's line.
        parameters: The stored arrays, which are its first arguments.
        constants: The names of its next arguments, numbers.
        arrays: Its other arguments.
        body: Statements.
        results: The code of each result with its annotation.
        sources: How the sizes are read off the arguments.

    """

    name: str
    doc: str
    parameters: tuple[Field, ...]
    constants: tuple[str, ...]
    arrays: tuple[Field, ...]
    body: tuple[str, ...]
    results: tuple[tuple[str, Field], ...]
    sources: tuple[SizeSource, ...]


def outputs(model: Model, spelling: Spelling) -> Flat:
    """Outputs and final states alone."""
    body = _primal(model, model.outputs, spelling)
    own = body.stack(model.system.output)
    # What the pass did not allocate itself is copied: users may change outputs, but not their inputs by that.
    ys = own if own.startswith("all_") else spelling.copy.format(own)
    results = [(ys, model.output), *((body.final(field.name), field) for field in model.states)]
    statements = _opened(model, spelling, body.statements(), results)
    doc = "Outputs and final states; nothing is kept for a backward pass."
    return _flat(model, "_outputs", doc, (*model.inputs, *model.states), statements, results)


def forward(model: Model, spelling: Spelling) -> Flat:
    """Outputs, final states and the tape."""
    body = _primal(model, model.forward, spelling)
    # A copy: what users do to the outputs must not reach the tape.
    results = [(spelling.copy.format(body.stack(model.system.output)), model.output)]
    results += [(body.final(field.name), field) for field in model.states]
    results += [(_whole(body, name), field) for name, field in model.tape.items()]
    statements = _opened(model, spelling, body.statements(), results)
    doc = "Outputs, final states, and what the backward pass needs."
    return _flat(model, "_forward", doc, (*model.inputs, *model.states), statements, results)


def _primal(model: Model, program: Program, spelling: Spelling) -> Body:
    given: dict[str, str] = {n: field.name for n, field in zip(model.system.inputs, model.inputs, strict=True)}
    return Body(program, spelling, Sources(given, _same(model.system.states)))


def backward(model: Model, spelling: Spelling) -> Flat:
    """Gradients of parameters, inputs and first states."""
    given: dict[str, str] = {OUTPUT.upstream(): "d_ys"}
    given.update((name, model.from_tape(name)) for name in model.passes.tape)
    starts: dict[str, str | None] = {state.next.upstream(): f"d_state_{state}" for state in model.system.states}
    body = Body(model.backward, spelling, Sources(given, starts))
    results = _gradients(model, body)
    statements = _opened(model, spelling, body.statements(), results)
    arrays = (*model.inputs, *_saved(model), *_cotangents(model))
    return _flat(
        model, "_backward", "Gradients, from the cotangents of outputs and final states.", arrays, statements, results
    )


def double_backward(model: Model, spelling: Spelling) -> Flat:
    """Gradients of the scalar product of `backward`'s results with probe."""
    given: dict[str, str] = {OUTPUT.upstream(): "d_ys"}
    given.update((name, model.from_tape(name)) for name in model.passes.tape)
    starts: dict[str, str | None] = {state.next.upstream(): f"d_state_{state}" for state in model.system.states}
    first = Body(model.recording, spelling, Sources(given, starts))
    statements = ["# -- the backward pass again, with its values kept", *first.statements()]

    recorded: dict[str, str] = {name: first.stack(name) for name in model.recording.stacked}
    seeds: dict[str, str] = {
        name.adjoint().upstream("M"): f"probe_{sequence_name(name)}" for name in model.system.inputs
    }
    seeds |= {Name(field.name).adjoint().upstream("M"): f"probe_{field.name}" for field in model.parameters}
    begin: dict[str, str | None] = {
        state.adjoint().upstream("M"): f"probe_state_{state}" for state in model.system.states
    }
    second = Body(model.tangent, spelling, Sources(given | recorded | seeds, begin))
    statements += ["# -- the adjoint of the backward pass, forward in time", *second.statements()]
    # Sums are taken here: the next pass has variables of the same names.
    sums = {name: f"total_{spelled(name)}" for name in model.tangent.summed}
    statements += [f"{variable} = {second.total(name)}" for name, variable in sums.items()]
    stacks: dict[str, str] = {name: second.stack(name) for name in model.tangent.stacked}
    moved = {symbol: second.final(symbol) for symbol in model.tangent.carries}

    third = Body(model.again, spelling, Sources(given | stacks, {}))
    statements += ["# -- the adjoint of the forward pass, from what the last pass found", *third.statements()]
    results = _gradients(model, third)
    names = [Name(field.name).adjoint("M") for field in model.parameters]
    for place, name in enumerate(names):
        if name in sums:
            results[place] = _summed(spelling, f"{sums[name]} + {results[place][0]}", results[place][1])
    output = replace(model.output, name="d_ys")
    reached = OUTPUT.upstream().adjoint("M")
    results.append((stacks.get(reached, _zeros(spelling, model.output, "time, batch")), output))
    for field in model.states:
        code = moved.get(Name(field.name).adjoint().upstream("M"), _zeros(spelling, field, "batch"))
        results.append((code, replace(field, name=f"d_state_{field.name}")))
    statements = _opened(model, spelling, statements, results)
    arrays = (*model.inputs, *_saved(model), *_cotangents(model), *_contracted(model))
    doc = "Gradients of the scalar product of all results of `_backward` with probe."
    return _flat(model, "_double_backward", doc, arrays, statements, results)


# -- parts -----------------------------------------------------------------------------------------------------------


def _flat(
    model: Model,
    name: str,
    doc: str,
    arrays: Iterable[Field],
    statements: Iterable[str],
    results: Sequence[tuple[str, Field]],
) -> Flat:
    constants = tuple(symbol.name for symbol in model.constants)
    given = tuple(arrays)
    shown = sources(model.dims, (*model.parameters, *given))
    if missing := [dim for dim in model.dims if dim not in {source.dim for source in shown}]:
        raise LookupError(f"no array shows dimension `{missing[0]}`; give a parameter or a state an axis of that size")
    return Flat(name, doc, model.parameters, constants, given, tuple(statements), tuple(results), shown)


def _saved(model: Model) -> tuple[Field, ...]:
    return tuple(replace(field, name=f"all_{field.name}") for field in model.tape.values())


def _cotangents(model: Model) -> tuple[Field, ...]:
    states = (replace(field, name=f"d_state_{field.name}") for field in model.states)
    return (replace(model.output, name="d_ys"), *states)


def _contracted(model: Model) -> tuple[Field, ...]:
    fields = (*model.parameters, *model.inputs)
    states = (replace(field, name=f"probe_state_{field.name}") for field in model.states)
    return (*(replace(field, name=f"probe_{field.name}") for field in fields), *states)


def _gradients(model: Model, body: Body) -> list[tuple[str, Field]]:
    """Gradients of parameters, inputs and first states, in this order."""
    results: list[tuple[str, Field]] = []
    for field in model.parameters:
        code = body.total(Name(field.name).adjoint())
        results.append(_summed(body.spelling, code, replace(field, name=f"d_{field.name}")))
    for name, field in zip(model.system.inputs, model.inputs, strict=True):
        results.append((body.stack(Name(name).adjoint()), replace(field, name=f"d_{field.name}")))
    for field in model.states:
        results.append((body.final(Name(f"{field.name}.next").upstream()), replace(field, name=f"d_{field.name}")))
    return results


def _summed(spelling: Spelling, code: str, field: Field) -> tuple[str, Field]:
    """A result that is a sum; that of scalars must stay an array."""
    return (code if field.shape else spelling.scalar_result.format(code), field)


def _whole(body: Body, name: str) -> str:
    """A field of the tape: for a carried value the whole array, the first value included."""
    return f"all_{spelled(name)}" if name in body.kept else body.stack(name)


def _zeros(spelling: Spelling, field: Field, lead: str) -> str:
    return spelling.zeros.format(shape_code(field.shape, lead))


def _opened(
    model: Model, spelling: Spelling, statements: Iterable[str], results: Iterable[tuple[str, Field]]
) -> list[str]:
    """The statements with, in front, the sizes and constants that they use."""
    body = list(statements)
    code = "\n".join(line for line in body if not line.lstrip().startswith("#"))
    used = set(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", "\n".join([code, *(result for result, _ in results)])))
    opening: list[str] = []
    sizes = [dim if dim in used else "_" for dim in model.dims]
    if any(size != "_" for size in sizes):
        opening.append(f"{', '.join(sizes)}{',' if len(sizes) == 1 else ''} = sizes.shape")
    opening.append(
        f"time, batch = {model.inputs[0].name}.shape[:2]" if "batch" in used else f"time = len({model.inputs[0].name})"
    )
    like = (*model.parameters, *model.inputs)[0].name
    opening += [
        f"{name} = {like}.{name}"
        for name in ("dtype", "device")
        if name in used or (name == "dtype" and set(used) & {symbol.name for symbol in model.constants})
    ]
    opening += [
        f"{symbol.name} = {spelling.scalar.format(symbol.name)}" for symbol in model.constants if symbol.name in used
    ]
    return [*opening, *body]


def _same(names: Iterable[str]) -> dict[str, str | None]:
    return {name: name for name in names}
