"""Audits of code that ends, crashes, blocks or litters the process that calls it: exit code 2 and a reason."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from writing import cells

from lstmspec.cli import _generate, main

THEIRS = """import os, sys, threading, time
import numpy as np

calls = []
{top}

def step(p, x, h):
    calls.append(0)
    if len(calls) > 3:
        {body}
    return np.tanh(x @ p["W"].T + h @ p["U"].T + p["b"])


def make(n, k):
    return step, {{"W": np.zeros((k, n)), "U": np.zeros((k, k)), "b": np.zeros(k)}}
"""
ENDED = "its process ended with "
NO_STR = "class Odd(Exception):\n    def __str__(self): raise {}\n"


@pytest.fixture
def audited(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cells.py").write_text(cells("Mine"))

    def call(body="pass", top="", module="theirs.py:make(n, k)", *options):
        (tmp_path / "theirs.py").write_text(THEIRS.format(body=body, top=top))
        done = CliRunner().invoke(main, ["audit", "cells.py", module, "--format", "json", *options])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "Traceback" not in done.output
        return done

    return call


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("os._exit(0)", f"{ENDED}exit status 0"),
        ("import ctypes; ctypes.string_at(0)", f"{ENDED}signal SIGSEGV"),
        ("os.kill(os.getpid(), 9)", f"{ENDED}signal SIGKILL"),
        ("os.killpg(0, 15)", f"{ENDED}signal SIGTERM"),
        ("os.closerange(0, 64)", ENDED),
        ("raise KeyboardInterrupt", "it raises KeyboardInterrupt"),
        ("raise GeneratorExit('x')", "it raises GeneratorExit: x"),
        ("raise Odd", "it can be called in none of the usual forms"),
        ("sys.exit(0)", "it can be called in none of the usual forms"),
        ("[os.write(f, b'{}') for f in range(3, 64) if os.path.exists(f'/dev/fd/{f}')]", "descriptor that is not its"),
    ],
)
def test_code_that_ends_or_breaks_its_process_cannot_be_audited(body, said, audited):
    done = audited(body, NO_STR.format("ValueError"))
    (finding,) = json.loads(done.stdout)["findings"]
    assert done.exit_code == 2 and finding["code"] == "LS404" and said in finding["message"]


def test_code_that_takes_the_exit_of_c_cannot_be_audited(tmp_path):
    """In a process of its own: destructors of PyTorch, which the tests have, wait for threads that a fork lacks."""
    (tmp_path / "cells.py").write_text(cells("Mine"))
    (tmp_path / "theirs.py").write_text(THEIRS.format(body="import ctypes; ctypes.CDLL(None).exit(0)", top=""))
    command = [sys.executable, "-m", "lstmspec", "audit", "cells.py", "theirs.py:make(n, k)", "--format", "json"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=300)
    (finding,) = json.loads(done.stdout)["findings"]
    assert done.returncode == 2 and finding["code"] == "LS404" and f"{ENDED}exit status 0" in finding["message"]


@pytest.mark.parametrize("body", ["time.sleep(99)", "[0 for _ in iter(int, 1)]"])
def test_code_that_never_ends_is_ended(body, audited):
    done = audited(body, "", "theirs.py:make(n, k)", "--timeout", "1")
    (finding,) = json.loads(done.stdout)["findings"]
    assert done.exit_code == 2 and "it did not finish in 1 s" in finding["message"]


@pytest.mark.parametrize(
    "body",
    [
        "os.write(1, b'raw')",
        "print('x', file=sys.__stdout__, flush=True)",
        "os.system('echo x')",
        "os.chdir('/')",
        "threading.Thread(target=time.sleep, args=(99,)).start()",
        "len(calls) < 8 and (os.fork() or time.sleep(99))",
        "len(calls) < 8 and os.fork()",  # not in every call: where copies call it too, there are 2^n
    ],
)
def test_code_that_litters_is_audited(body, audited):
    done = audited(body)
    assert done.exit_code == 0 and json.loads(done.stdout)["audit"]["agrees"]


def test_what_code_sets_up_for_itself_lasts(audited):
    setting = "os.environ['LSTMSPEC_TEST'] = '1'\nsys.path.append('/nowhere')\n"
    assert audited("os.environ['LSTMSPEC_TEST']; sys.path.index('/nowhere')", setting).exit_code == 0


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ("raise Odd", "cannot be made: Odd: <Odd>"),
        ("raise KeyboardInterrupt", "cannot be imported: KeyboardInterrupt"),
        ("os._exit(0)", f"{ENDED}exit status 0"),
    ],
)
def test_code_that_cannot_be_made(top, said, audited):
    done = audited("pass", NO_STR.format("ValueError") + top)
    assert done.exit_code == 2 and said in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (f"LSTM({'(' * 3000}n{')' * 3000})", "too many nested parentheses"),
        (f"LSTM({'-' * 9000}1)", "is nested too deeply"),
        (f"LSTM({'+'.join(['n'] * 9000)})", "is nested too deeply"),
        (f"a{'.a' * 9000}", "is nested too deeply"),
    ],
)
def test_a_module_that_is_nested_too_deeply(call, said, audited):
    done = audited("pass", "", f"torch.nn:{call}")
    assert done.exit_code == 2 and said in done.stderr and len(done.stderr) < 800


def deep(*arguments):
    return deep(*arguments)


def test_a_cell_that_is_too_deep_for_a_command(audited, monkeypatch):
    monkeypatch.setattr(_generate, "generated_package", deep)
    done = CliRunner().invoke(main, ["generate", "cells.py", "--out", "new"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "error: an equation is nested too deeply; split it into several\n"
