"""Files that end, stop, fork, close or flood the process that runs them: a finding, in time, in every command."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmspec import SpecError
from lstmspec.cli import main
from lstmspec.loading import load

ROOT = Path(__file__).resolve().parent.parent
PYTHON = [sys.executable, "-m", "lstmspec"]
ENV = {**os.environ, "PYTHONPATH": str(ROOT)}
TIMEOUT = 1.5  # seconds for a file
WALL = 60  # seconds in which anything here has to be over, on a machine that does much else
HEAD = "from lstmspec import Cell, Input, State, Weight, affine, dims, tanh\n\nn, k = dims('n k')\n"
CELL = "\n\nclass {}(Cell):\n    x = Input(n)\n    h = State(k)\n    h.next = tanh(affine(x, h))\n"
GOOD = HEAD + CELL.format("Good")
LOOP = "while True:\n    pass\n"
ENDED, SLOW = "cannot be loaded: its process ended with ", "did not finish importing in 1.5 s"
THREAD, PROCESS, STREAM = "leaves a thread running", "leaves a process running", "closes a standard stream"
UNREADABLE = "it writes into a file descriptor that is not its own"
HOSTILE = {
    "ends": ("import os\nos._exit(0)\n", f"{ENDED}exit status 0"),
    "ends_badly": ("import os\nos._exit(7)\n", f"{ENDED}exit status 7"),
    "segfault": ("import ctypes\nctypes.string_at(0)\n", f"{ENDED}signal SIGSEGV"),
    "aborts": ("import os\nos.abort()\n", f"{ENDED}signal SIGABRT"),
    "kills_itself": ("import os\nos.kill(os.getpid(), 9)\n", f"{ENDED}signal SIGKILL"),
    "kills_its_group": ("import os\nos.killpg(0, 15)\n", f"{ENDED}signal SIGTERM"),
    "exits": ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
    "ignores": (f"import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n{LOOP}", SLOW),
    "blocks": (f"import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n{LOOP}", SLOW),
    "stops": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n", SLOW),
    "swallows": ("while True:\n    try:\n        while True: pass\n    except BaseException: pass\n", SLOW),
    "sleeps": ("import time\ntime.sleep(9999)\n", SLOW),
    "thread": ("import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\n", THREAD),
    "thread_ends_it": ("import os, threading\nthreading.Thread(target=os._exit, args=(3,)).start()\n" + LOOP,
                       f"{ENDED}exit status 3"),
    "forks": ("import os, time\nif os.fork() == 0:\n    time.sleep(99)\n", PROCESS),
    "forks_away": ("import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(5)\n", PROCESS),
    "parent_ends": ("import os\nif os.fork():\n    os._exit(0)\n", f"{ENDED}exit status 0"),
    "closes_output": ("import os\nos.close(1)\nos.close(2)\n", STREAM),
    "closes_stdout": ("import sys\nsys.stdout.close()\n", STREAM),
    "closes_all": ("import os\nos.closerange(0, 256)\n", ENDED),
    "recursion": ("def f(): f()\nf()\n", "RecursionError"),
    "recursion_in_c": ("import sys\nsys.setrecursionlimit(10**8)\n"
                       "class A:\n    def __repr__(s): return repr([s])\nrepr(A())\n",
                       f"{ENDED}signal SIGSEGV"),
    "garbage": ("import os\nfor fd in range(3, 30):\n    try: os.write(fd, b'\\xff{}\\n')\n    except OSError: pass\n",
                UNREADABLE),
    "forged": ("import os\nfor fd in range(3, 30):\n    try: os.write(fd, b'{\"done\": [{\"code\": \"LS1\"}]}\\n')\n"
               "    except OSError: pass\n", UNREADABLE),
}  # fmt: skip
HARMLESS = {
    "folder": "import os\nos.chdir('/')\n",
    "daemon": "import threading, time\nthreading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n",
    "copies": "import os\nos.fork()\n",
    "reads": "import os\nos.read(0, 1)\n",
    "prints": "for _ in range(20_000): print('x' * 100)\n",
}


def run(*arguments, cwd, **options):
    start = time.monotonic()
    options = {
        "capture_output": True,
        "text": True,
        "errors": "replace",
        "timeout": WALL,
        "stdin": subprocess.DEVNULL,
        **options,
    }
    done = subprocess.run([*PYTHON, *map(str, arguments)], cwd=cwd, env=ENV, check=False, **options)
    return done, time.monotonic() - start


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All of them side by side, with a good one between any two, and what only looks like a file."""
    place = tmp_path_factory.mktemp("hostile")
    (place / "pyproject.toml").write_text(f"[tool.lstmspec]\ntimeout = {TIMEOUT}\n")
    for name, (source, _) in HOSTILE.items():
        (place / f"{name}.py").write_text(source + GOOD)
        (place / f"{name}_neighbour.py").write_text(GOOD)
    for name, source in HARMLESS.items():
        (place / f"harmless_{name}.py").write_text(source + GOOD)
    os.mkfifo(place / "pipe.py")
    (place / "folder.py").mkdir()
    with contextlib.chdir(place), socket.socket(socket.AF_UNIX) as unix:
        unix.bind("unix.py")
    return place


@pytest.fixture(scope="module")
def checked(folder):
    return run("check", ".", cwd=folder)


def test_all_files_of_a_folder_are_told_apart(checked):
    """One run: each hostile file has its finding, and what stands beside it is checked all the same."""
    done, _ = checked
    good = len(HOSTILE) + len(HARMLESS)
    findings = len(HOSTILE) + 2  # the pipe and the socket
    assert done.returncode == 2
    assert done.stdout.endswith(f"\n{good} cells in {len(HOSTILE) + good + 2} files: {findings} errors\n")
    assert "Traceback" not in done.stdout + done.stderr
    assert "_neighbour" not in done.stdout


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_a_finding(name, checked):
    done, _ = checked
    (finding,) = (part for part in done.stdout.split("\n\n") if re.search(rf"--> {name}\.py:", part))
    assert finding.startswith(f"error[LS213]: `{name}.py` ")
    assert HOSTILE[name][1] in finding


@pytest.mark.parametrize(("name", "what"), [("pipe", "a named pipe"), ("unix", "a socket")])
def test_what_only_looks_like_a_file(name, what, checked, folder):
    assert f"error[LS213]: `{name}.py` cannot be read: it is {what}\n --> {name}.py:1" in checked[0].stdout
    with contextlib.chdir(folder):
        done = invoked("check", f"{name}.py")
    assert f"there is no file `{name}.py`: it is {what}\n" in done.stdout


def test_the_limit_holds(checked):
    """A file has its time and a grace; files wait for one another on few processors."""
    slow = sum(said == SLOW for _, said in HOSTILE.values())
    assert checked[1] < 15 + slow * (TIMEOUT + 2.5)


IN_PROCESS = ("ends", "segfault", "ignores", "thread", "forks", "closes_output", "closes_stdout", "aborts")


@pytest.mark.parametrize("command", ["explain", "grad", "list", "generate", "verify", "audit", "convert"])
def test_commands_that_need_the_cells_load_no_hostile_file(command, folder, tmp_path):
    several = command in ("list", "generate")
    files = [f"{name}.py" for name in (IN_PROCESS if several else IN_PROCESS[:1])]
    more = {"generate": ["--out", str(tmp_path)], "audit": ["m:M"], "convert": ["spec", "keras", "a.npz", "b.npz"]}
    with contextlib.chdir(folder):
        done = invoked(command, *files, *more.get(command, []))
    findings, other = (done.stdout, "") if command == "verify" else (done.stderr, done.stdout)  # these are its output
    assert (done.exit_code, other) == (2, "")
    assert findings.count("error[LS213]") == len(files)
    for file in files:
        assert HOSTILE[file.removesuffix(".py")][1] in findings
    assert not list(tmp_path.iterdir())


def test_what_is_harmless_is_loaded_once(folder):
    """In this process too; a copy of it that a file makes says nothing."""
    done, _ = run("list", *(f"harmless_{name}.py" for name in HARMLESS), cwd=folder)
    assert done.returncode == 0, done.stderr[-1000:]
    assert done.stdout.count("Good") == len(HARMLESS)


def test_a_process_with_threads_is_safe_too(folder):
    """It is not forked: a program of its own runs the files, and the next ones."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        with contextlib.chdir(folder):
            for name in ("ends", "ignores"):
                with pytest.raises(SpecError, match=re.escape(HOSTILE[name][1])):
                    load([f"{name}.py"], TIMEOUT)
                assert [cell.__name__ for cell in load(["ends_neighbour.py"])] == ["Good"]
    finally:
        end.set()
        thread.join()


def test_no_process_is_left(folder):
    """Neither a child nor what a file forked, unless that ran away from its group."""
    (folder / "sub").mkdir()
    shutil.copy(folder / "forks.py", folder / "sub" / "marked_by_its_name.py")
    text = (folder / "sub" / "marked_by_its_name.py").read_text()
    pid = folder / "sub" / "pid"
    source = text.replace("    time.sleep", f"    open({str(pid)!r}, 'w').write(str(os.getpid()))\n    time.sleep")
    (folder / "sub" / "marked_by_its_name.py").write_text(source)
    run("check", "sub/marked_by_its_name.py", cwd=folder)
    with pytest.raises(ProcessLookupError):
        for _ in range(100):
            os.kill(int(pid.read_text()), 0)
            if Path(f"/proc/{pid.read_text()}/stat").read_text().split()[2] == "Z":
                raise ProcessLookupError
            time.sleep(0.05)
    shutil.rmtree(folder / "sub")


# -- files that go away, and output that cannot be written -------------------------------------------------------------


def test_a_file_that_is_deleted_while_it_is_checked(tmp_path):
    (tmp_path / "it.py").write_text(f"import os\nos.remove(__file__)\n{HEAD}{CELL.format('Good')}    y = x + h\n")
    with contextlib.chdir(tmp_path):
        done = invoked("check", "it.py")
    assert done.exit_code == 1
    assert "LS110" in done.stdout and "Traceback" not in done.stdout + done.stderr


def test_a_file_that_becomes_a_pipe_while_it_is_checked(tmp_path):
    """The finding has its place, and nobody waits for the line that stands there."""
    source = f"import os\nos.remove(__file__)\nos.mkfifo(__file__)\n{HEAD}{CELL.format('Good')}    y = x + h\n"
    (tmp_path / "it.py").write_text(source)
    with contextlib.chdir(tmp_path):
        done = invoked("check", "it.py")
    assert done.exit_code == 1 and "it.py:13" in done.stdout


def test_a_working_directory_that_is_gone(tmp_path):
    (tmp_path / "gone").mkdir()
    command = f"cd {tmp_path}/gone && rmdir ../gone && exec {sys.executable} -m lstmspec check LSTM"
    done = subprocess.run(["sh", "-c", command], env=ENV, capture_output=True, text=True, check=False, timeout=WALL)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the working directory: No such file or directory\n"


@pytest.mark.parametrize(
    ("arguments", "where", "why"),
    [
        ("check LSTM", ">/dev/full", "No space left on device"),
        ("check LSTM --format json", ">&-", "Bad file descriptor"),
        ("--help", ">/dev/full", "No space left on device"),
    ],
)
def test_output_that_cannot_be_written(arguments, where, why):
    command = f"{' '.join(PYTHON)} {arguments} {where}"
    done = subprocess.run(command, shell=True, env=ENV, stderr=subprocess.PIPE, text=True, check=False, timeout=WALL)
    assert (done.returncode, done.stderr) == (2, f"error: standard output: {why}\n")


@pytest.mark.parametrize("where", ["| head -1", "2>&- <&-", "2>/dev/full"])
def test_other_streams_that_end_early(where, tmp_path):
    (tmp_path / "it.py").write_text(GOOD)
    command = f"{' '.join([*PYTHON, 'list', 'LSTM', 'it.py'])} {where}"
    done = subprocess.run(command, shell=True, cwd=tmp_path, env=ENV, capture_output=True, text=True, check=False,
                          timeout=WALL)  # fmt: skip
    assert done.stdout.startswith("cell ") and done.returncode == 0
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


# -- names with characters that a reader of lines obeys ----------------------------------------------------------------

BREAKS = "\n\r\x0b\x0c\x1c\x85\u2028\u2029"
FORGED = "::error title=forged::it is all wrong"


@pytest.mark.parametrize("kind", ["text", "github", "json", "sarif"])
@pytest.mark.parametrize("character", BREAKS, ids=lambda c: f"{ord(c):x}")
def test_a_line_break_in_a_files_name_starts_no_line(character, kind, tmp_path):
    name = f"a{character}{FORGED}.py"
    (tmp_path / name).write_text(HEAD + CELL.format("Ill").replace("affine(x, h)", "x + h"))
    (tmp_path / f"b{character}{FORGED}.py").write_text("import lstmspec\n(\n")
    with contextlib.chdir(tmp_path):
        done = invoked("check", name, f"b{character}{FORGED}.py", f"c{character}{FORGED}.py", "--format", kind)
    assert done.exit_code == 2
    lines = (done.stdout + done.stderr).splitlines()
    assert not [line for line in lines if line.lstrip().startswith(("::error title=forged", "::it is"))]
    assert done.stdout.count("forged") >= 3


@pytest.mark.parametrize("command", ["explain", "grad", "list", "generate", "verify", "audit", "convert"])
def test_nor_in_the_messages_of_other_commands(command, tmp_path):
    name = f"a\n{FORGED}.py"
    (tmp_path / name).write_text(GOOD)
    (tmp_path / f"b\n{FORGED}.py").write_text("import lstmspec\n(\n")
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / name).write_text("mine")
    more = {"audit": [f"mine\n{FORGED}:Mine(n, k)"], "convert": [f"x\n{FORGED}", "y", f"a\n{FORGED}", "b"]}
    check = [[name, "--check"], [name, "--out", f"new\n{FORGED}"], [name, "--out", f"new\n{FORGED}", "--check"]]
    calls = check if command == "generate" else [[name, *more.get(command, [])]]
    with contextlib.chdir(tmp_path):
        for arguments in [*calls, [f"b\n{FORGED}.py", *more.get(command, [])], [f"{name}:No", *more.get(command, [])]]:
            if command == "verify" and arguments[0] == name:
                continue  # it takes seconds, and says nothing of the file
            done = invoked(command, *arguments)
            assert not [line for line in done.output.splitlines() if line.startswith("::")], done.output


def invoked(*arguments):
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.mark.parametrize("name", ["sorted", "getattr", "len", "zip", "isinstance", "vars"])
@pytest.mark.parametrize("command", ["check", "generate"])
def test_functions_of_python_that_a_file_replaces_are_put_back(command, name, tmp_path):
    """Else the file would judge itself."""
    wrong = CELL.format("Wrong").replace("h = State(k)", "h, W = State(k), Weight(k, k)")
    wrong = wrong.replace("affine(x, h)", "W @ x")
    (tmp_path / "it.py").write_text(f"{HEAD}{wrong}\nimport builtins\n\nbuiltins.{name} = lambda *_, **__: []\n")
    done, _ = run(command, "it.py", cwd=tmp_path)
    assert "LS102" in done.stdout + done.stderr and "it.py:" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr and done.returncode in (1, 2)
    assert not (tmp_path / "generated").exists()
