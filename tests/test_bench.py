"""The benchmark: it runs, it refuses to time values that differ, and its arithmetic is right. No time is asserted."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "bench.py"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("bench", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bench"]


@pytest.fixture
def run(bench):
    threads = torch.get_num_threads()
    yield lambda *arguments: CliRunner().invoke(bench.main, [str(argument) for argument in arguments])
    torch.set_num_threads(threads)


# -- it runs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", "abcd")
def test_a_part_runs_alone(part, run, tmp_path):
    done = run("--quick", "--only", part, "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    results = json.loads((tmp_path / "out.json").read_text())
    assert {result["part"] for result in results} == {part}
    assert all(result["ms"] == result["ms"] for result in results)
    assert all(result["holds"] is None for result in results)
    for result in results:
        assert result["name"].split(":")[0] in " ".join(done.stdout.split())


def test_parts_can_be_combined(run, tmp_path):
    assert run("--quick", "--only", "b", "--only", "a", "--json", tmp_path / "out.json").exit_code == 0
    parts = [result["part"] for result in json.loads((tmp_path / "out.json").read_text())]
    assert parts == sorted(parts)
    assert set(parts) == {"a", "b"}


def test_help_teaches(run):
    done = run("--help")
    assert done.exit_code == 0
    for piece in ("--quick", "--only", "--json", "python scripts/bench.py --only d", "Exit 0", "torch.nn.LSTM"):
        assert piece in done.stdout


@pytest.mark.parametrize("arguments", [("--only", "e"), ("--json",), ("extra",), ("--unknown",)])
def test_wrong_usage_exits_2(arguments, run):
    done = run(*arguments)
    assert done.exit_code == 2
    assert "Error:" in done.stderr


# -- values first ------------------------------------------------------------------------------------------------------


def swapped(spec):
    spec["W_i"], spec["W_f"] = spec["W_f"], spec["W_i"]


def one_bias(spec):
    spec["b_g"] = spec["b_g"] * 1.001


def transposed(spec):
    k = spec["W_o"].shape[0]
    spec["W_o"] = torch.cat([spec["W_o"][:, :-k], spec["W_o"][:, -k:].T], dim=1)


@pytest.mark.parametrize("fault", [swapped, one_bias, transposed])
def test_a_wrong_copy_of_the_weights_is_found(fault, bench, run, monkeypatch, tmp_path):
    copied = bench.copied

    def wrong(theirs):
        spec = copied(theirs)
        fault(spec)
        return spec

    monkeypatch.setattr(bench, "copied", wrong)
    done = run("--quick", "--only", "d", "--json", tmp_path / "out.json")
    assert done.exit_code == 1
    assert done.stderr.strip().splitlines()[-1].startswith("error: ")
    assert "differs by" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out.json").exists()


def test_a_wrong_gradient_is_found(bench):
    with bench.models() as modules:
        both = bench.pair(modules, (7, 2, 3, 5), torch.float64)
        bench.verify(both, 1e-12)
        to_spec = both.ours.to_spec

        def wrong(*, grad=False):
            return {name: value * (1 + 1e-9 * (name == "W_f")) for name, value in to_spec(grad=grad).items()}

        both.ours.to_spec = wrong
        with pytest.raises(bench.Different, match="gradient of the input's weights"):
            bench.verify(both, 1e-12)


@pytest.mark.parametrize("value", [[1.0, 2.1], [1.0], [[1.0, 2.0]], [1.0, float("nan")]])
def test_agree_finds_what_differs(value, bench):
    with pytest.raises(bench.Different, match="what"):
        bench.agree("what", value, [1.0, 2.0], 1e-3)


def test_agree_accepts_what_agrees(bench):
    bench.agree("what", torch.ones(2, requires_grad=True), [1.0, 1.0 + 1e-13], 1e-12)


# -- arithmetic --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0])
def test_the_exponent_of_made_up_times(power, bench):
    sizes = (100, 200, 500, 1000)
    times = [0.3 * size**power for size in sizes]
    assert bench.exponent(sizes, times) == pytest.approx(power)


def test_the_exponent_of_noisy_linear_times_is_near_one(bench):
    assert bench.exponent((100, 200, 500, 1000), (11.0, 19.0, 52.0, 98.0)) == pytest.approx(1, abs=0.05)


def test_medians_take_turns(bench):
    calls = []
    found = bench.medians({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 3)
    assert calls == ["a", "b"] * 4
    assert list(found) == ["a", "b"]


def test_excess_compares_neighbours(bench):
    assert bench.excess([11.0, 21.0, 101.0], [10.0, 20.0, 100.0]) == pytest.approx(0.05)
    assert bench.excess([1.0, 2.0], [1.0, 2.0]) == 0


@pytest.mark.parametrize("equations", [1, 2, 7, 40])
def test_the_chain_has_as_many_equations_as_it_says(equations, bench):
    cell = bench.chain(equations)
    assert len(cell.system.equations) == equations
    shapes = cell.shapes.require()
    assert {str(shapes.of[name]) for name in cell.equations} == {str(shapes.of["h"])}


def test_ratios_are_of_the_first(bench):
    lines = list(bench.compared("row", {"first": 2.0, "second": 3.0}))
    assert [line.ratio for line in lines] == [1.0, 1.5]


def test_turning_checks_off_is_undone(bench):
    seen = []
    bench.off(lambda: seen.append(bool(bench.config.jaxtyping_disable)))()
    assert seen == [True]
    assert not bench.config.jaxtyping_disable
    with pytest.raises(ZeroDivisionError):
        bench.off(lambda: 1 / 0)()
    assert not bench.config.jaxtyping_disable


def test_a_table_has_a_line_for_each_result(bench):
    results = [bench.Result("a", "one", 1.0), bench.Result("b", "two", 2.0, 0.5, "of one", True)]
    drawn = bench.table(results)
    assert drawn.row_count == 2
