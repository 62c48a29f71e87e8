"""Makes generated models importable, as `generated` is not installed; folders that several files of tests read."""

import importlib.util
import signal
import sys
from pathlib import Path

import pytest
from writing import MINE, SCRIPT, cells, generate, interpreter, texts

ROOT = Path(__file__).resolve().parent.parent

if importlib.util.find_spec("generated") is None:
    sys.path.insert(0, str(ROOT))

# Ctrl-C is ignored in what a shell starts in the background, and in what that starts: commands that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """What `lstmspec generate` makes of one cell."""
    place = tmp_path_factory.mktemp("made")
    (place / "cells.py").write_text(cells("Mine"))
    assert generate(place / "cells.py", "--out", place / "models").exit_code == 0
    return texts(place / "models")


@pytest.fixture
def models(tmp_path, made):
    """A user's file and the folder generated from it."""
    (tmp_path / "cells.py").write_text(cells("Mine"))
    for path, text in made.items():
        (tmp_path / "models" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "models" / path).write_text(text)
    return tmp_path / "models"
