"""Pyrefly and its stubs of PyTorch: where they are, how they are installed, how they are run.

They live in an environment of their own, without PyTorch: the stubs say that they need it, and it would be the newest
one with CUDA, gigabytes of it. They need it only to be found, and this interpreter has one.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .judge import Message

PINNED = "1.4.1"
PACKAGES = (f"pyrefly=={PINNED}", "pyrefly-torch-stubs==1.4.0", "pyrefly-shape-extensions==1.4.0")
NEEDED = ("torch", "jaxtyping", "beartype", "numpy")  # what generated modules import


class NotRun(Exception):
    """Pyrefly could not be installed, found or run."""


def install(place: Path) -> Path:
    """Pyrefly in a virtual environment, which is made if there is none; its executable."""
    programs = place / ("Scripts" if sys.platform == "win32" else "bin")
    if not (programs / "pyrefly").exists():
        _call([sys.executable, "-m", "venv", str(place)])
        pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        _call([*pip, *PACKAGES])
    return programs / "pyrefly"


def stubs_of(executable: Path) -> Path:
    """The site-packages beside an executable. Raises NotRun when its stubs of PyTorch are not there."""
    environment = executable.absolute().parent.parent  # not resolved: a link leads out of the environment
    for found in (*environment.glob("lib/python*/site-packages"), environment / "Lib" / "site-packages"):
        if (found / "torch-stubs").is_dir() and (found / "shape_extensions").is_dir():
            return found
    raise NotRun(f"{executable}: no stubs of PyTorch beside it; pip install --no-deps {' '.join(PACKAGES)}")


def version(executable: Path) -> str:
    """Pyrefly's version."""
    return _call([str(executable), "--version"]).split()[-1]


def check(executable: Path, modules: Mapping[str, str], support: Mapping[str, str]) -> dict[str, list[Message]]:
    """Pyrefly's diagnostics of each module.

    Args:
        executable: Pyrefly.
        modules: Path in the package → source, of what is checked.
        support: The same, of what is only imported.

    """
    with tempfile.TemporaryDirectory(prefix="static_shapes_") as root:
        package = Path(root, "generated")
        for path, source in {**support, **modules}.items():
            package.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            package.joinpath(path).write_text(source, encoding="utf-8")
        config = Path(root, "pyrefly.toml")
        config.write_text(_config(root, [stubs_of(executable), *libraries()]), encoding="utf-8")
        files = [str(package / path) for path in modules]
        report = Path(root, "report.json")
        flags = ["--output", f"json:{report}", "--min-severity", "info", "--summary=none"]
        _call([str(executable), "check", "-c", str(config), *flags, *files], allowed=(0, 1), cwd=root)
        return _messages(json.loads(report.read_text(encoding="utf-8"))["errors"], package, modules)


def libraries() -> list[Path]:
    """Where this interpreter has what generated modules import. Raises NotRun when it has not."""
    found: dict[Path, None] = {}
    for name in NEEDED:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise NotRun(f"{sys.executable} has no {name}, which generated modules import")
        found[Path(spec.origin).parent.parent] = None
    return list(found)


def _config(root: str, sites: list[Path]) -> str:
    quoted = ", ".join(json.dumps(str(site)) for site in sites)
    release = ".".join(map(str, sys.version_info[:2]))
    return (
        f"search-path = [{json.dumps(root)}]\nsite-package-path = [{quoted}]\n"
        f'python-version = "{release}"\nskip-interpreter-query = true\n'
        '[errors]\nredundant-cast = "ignore"\n'  # a hypothesis of an induction that Pyrefly finds without it
    )


def _messages(errors: list[dict[str, object]], package: Path, modules: Mapping[str, str]) -> dict[str, list[Message]]:
    paths = {str((package / path).resolve()): path for path in modules}
    found: dict[str, list[Message]] = {path: [] for path in modules}
    for error in errors:
        path = paths.get(str((package.parent / str(error["path"])).resolve()))
        if path is None:
            raise NotRun(f"pyrefly speaks of {error['path']}: {error['description']}")
        found[path].append(Message(int(str(error["line"])), str(error["name"]), str(error["description"])))
    return found


def _call(command: list[str], allowed: tuple[int, ...] = (0,), cwd: str | None = None) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    except OSError as error:
        raise NotRun(f"{command[0]}: {error}") from error
    if done.returncode not in allowed:
        raise NotRun(f"{' '.join(command[:4])} …: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
