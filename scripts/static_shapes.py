"""The generated PyTorch under a static checker of tensor shapes: Pyrefly, which knows nothing of lstmspec.

Pyrefly infers the shape of every statement from the signature of its function and from its own stubs of PyTorch. What
it refuses is a finding, and so is a shape that is not the one in the statement's label: two systems, one answer.
"""

import ast
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from shaping import judge, plant, pyrefly, statements, translate

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "LSTMSPEC_PYREFLY"
EXAMPLES = f"""\b
Examples:
  python scripts/static_shapes.py                  the models in generated/
  python scripts/static_shapes.py out/models -v    others, and each statement that cannot be checked, with the reason
  python scripts/static_shapes.py --plant          does it notice? plant faults in each model, require refusal

\b
Pyrefly is taken from --pyrefly or ${VARIABLE}; without either it is installed into
.venv-pyrefly, once ({", ".join(pyrefly.PACKAGES)}).
Exit 0: nothing found. Exit 1: findings, or a planted fault not refused. Exit 2: could not run, or checked nothing."""
ELSEWHERE = """Not asked: {count} methods and helpers. A module's sizes are numbers of run time, which no symbol stands
for; what goes through autograd.Function is Any to Pyrefly. The functions that they call are the ones above."""


@click.command(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", default=ROOT / "generated", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--pyrefly", "executable", envvar=VARIABLE, type=click.Path(path_type=Path), help="Pyrefly, with stubs.")
@click.option("--plant", "planted", is_flag=True, help="Also plant faults, each of which has to be refused.")
@click.option("-v", "--verbose", is_flag=True, help="List the statements that cannot be checked, and why.")
def main(folder: Path, executable: Path | None, planted: bool, verbose: bool) -> None:
    """Check the shapes of generated PyTorch models without running them.

    FOLDER is what `lstmspec generate` wrote; every FOLDER/CELL/torch.py is checked, statement by statement: what each
    name is, what is stored into what, what the loop carries, what functions return.
    """
    try:
        clean = run(folder, executable or pyrefly.install(ROOT / ".venv-pyrefly"), planted, verbose)
    except pyrefly.NotRun as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    sys.exit(0 if clean else 1)


def run(folder: Path, executable: Path, planted: bool, verbose: bool) -> bool:
    """Check and report; whether there was nothing to find."""
    sources = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("*/torch.py"))
    }
    support = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    start = time.perf_counter()
    found = judged(executable, sources, support)
    Console(width=120, highlight=False).print(table(found))
    silent = sum(len(statements.others(source)) for source in sources.values())
    click.echo(ELSEWHERE.format(count=silent))
    for name, judgement in found.items():
        for remark in dict.fromkeys((*judgement.findings, *(judgement.unsaid if verbose else ()))):
            kind = "finding" if remark in judgement.findings else "not said"
            click.echo(f"{name}:{remark.line}: {kind}: {f'{remark.code}: ' if remark.code else ''}{remark.text}")
    seconds = time.perf_counter() - start
    note = "" if (is_ := pyrefly.version(executable)) == pyrefly.PINNED else f", written for {pyrefly.PINNED}"
    click.echo(f"Pyrefly {is_}{note}: {seconds:.1f} s")
    if not found or any(judgement.checked == 0 for judgement in found.values()):
        raise pyrefly.NotRun(f"{folder}: of some module not one statement was checked; is it what generate writes?")
    faulty = [name for name, judgement in found.items() if judgement.findings]
    if not planted:
        return not faulty
    whole = {name: source for name, source in sources.items() if name not in faulty}  # only there it proves anything
    lossy = {name: {remark.function for remark in one.unsaid} for name, one in found.items()}
    return all((not faulty, refused(executable, whole, support, lossy)))


def judged(executable: Path, sources: Mapping[str, str], support: Mapping[str, str]) -> dict[str, judge.Judgement]:
    """Name → what came out for that module."""
    found = _judged(executable, {name: translate.translate(source) for name, source in sources.items()}, support)
    again = {name: one.lost for name, one in found.items() if one.lost and not one.findings}
    copies = {name: translate.translate(sources[name], lost) for name, lost in again.items()}
    return {**found, **_judged(executable, copies, support)}  # the second time for the reasons why a shape is lost


def _judged(
    executable: Path, copies: Mapping[str, translate.Copy], support: Mapping[str, str]
) -> dict[str, judge.Judgement]:
    if not copies:
        return {}
    messages = pyrefly.check(executable, {name: copy.text for name, copy in copies.items()}, support)
    return {name: judge.judge(copy, messages[name]) for name, copy in copies.items()}


def refused(
    executable: Path, sources: Mapping[str, str], support: Mapping[str, str], lossy: Mapping[str, set[str]]
) -> bool:
    """Whether each planted fault makes a finding; prints those that do not.

    Those in functions of which Pyrefly cannot say every shape (`lossy`) are counted, and may pass.
    """
    planted = [(name, at, fault) for name, source in sources.items() for at, fault in enumerate(plant.plant(source))]
    faults = {f"{name.removesuffix('/torch.py')}_{at}/torch.py": (name, fault) for name, at, fault in planted}
    found = judged(executable, {name: fault.source for name, (_, fault) in faults.items()}, support)
    passed = [faults[name] for name, judgement in found.items() if not judgement.findings]
    missed = [(name, fault) for name, fault in passed if _function_at(sources[name], fault.line) not in lossy[name]]
    for name, fault in missed:
        click.echo(f"{name}:{fault.line}: planted and not refused: {fault.kind}")
    kinds = len({fault.kind for _, fault in faults.values()})
    excused = (
        f"; {len(passed) - len(missed)} more in functions whose shapes are lost" if len(passed) > len(missed) else ""
    )
    click.echo(f"Planted {len(faults)} faults of {kinds} kinds: {len(faults) - len(passed)} refused{excused}")
    return bool(faults) and not missed


def _function_at(source: str, line: int) -> str:
    """The function that a line of a module is in."""
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    return next((one.name for one in functions if one.lineno <= line <= (one.end_lineno or line)), "")


def table(found: Mapping[str, judge.Judgement]) -> Table:
    """The cells, a line each."""
    drawn = Table("cell", box=SIMPLE_HEAD)
    for name in ("statements", "checked", "not said", "findings"):
        drawn.add_column(name, justify="right")
    for name, one in found.items():
        total = one.checked + len(one.unsaid)
        drawn.add_row(
            name.removesuffix("/torch.py"), *map(str, (total, one.checked, len(one.unsaid), len(one.findings)))
        )
    return drawn


if __name__ == "__main__":
    main()
