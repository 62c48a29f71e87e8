"""A backend that the library has never seen: one file, plain lists, and every proof of the others holds for it."""

from pathlib import Path

import list_backend
import pytest
from list_backend import Lists

from lstmspec import zoo
from lstmspec.emit import BACKENDS, generate, write
from lstmspec.proofs import findings, verify

CELLS = (
    "LSTM",
    "GRU",
    "Peephole",
    "LSTMP",
    "LayerNormLSTM",
    "QRNN",
    "RAN",
    "SRU",
    "MultiplicativeLSTM",
    "JANET",
    "NAS",
)
LINES = 150


def test_it_is_one_file():
    assert len(Path(list_backend.__file__).read_text(encoding="utf-8").splitlines()) < LINES


@pytest.mark.parametrize("name", CELLS)
def test_it_computes_a_cell_and_its_derivatives(name):
    proof = verify(zoo.cells()[name], [Lists()], quick=True)
    assert findings(proof) == () and {outcome.model for outcome in proof.outcomes} == {"lists"}
    assert all(verdict.seen or not verdict.has_effect for verdict in proof.faults)


def test_it_agrees_with_the_others_number_by_number():
    proof = verify(zoo.cells()["LSTM"], [*BACKENDS, Lists()], quick=True)
    assert findings(proof) == ()
    assert [outcome.model for outcome in proof.outcomes if outcome.check == "agreement"] == ["PyTorch", "lists"]


def test_what_it_cannot_do_is_a_finding():
    with pytest.raises(Exception, match=r"LS212.*repeat"):
        generate([zoo.cells()["ONLSTM"].system], backends=[Lists()])


def test_its_files_stand_beside_the_tables_of_the_cell(tmp_path):
    write(generate([zoo.cells()["GRU"].system], backends=[Lists()]), tmp_path / "models")
    names = sorted(path.relative_to(tmp_path / "models").as_posix() for path in (tmp_path / "models").rglob("*.py"))
    assert "gru/lists.py" in names and "gru/__init__.py" in names and not any("torch" in name for name in names)
    text = (tmp_path / "models" / "gru" / "lists.py").read_text(encoding="utf-8")
    assert "import numpy" not in text and "import torch" not in text
