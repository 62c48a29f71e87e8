"""How long things take: values first, then medians, everything that is compared in one run, side by side.

a  check, gradients and generation of all built-in cells, each stage
b  the checker on synthetic cells of 100 to 1000 equations: time per equation, and the exponent of its growth
c  run-time checks as a share of a forward pass
d  the generated LSTM (PyTorch and NumPy) beside torch.nn.LSTM with the same weights

Whatever is timed has been compared with what stands beside it before: a mismatch ends the run with exit code 1.
"""

import importlib
import inspect
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import torch
from jaxtyping import config
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lstmspec import Cell, CellMeta, Input, State, Weight, affine, check, dims, sigmoid, tanh
from lstmspec.cli._load import builtin_cells
from lstmspec.emit import generate, write
from lstmspec.zoo.lstm import LSTM

ROWS = ((32, 1, 32, 32), (64, 16, 64, 64), (100, 32, 128, 128), (100, 32, 256, 256), (512, 1, 256, 256))
QUICK_ROWS = ((8, 2, 5, 7), (16, 2, 11, 13))
SIZES, QUICK_SIZES = (100, 200, 500, 1000), (20, 40)
CHECKED, QUICK_CHECKED = (100, 32, 128, 128), (10, 2, 5, 7)
SECONDS, SHARE, LINEAR = 3.0, 0.05, 1.3  # the claims: a whole stage, run-time checks, the exponent of linear growth
EXACT, SINGLE = 1e-12, 2e-4  # largest difference of values, relative to the largest: float64, float32
PARTS = "abcd"
Work = Callable[[], Any]
Step = Callable[[str], None]


class Different(Exception):
    """Values that should agree do not; there is nothing to time."""


@dataclass(frozen=True)
class Result:
    """A line of the report.

    Attributes:
        part: The part that it belongs to, a letter.
        name: What was timed.
        ms: The median, in milliseconds.
        ratio: What it is compared with: `unit` says how to read it.
        unit: What `ratio` is.
        holds: Whether the claim about it holds; None when there is none.

    """

    part: str
    name: str
    ms: float
    ratio: float | None = None
    unit: str = ""
    holds: bool | None = None


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    quick: bool
    step: Step

    @property
    def repeats(self) -> int:
        """How often each thing is timed."""
        return 3 if self.quick else 15

    def claim(self, holds: bool) -> bool | None:
        """Whether a claim holds; claims are about the full sizes, so a quick run says nothing of them."""
        return None if self.quick else holds


# ---- Time and values ----


def turns(work: Mapping[str, Work], repeats: int) -> dict[str, list[float]]:
    """The times of each in milliseconds; they take turns, so that a slow moment is shared by all."""
    found: dict[str, list[float]] = {name: [] for name in work}
    for function in work.values():
        function()
    for _ in range(repeats):
        for name, function in work.items():
            start = time.perf_counter()
            function()
            found[name].append(1e3 * (time.perf_counter() - start))
    return found


def medians(work: Mapping[str, Work], repeats: int) -> dict[str, float]:
    """The median time of each in milliseconds, by turns."""
    return {name: statistics.median(times) for name, times in turns(work, repeats).items()}


def excess(times: Sequence[float], others: Sequence[float]) -> float:
    """The share by which times are longer than others: the median of what neighbours differ by, over the median."""
    differences = [left - right for left, right in zip(times, others, strict=True)]
    return statistics.median(differences) / statistics.median(others)


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The p for which time grows as size**p: the slope of the least-squares line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def agree(what: str, actual: Any, expected: Any, tolerance: float) -> None:
    """Raise Different unless two arrays have one shape and one value, relative to the largest."""
    left, right = (
        np.asarray(value.detach() if isinstance(value, torch.Tensor) else value) for value in (actual, expected)
    )
    if left.shape != right.shape:
        raise Different(f"{what}: shape {left.shape}, expected {right.shape}")
    error = float(np.max(np.abs(left - right), initial=0) / max(np.max(np.abs(right), initial=0), 1e-3))
    if not error <= tolerance:
        raise Different(f"{what}: differs by {error:.3g}, more than {tolerance:.3g}")


# ---- The two LSTMs ----


@contextmanager
def models() -> Iterator[tuple[ModuleType, ModuleType]]:
    """The NumPy and PyTorch modules of the LSTM, generated now."""
    with tempfile.TemporaryDirectory() as place:
        package = f"bench_models_{os.getpid()}_{time.monotonic_ns()}"
        write(generate([LSTM.system]), Path(place) / package)
        sys.path.insert(0, place)
        try:
            yield importlib.import_module(f"{package}.lstm.numpy"), importlib.import_module(f"{package}.lstm.torch")
        finally:
            sys.path.remove(place)


def copied(theirs: Any) -> dict[str, torch.Tensor]:
    """Its weights under the names of the equations; its two biases are one there."""
    spec: dict[str, torch.Tensor] = {}
    with torch.no_grad():
        gates = zip(theirs.weight_ih_l0.chunk(4), theirs.weight_hh_l0.chunk(4), strict=True)
        bias = (theirs.bias_ih_l0 + theirs.bias_hh_l0).chunk(4)
        for gate, (w_x, w_h), b in zip("ifgo", gates, bias, strict=True):  # the order of torch.nn.LSTM
            spec |= {f"W_{gate}": torch.cat([w_x, w_h], dim=1), f"b_{gate}": b.clone()}
    return spec


@dataclass(frozen=True)
class Pair:
    """torch.nn.LSTM and the generated models with its weights, with an input."""

    theirs: torch.nn.LSTM
    ours: Any
    nm: ModuleType
    params: Any
    x: torch.Tensor

    def numpy_forward(self) -> Any:
        """The outputs of the NumPy model, from zeros."""
        return self.nm.forward(self.params, self.x.detach().numpy(), self.first)[0]

    @property
    def first(self) -> Any:
        """States of zeros for the NumPy model."""
        return self.nm.zeros(self.x.shape[1], self.theirs.hidden_size, dtype=self.x.detach().numpy().dtype)


def pair(modules: tuple[ModuleType, ModuleType], row: tuple[int, int, int, int], dtype: torch.dtype) -> Pair:
    """Both LSTMs at one size, T, B, n, k."""
    steps, batch, n, k = row
    nm, tm = modules
    torch.manual_seed(0)
    theirs = torch.nn.LSTM(n, k, dtype=dtype)
    spec = copied(theirs)
    params = nm.Params.from_spec({name: value.numpy() for name, value in spec.items()})
    x = torch.randn(steps, batch, n, dtype=dtype, requires_grad=True)
    return Pair(theirs, tm.LSTM.from_spec(spec), nm, params, x)


def trained(module: Any, x: torch.Tensor) -> torch.Tensor:
    """Forward and backward of the sum of all outputs."""
    y: torch.Tensor = module(x)[0]
    module.zero_grad(set_to_none=True)
    x.grad = None
    torch.autograd.backward(y.sum())
    return y


def verify(both: Pair, tolerance: float) -> None:
    """Outputs and gradients of the three models are the same."""
    expected = trained(both.theirs, both.x)
    wanted = {"x": both.x.grad, "W": both.theirs.weight_ih_l0.grad, "U": both.theirs.weight_hh_l0.grad}
    agree("outputs", trained(both.ours, both.x), expected, tolerance)
    agree("outputs of NumPy", both.numpy_forward(), expected, tolerance)
    spec = both.ours.to_spec(grad=True)
    weights = torch.cat([spec[f"W_{gate}"] for gate in "ifgo"])
    n = both.theirs.input_size
    agree("gradient of x", both.x.grad, wanted["x"], tolerance)
    agree("gradient of the input's weights", weights[:, :n], wanted["W"], tolerance)
    agree("gradient of the state's weights", weights[:, n:], wanted["U"], tolerance)


# ---- a: the built-in cells ----


def stages(plan: Plan) -> Iterator[Result]:
    """Check, gradients and generation of all built-in cells: the first run, as a user meets it."""
    cells = list(builtin_cells().values())
    work: dict[str, Work] = {
        "check": lambda: [check(cell).require() for cell in cells],
        "gradients": lambda: [str(cell.adjoint) for cell in cells],
        "second derivatives": lambda: [str(cell.adjoint.adjoint) for cell in cells],
        "generation": lambda: generate([cell.system for cell in cells]),
    }
    total = 0.0
    for name, function in work.items():
        plan.step(name)
        start = time.perf_counter()
        function()
        spent = 1e3 * (time.perf_counter() - start)
        total += spent
        yield Result("a", f"{name}, {len(cells)} cells", spent, spent / len(cells), "ms a cell")
    yield Result(
        "a", "all stages", total, total / 1e3 / SECONDS, f"of {SECONDS:g} s", plan.claim(total <= 1e3 * SECONDS)
    )


# ---- b: large cells ----


def chain(equations: int) -> CellMeta:
    """A cell of so many equations: gates of dense layers, and elementwise mixtures of what came before."""
    n, k = dims("n k")
    body: Any = CellMeta.__prepare__("Chain", (Cell,))
    body["x"], body["h"] = Input(n), State(k)
    x, h = body["x"], body["h"]
    last = h
    for index in range(equations - 1):
        if index % 4 == 0:
            body[f"f{index}"] = sigmoid(affine(x, last))
        elif index % 4 == 1:
            body[f"p{index}"] = Weight()
            body[f"f{index}"] = sigmoid(affine(x, h) + body[f"p{index}"] * last)
        elif index % 4 == 2:
            body[f"f{index}"] = tanh(last * h + 0.5 * body[f"f{index - 2}"])
        else:
            body[f"f{index}"] = body[f"f{index - 2}"] * last + (1 - body[f"f{index - 2}"]) * h
        last = body[f"f{index}"]
    h.next = last * h
    return CellMeta("Chain", (Cell,), body)


def sizes(plan: Plan) -> Iterator[Result]:
    """The checker against the number of equations."""
    counts = QUICK_SIZES if plan.quick else SIZES
    times: list[float] = []
    for count in counts:
        plan.step(f"{count} equations")
        cell = chain(count)
        shapes = check(cell).require()
        if len(cell.system.equations) != count or any(
            str(shapes.of[name]) != str(shapes.of["h"]) for name in cell.equations
        ):
            raise Different(f"the chain of {count} equations has other shapes than (k)")
        times.append(medians({"check": partial(check, cell)}, min(plan.repeats, 5))["check"])
        holds = plan.claim(times[-1] <= 1e3 * SECONDS) if count == counts[-1] else None
        yield Result("b", f"check, {count} equations", times[-1], 1e3 * times[-1] / count, "µs an equation", holds)
    growth = exponent(counts, times)
    yield Result("b", "exponent of the growth", times[-1], growth, "(1 is linear)", plan.claim(growth <= LINEAR))


# ---- c: run-time checks ----


def idle(sequence: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Work, Work]:
    """A checked function with an empty body, and that body: what a check alone costs."""
    raw = inspect.unwrap(sequence)
    names = list(inspect.signature(raw).parameters)
    known: dict[str, Any] = {"result": sequence(*args)}
    exec(f"def body({', '.join(names)}):\n    return result", known)
    body = known["body"]
    body.__annotations__ = dict(raw.__annotations__)
    closure = inspect.getclosurevars(sequence).nonlocals
    checked = sys.modules[sequence.__module__].checked
    wrapped = checked("LSTM", **closure["sources"])(body)
    return (lambda: wrapped(*args)), (lambda: body(None, *args))


def off(function: Work) -> Work:
    """The same work with run-time checks turned off."""

    def unchecked() -> Any:
        config.update("jaxtyping_disable", True)
        try:
            return function()
        finally:
            config.update("jaxtyping_disable", False)

    return unchecked


def checks(plan: Plan) -> Iterator[Result]:
    """Run-time checks as a share of a forward pass."""
    row = QUICK_CHECKED if plan.quick else CHECKED
    with models() as modules, torch.no_grad():
        both = pair(modules, row, torch.float32)
        agree("outputs without checks", off(both.numpy_forward)(), both.numpy_forward(), 0)
        agree("outputs without checks", off(lambda: both.ours(both.x)[0])(), both.ours(both.x)[0], 0)
        state = torch.zeros(1, row[1], row[3])
        args = (*both.ours.parameters(), both.x.detach(), state, state)
        work = {"PyTorch": lambda: both.ours(both.x), "NumPy": both.numpy_forward}
        for name, function in work.items():
            plan.step(f"checks of {name}")
            found = turns({"on": function, "off": off(function)}, 3 * plan.repeats)
            share, (on, without) = excess(found["on"], found["off"]), map(statistics.median, found.values())
            yield Result("c", f"{name} forward with checks", on)
            yield Result(
                "c", f"{name} forward without", without, 100 * share, "% more with", plan.claim(share <= SHARE)
            )
        plan.step("check alone")
        with_check, empty = idle(modules[1].sequence, args)
        bare = medians({"check": with_check, "nothing": empty}, 20 * plan.repeats)
        alone = bare["check"] - bare["nothing"]
        forward = medians({"forward": off(lambda: both.ours(both.x))}, plan.repeats)["forward"]
        yield Result(
            "c",
            "check alone, PyTorch",
            alone,
            100 * alone / forward,
            "% of a forward",
            plan.claim(alone <= SHARE * forward),
        )


# ---- d: beside torch.nn.LSTM ----


def speeds(plan: Plan) -> Iterator[Result]:
    """Forward, and forward with backward, beside torch.nn.LSTM with the same weights."""
    with models() as modules:
        verify(pair(modules, (7, 2, 3, 5), torch.float64), EXACT)
        for row in QUICK_ROWS if plan.quick else ROWS:
            both = pair(modules, row, torch.float32)
            verify(both, SINGLE)
            forward: dict[str, Work] = {
                "torch.nn.LSTM": partial(both.theirs, both.x),
                "generated PyTorch": partial(both.ours, both.x),
                "generated NumPy": both.numpy_forward,
            }
            training: dict[str, Work] = {
                "torch.nn.LSTM": partial(trained, both.theirs, both.x),
                "generated PyTorch": partial(trained, both.ours, both.x),
            }
            plan.step(f"forward at {row}")
            with torch.no_grad():
                yield from compared(f"{row} forward", medians(forward, plan.repeats))
            plan.step(f"forward+backward at {row}")
            yield from compared(f"{row} forward+backward", medians(training, plan.repeats))


def compared(what: str, found: Mapping[str, float]) -> Iterator[Result]:
    """A line for each; the ratio is how many times the first one's time it takes."""
    first = next(iter(found.values()))
    for name, ms in found.items():
        yield Result("d", f"{what}: {name}", ms, ms / first, "of torch.nn.LSTM")


# ---- The report ----

WORK: Mapping[str, Callable[[Plan], Iterator[Result]]] = {"a": stages, "b": sizes, "c": checks, "d": speeds}


def steps(part: str, quick: bool) -> int:
    """How often a part says what it does: the length of its bar."""
    lengths = {"a": 4, "b": len(QUICK_SIZES if quick else SIZES), "c": 3, "d": 2 * len(QUICK_ROWS if quick else ROWS)}
    return lengths[part]


def measured(parts: str, quick: bool, console: Console) -> list[Result]:
    """All results, under a progress bar."""
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=sum(steps(part, quick) for part in parts))
        plan = Plan(quick, lambda text: progress.update(task, advance=1, description=text))
        return [result for part in parts for result in WORK[part](plan)]


def table(results: Sequence[Result]) -> Table:
    """The results as a table, a section for each part."""
    drawn = Table("", "what", box=SIMPLE_HEAD)
    for name in ("median ms", "ratio"):
        drawn.add_column(name, justify="right")
    drawn.add_column("of what")
    drawn.add_column("claim")
    ends = {left for left, right in pairwise(results) if left.part != right.part}
    for result in results:
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
        claim = "" if result.holds is None else "holds" if result.holds else "FAILS"
        cells = (result.part, result.name, f"{result.ms:.3f}", ratio, result.unit, claim)
        drawn.add_row(*cells, end_section=result in ends)
    return drawn


EXAMPLES = """\b
Examples:
  python scripts/bench.py                     everything; about two minutes
  python scripts/bench.py --quick             everything, small: does it run?
  python scripts/bench.py --only d            beside torch.nn.LSTM alone
  python scripts/bench.py --only b --only c   the checker, and run-time checks
  python scripts/bench.py --json out.json     the numbers, for a comparison

\b
Exit 0: measured, whatever the claims. Exit 1: values differ, nothing was timed.
Times are those of one thread; every ratio compares times of the same run."""


@click.command(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Small sizes and few repeats.")
@click.option("--only", multiple=True, type=click.Choice(list(PARTS)), help="Only this part; may be repeated.")
@click.option("--json", "place", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write results.")
def main(quick: bool, only: tuple[str, ...], place: Path | None) -> None:
    """Time lstmspec and the models that it generates, after verifying their values.

    Parts: (a) check, gradients and generation of the built-in cells; (b) the checker on large cells; (c) run-time
    checks; (d) the generated LSTM beside torch.nn.LSTM.
    """
    torch.set_num_threads(1)
    parts = "".join(part for part in PARTS if not only or part in only)
    try:
        results = measured(parts, quick, Console(stderr=True))
    except Different as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    Console(width=120).print(table(results))
    if place is not None:
        place.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    # NumPy's BLAS reads this when it is loaded.
    if os.environ.get("OMP_NUM_THREADS") != "1":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_NUM_THREADS": "1"})
    main()
