"""What users import: each function of a row is exported by the package; LSTMSPEC_UPDATE=1 writes the lines."""

import os
from pathlib import Path

import pytest

import lstmspec
from lstmspec.ops import TABLE, user

HOME = Path(lstmspec.__file__)


def exported(name):
    return f"from .ops.user import {name} as {name}\n"


def test_the_package_exports_every_function():
    lines = HOME.read_text(encoding="utf-8").splitlines(keepends=True)
    own = [line for line in lines if line.startswith("from .ops.user import")]
    wanted = [exported(name) for name in user.functions()]
    if os.environ.get("LSTMSPEC_UPDATE") == "1":
        at = lines.index(own[0])
        rest = [line for line in lines[at:] if line not in own]
        HOME.write_text("".join([*lines[:at], *wanted, *rest]), encoding="utf-8")
    assert own == wanted, "run LSTMSPEC_UPDATE=1 pytest tests/test_exports.py"


@pytest.mark.parametrize("name", user.functions())
def test_a_function_says_what_it_is(name):
    function = getattr(lstmspec, name)
    assert function.__name__ == name
    assert function.__doc__


def test_a_row_without_words_for_users_has_no_function():
    hidden = [name for name, op in TABLE.items() if not op.doc and name not in user.functions()]
    assert {"add", "pad", "matmul"} <= set(hidden)
    for name in hidden:
        assert not hasattr(user, name)
