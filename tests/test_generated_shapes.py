"""Generated PyTorch code on tensors without data whose sizes are symbols: the shapes hold for all sizes, not for some.

A guard is what PyTorch would assume of a symbol to go on (that it is not 1, that two are equal); none may be needed.
"""

import inspect
import itertools
import typing

import pytest
from helpers import CELLS, NIGHTLY, altered, every_cell, runner, torch_module

from lstmspec.emit import BACKENDS
from lstmspec.procedure import PASSES, Lead, Model, Record, procedures

(SYMBOLIC,) = (backend for backend in BACKENDS if backend.name == "torch")  # the one whose arrays can have such sizes
# A third of the passes of all cells, in turns; with LSTMSPEC_NIGHTLY=1 all.
PLANS = [
    (name, pass_)
    for at, (name, pass_) in enumerate(itertools.product(CELLS, PASSES))
    if NIGHTLY or at % 3 == 0  # 3 does not divide the number of passes: each pass is met in every third cell
]


def made(cell, name):
    """A model and one of its procedures."""
    model = Model(cell.system)
    return model, next(procedure for procedure in procedures(model) if procedure.name == name)


@pytest.mark.parametrize(("cell", "name"), PLANS)
def test_results_have_their_declared_shapes_at_all_sizes(cell, name):
    model, procedure = made(CELLS[cell], name)
    assert procedure.results
    assert runner(CELLS[cell], SYMBOLIC).misshapen(procedure, model.dims) == []


@every_cell
@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_annotations_are_what_the_checker_solved(cell, backend):
    module, shapes, system = runner(cell, backend).module, cell.shapes.of, cell.system

    def axes(name, lead):
        return " ".join((lead, *map(str, shapes[name]))).strip()

    def said(record):
        hints = typing.get_type_hints(getattr(module, record), include_extras=True).items()
        return {name: hint.dim_str for name, hint in hints if hasattr(hint, "dim_str")}

    signature = inspect.signature(module._outputs)
    sequences = [p.annotation.dim_str for p in signature.parameters.values() if hasattr(p.annotation, "dim_str")]
    assert sequences == [axes(name, "time batch") for name in system.inputs]
    assert typing.get_args(signature.return_annotation)[0].dim_str == axes(system.output, "time batch")
    assert said("State") == {str(name): axes(name, "batch") for name in system.states}
    tape, model = said("Tape"), Model(system)
    leads = {Lead.NONE: "", Lead.STEPS: "time batch", Lead.HISTORY: "time+1 batch"}
    fields = dict(zip((*system.inputs, *model.taped), model.tape.fields, strict=True))
    own = {name: field for name, field in fields.items() if name in shapes}  # others are parts of a packed equation
    assert own and {name: tape[field.name] for name, field in own.items()} == {
        name: axes(name, leads[field.lead]) for name, field in own.items()
    }


@every_cell
def test_each_gradient_is_declared_like_what_it_is_the_gradient_of(cell):
    known = {procedure.name: procedure for procedure in procedures(Model(cell.system))}

    def shapes(types):
        fields = (field for type_ in types for field in (type_.fields if isinstance(type_, Record) else (type_,)))
        return [(field.lead, field.shape) for field in fields]

    given = shapes(argument.type for argument in known["outputs"].arguments)  # parameters, inputs, first states
    results = shapes(result.type for result in known["outputs"].results)
    params, state = given[: -len(cell.system.states)], given[-len(cell.system.states) :]
    assert shapes(result.type for result in known["backward"].results) == params + state
    assert shapes(result.type for result in known["adjoint"].results)[: len(given)] == given
    parameters = shapes([known["outputs"].arguments[0].type])
    second = shapes(result.type for result in known["tangent"].results)
    assert second[: len(parameters) + len(results)] == parameters + results  # of parameters, and of the cotangents
    assert results[1:] == state


DIFFERS, REFUSED, ASSUMES = "declared", "expand|reduction dim|size|shape", "assumes"
FAULTS = {
    "outputs with the first state": ("forward", "return all_h[1:].clone(),", "return all_h,", DIFFERS),
    "a gradient transposed": (
        "backward", "d_W_x = flat(all_d_a).T @ flat(tape.xs)", "d_W_x = flat(tape.xs).T @ flat(all_d_a)", DIFFERS
    ),
    "a sum over time alone": ("backward", "all_d_a.sum(dim=(0, 1))", "all_d_a.sum(dim=0)", DIFFERS),
    "a gate too wide": ("forward", "torch.sigmoid(a[..., :k])", "torch.sigmoid(a[..., : 2 * k])", REFUSED),
    "a gate too narrow": ("forward", "torch.sigmoid(a[..., :k])", "torch.sigmoid(a[..., 1:k])", REFUSED),
    "a vector of the hidden size": ("tangent", "tape.xs @ probe_params.W_x.T", "d_ys @ probe_params.W_x.T", REFUSED),
    "a size taken for another": ("forward", "    _, k = sizes\n", "    k, _ = sizes\n", REFUSED),
    "right at some sizes": ("forward", "    _, k = sizes\n", "    n, k = sizes\n    k = min(n, k)\n", ASSUMES),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault):
    name, old, new, said = FAULTS[fault]
    model, procedure = made(CELLS["LSTM"], name)
    wrong = SYMBOLIC.load(altered(torch_module(CELLS["LSTM"]), (old, new)), "cpu").misshapen(procedure, model.dims)
    assert wrong
    assert any(word in line for line in wrong for word in said.split("|")), wrong
