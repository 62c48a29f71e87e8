"""What a file does to its process reaches no other file, no result and nobody's machine."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmspec.cli import main

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "lstmspec"]
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
HEAD = "from lstmspec import Cell, Input, State, affine, dims, tanh\n\nn, k = dims('n k')\n"
CELL = "\n\nclass {}(Cell):\n    x = Input(n)\n    h = State(k)\n    h.next = tanh(affine(x, h))\n"
GOOD = HEAD + CELL.format("Good")
BAD = GOOD.replace("affine(x, h)", "x + h")  # LS110
HUGE = 8 * 2**40


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoked(*arguments):
    done = CliRunner().invoke(main, list(map(str, arguments)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def found(done):
    """The codes and messages of each file."""
    files = {}
    for finding in json.loads(done.stdout)["findings"]:
        files.setdefault(finding["file"], []).append(f"{finding['code']} {finding['message']}")
    return files


# -- the result is the process's own -----------------------------------------------------------------------------------

WRITE = "for f in map(int, os.listdir('/proc/self/fd')):\n    try: os.write(f, {})\n    except OSError: pass\n"
FOREIGN = "it writes into a file descriptor that is not its own"
FORGERIES = {
    "a result": ("import os\n" + WRITE.format(rb"b'{\"done\": []}\n'".decode()), FOREIGN),
    "half a line": ("import os\n" + WRITE.format("b'x'"), FOREIGN),
    "an empty line": ("import os\n" + WRITE.format("b'\\n'"), FOREIGN),
    "another file there": (
        "import os\nfd = os.open(os.devnull, os.O_WRONLY)\nfor f in range(3, 64): os.dup2(fd, f)\n",
        "its process ended with exit status 70",
    ),
    "words of its own": ("import json\njson.dumps = lambda *a, **k: '{}'\n", FOREIGN),
    "no end": ("import os\nos._exit = lambda *a: None\nos.write = lambda *a: 0\n", "LS110"),
}


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_file_that_writes_into_all_that_is_open_does_not_pass(kind, folder):
    source, said = FORGERIES[kind]
    (folder / "it.py").write_text(source + BAD)
    done = invoked("check", "it.py", "--format", "json")
    assert done.exit_code in (1, 2)
    assert any(said in one for one in found(done)["it.py"])


# -- nothing of a file reaches the next one ----------------------------------------------------------------------------

SPOILERS = {
    "rlimit": "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\n",
    "hook": "import sys\nclass H:\n    def find_spec(*_): raise ValueError('hook')\nsys.meta_path.insert(0, H())\n",
    "path_hooks": "import sys\nsys.path_hooks.clear()\nsys.path_importer_cache.clear()\n",
    "folder": "import os\nos.chdir('/')\n",
    "environment": "import os\nos.environ.clear()\n",
    "path": "import sys\nsys.path.clear()\n",
    "stdout": "import sys\nsys.__stdout__.close()\nsys.__stderr__ = None\n",
    "builtins": "import builtins\nbuiltins.len = builtins.isinstance = None\n",
    "modules": "import sys\nsys.modules.clear()\n",
    "checker": "from lstmspec.loading import _cell_findings as it\nit.check = it.lint = lambda *_: 1 / 0\n",
    "signals": "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nsignal.alarm(1)\n",
    "trace": "import sys\nsys.settrace(lambda *_: 1 / 0)\n",
    "audit": "import sys\ndef hook(*_): raise ValueError('no')\nsys.addaudithook(hook)\n",
    "clock": "import time\ntime.monotonic = lambda: 1e18\n",
    "recursion": "import sys\nsys.setrecursionlimit(80)\n",
}


def test_a_file_spoils_no_other(folder):
    for name, source in SPOILERS.items():
        (folder / f"a_{name}.py").write_text(source + GOOD)
        (folder / f"a_{name}_next.py").write_text(BAD)
    done = invoked("check", ".", "--format", "json")
    files = found(done)
    for name in SPOILERS:
        assert files.get(f"a_{name}_next.py") == ["LS110 operands do not agree in equation `h.next`"], name
    assert json.loads(done.stdout)["summary"]["files"] == 2 * len(SPOILERS)


def test_a_file_that_kills_who_started_it_is_a_finding(folder):
    (folder / "a.py").write_text("import os\nos.kill(os.getppid(), 9)\n" + GOOD)
    (folder / "b.py").write_text(BAD)
    files = found(invoked("check", ".", "--format", "json"))
    assert "signal SIGKILL" in files["a.py"][0] and files["b.py"][0].startswith("LS110")


def test_libraries_are_imported_once_for_all_files(folder, monkeypatch):
    """By a worker, from where libraries are; a module of that name beside the file is the file's."""
    library = folder / "site-packages"
    library.mkdir()
    note = "import os\nwith open({!r}, 'a') as file: file.write('x')\n"
    (library / "slow_library.py").write_text(note.format(str(folder / "times")))
    (folder / "cells").mkdir()
    for name in "abcdefgh":
        (folder / "cells" / f"{name}.py").write_text("import slow_library\n" + GOOD)
    monkeypatch.syspath_prepend(str(library))
    assert invoked("check", "cells").exit_code == 0
    assert len((folder / "times").read_text()) <= 4  # workers
    (folder / "cells" / "slow_library.py").write_text("raise ValueError('mine')\n")
    assert "ValueError: mine" in invoked("check", "cells/a.py").stdout


# -- nothing of a file is left -----------------------------------------------------------------------------------------

DAEMON = """import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        with open('pid', 'w') as file:
            file.write(str(os.getpid()))
        os.closerange(0, 64)
        time.sleep(60)
    os._exit(0)
os.wait()
while not os.path.exists('pid'): time.sleep(0.01)
"""


def gone(process):
    """Whether a process is no more, after a while."""
    for _ in range(100):
        with contextlib.suppress(FileNotFoundError):
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.05)
                continue
        return True
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are found on Linux")
@pytest.mark.parametrize("ending", ["", "os._exit(0)\n", "while True: pass\n"])
def test_a_daemon_is_found_and_ended(ending, folder):
    (folder / "it.py").write_text(DAEMON + ending + GOOD)
    done = invoked("check", "it.py", "--timeout", "1.5")
    assert done.exit_code == 2
    assert ending or "leaves a process running" in done.stdout
    assert gone((folder / "pid").read_text())


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_file_ends_with_the_command(sent, folder):
    source = "import os, lstmspec\nwith open('pid~', 'w') as file: file.write(str(os.getpid()))\n"
    (folder / "it.py").write_text(source + "os.rename('pid~', 'pid')\nwhile True: pass\n")
    with subprocess.Popen([*COMMAND, "check", "it.py"], env=ENV, stderr=subprocess.DEVNULL) as process:
        while not (folder / "pid").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(sent)
        process.wait(30)
    assert gone((folder / "pid").read_text())


@pytest.mark.parametrize("command", ["check", "list"])
def test_what_a_file_wants_done_at_the_end_is_not_done(command, folder):
    """By `list` it is run in the command's own process too, whose result and exit code are its own."""
    source = "import atexit, os\natexit.register(os._exit, 5)\natexit.register(print, 'late')\n"
    (folder / "it.py").write_text(source + GOOD)
    arguments = [*COMMAND, command, "it.py", "--format", "json"]
    done = subprocess.run(arguments, env=ENV, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and json.loads(done.stdout)
    assert "late" not in done.stderr


# -- what cannot be read hides nothing ---------------------------------------------------------------------------------


def test_a_huge_file_is_a_finding_and_hides_no_other(folder):
    with (folder / "huge.py").open("w") as file:
        file.truncate(HUGE)
    (folder / "it.py").write_text(BAD)
    for spec in (".", "huge.py"):
        assert f"`huge.py` cannot be read: it has {HUGE:,} bytes" in invoked("check", spec).stdout
    assert "LS110" in invoked("check", ".").stdout


ROOT_AS_OTHERS = """import ctypes, os, sys
for capability in (1, 2):  # to read, write and search what the modes do not allow
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="root gives up its rights as Linux has them")
def test_folders_that_may_not_be_read_or_entered_hide_no_other(folder):
    for name, mode in (("neither", 0o000), ("listed", 0o600), ("entered", 0o300), ("open", 0o700)):
        (folder / name).mkdir()
        (folder / name / "it.py").write_text(BAD)
        (folder / name).chmod(mode)
    command = [*COMMAND, "check", ".", "neither/it.py", "listed/it.py", "entered/it.py"]
    if os.geteuid() == 0:
        command = [sys.executable, "-c", ROOT_AS_OTHERS, *command[1:]]
    done = subprocess.run(command, env=ENV, capture_output=True, text=True, check=False)
    for name in ("neither", "listed", "entered"):
        (folder / name).chmod(0o700)
    assert "Traceback" not in done.stderr and done.returncode == 2, done.stderr
    for said in (
        "`neither` cannot be read: Permission denied",
        "`listed/it.py` cannot be read: Permission denied",
        "`entered` cannot be read: Permission denied",
        "there is no file `neither/it.py`: Permission denied",
        " --> open/it.py:",
        " --> entered/it.py:",
    ):
        assert said in done.stdout, done.stdout
