"""Makes generated models importable, as `generated` is not installed; folders that several files of tests read."""

import importlib.util
import sys
from pathlib import Path

import pytest
from writing import MINE, SCRIPT, generate, interpreter

ROOT = Path(__file__).resolve().parent.parent

if importlib.util.find_spec("generated") is None:
    sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """All built-in cells, generated once by the script."""
    out = tmp_path_factory.mktemp("fresh") / "generated"
    done = interpreter(SCRIPT, "--out", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def mine(tmp_path):
    """A user's file and the folder generated from it."""
    spec, out = tmp_path / "mine.py", tmp_path / "models"
    spec.write_text(MINE)
    assert generate(spec, "--out", out).exit_code == 0
    return spec, out
