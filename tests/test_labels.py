"""The labels of generated code: whatever a label speaks of has a label itself, is given, or is told to be another."""

from dataclasses import replace

import pytest
from helpers import CELLS, every_cell

from lstmspec.nodes import Name, names_in
from lstmspec.procedure import PASSES, Model, procedures

CHECKED = ("backward", "adjoint")  # where all adjoints that are spoken of are made, or come from the step after


def untold(procedure):
    """The adjoints that labels speak of and that nothing tells."""
    labels = [line.label for line in procedure.assignments]
    told = {label.name for label in labels} | {name for name, _ in procedure.aliases}
    spoken = dict.fromkeys(name for label in labels for name in names_in(label.expr))
    return [name for name in spoken if str(name).startswith("dL/") and name not in told]


def made(cell, name):
    return next(one for one in procedures(Model(cell.system)) if one.name == name)


@every_cell
@pytest.mark.parametrize("name", CHECKED)
def test_every_adjoint_in_a_label_is_told(cell, name):
    assert name in PASSES
    assert untold(made(cell, name)) == []


def test_one_that_is_not_told_is_seen():
    procedure = made(CELLS["MLSTM"], "adjoint")
    assert (Name("log_f").adjoint(), Name("m_next_term1").adjoint()) in procedure.aliases
    assert untold(replace(procedure, aliases=procedure.aliases[:1])) == [Name("log_f").adjoint()]
