"""Models with faults: planted in a cell's procedures, printed by a backend, and run like those that are right."""

import functools

from lstmspec.emit import cell_of, drafted, package_of, source_of
from lstmspec.procedure import Model, procedures
from lstmspec.proofs import CHECKS, Planted, faults, files_of


@functools.cache
def model_of(cell):
    """A cell's model and its procedures, by their names."""
    model = Model(cell.system)
    return model, {procedure.name: procedure for procedure in procedures(model)}


@functools.cache
def faults_of(cell, name):
    """Every fault of a pass."""
    _, made = model_of(cell)
    return tuple(faults(made[name]))


def planted(cell, backend, found):
    """A model for each fault."""
    model, made = model_of(cell)
    trials = [Planted(backend, fault, f"{model.folder}_fault{at}") for at, fault in enumerate(found)]
    files = files_of(model, tuple(made.values()), source_of(cell_of(model)), trials)
    with package_of({**drafted([cell.system], [backend]), **files}) as package:
        return [backend.runner(package, trial.folder) for trial in trials]


def checks_of(name):
    """What runs a pass, the results that it gives by itself first."""
    return [check for check in CHECKS if name in check.passes]


def with_any_parameters(case):
    """Other values than a model starts from, some of which are all alike."""
    return case.with_(**case.take(case.cell.system.parameters, case.v))
