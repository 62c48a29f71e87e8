"""The benchmark: it runs, it refuses to time values that differ, and its arithmetic is right. No time is asserted."""

import importlib
import json
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(SCRIPTS))
    yield importlib.import_module("bench")
    sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="module")
def timing(bench):
    return importlib.import_module("benching.timing")


@pytest.fixture(scope="module")
def pairs(bench):
    return importlib.import_module("benching.pairs")


@pytest.fixture
def run(bench):
    threads = torch.get_num_threads()
    yield lambda *arguments: CliRunner().invoke(bench.main, [str(argument) for argument in arguments])
    torch.set_num_threads(threads)


# -- it runs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", "abcd")
def test_a_part_runs_alone(part, bench, run, monkeypatch, tmp_path):
    said = []
    monkeypatch.setattr(bench.Progress, "update", lambda self, task, *, description, **_: said.append(description))
    done = run("--quick", "--only", part, "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    results = json.loads((tmp_path / "out.json").read_text())
    assert {result["part"] for result in results} == {part}
    assert all(result["ms"] == result["ms"] for result in results)
    assert all(result["holds"] is None for result in results)
    for result in results:
        assert result["name"].split(":")[0] in " ".join(done.stdout.split())
    assert len(said) == bench.steps(part, bench.Plan(True, said.append))  # the bar ends where the part does


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
def test_a_wrong_copy_of_the_weights_is_found(fault, pairs, run, monkeypatch, tmp_path):
    copied = pairs.copied

    def wrong(theirs):
        spec = copied(theirs)
        fault(spec)
        return spec

    monkeypatch.setattr(pairs, "copied", wrong)
    done = run("--quick", "--only", "d", "--json", tmp_path / "out.json")
    assert done.exit_code == 1
    assert done.stderr.strip().splitlines()[-1].startswith("error: ")
    assert "differs by" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "out.json").exists()


def test_a_wrong_gradient_is_found(pairs, timing):
    with pairs.generated() as modules:
        both = pairs.pair(modules, (7, 2, 3, 5), torch.float64)
        pairs.verify(both, 1e-12)
        to_spec = both.ours.to_spec

        def wrong(*, grad=False):
            return {name: value * (1 + 1e-9 * (name == "W_f")) for name, value in to_spec(grad=grad).items()}

        both.ours.to_spec = wrong
        with pytest.raises(timing.Different, match="gradient of the input's weights"):
            pairs.verify(both, 1e-12)


@pytest.mark.parametrize("value", [[1.0, 2.1], [1.0], [[1.0, 2.0]], [1.0, float("nan")]])
def test_agree_finds_what_differs(value, timing):
    with pytest.raises(timing.Different, match="what"):
        timing.agree("what", value, [1.0, 2.0], 1e-3)


def test_agree_accepts_what_agrees(timing):
    timing.agree("what", torch.ones(2, requires_grad=True), [1.0, 1.0 + 1e-13], 1e-12)


# -- arithmetic --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0])
def test_the_exponent_of_made_up_times(power, timing):
    sizes = (100, 200, 500, 1000)
    times = [0.3 * size**power for size in sizes]
    assert timing.exponent(sizes, times) == pytest.approx(power)


def test_the_exponent_of_noisy_linear_times_is_near_one(timing):
    assert timing.exponent((100, 200, 500, 1000), (11.0, 19.0, 52.0, 98.0)) == pytest.approx(1, abs=0.05)


def test_medians_take_turns(timing):
    calls = []
    found = timing.medians({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 3)
    assert calls == ["a", "b", "a", "b", "b", "a", "a", "b"]
    assert list(found) == ["a", "b"]


def test_excess_is_deaf_to_what_disturbs_some(timing):
    assert timing.excess([11.0, 90.0, 11.0, 50.0, 11.0, 11.5], [10.0] * 6) == 1
    assert timing.excess([10.0] * 6, [10.0, 30.0, 10.0, 40.0, 10.0, 50.0]) == 0


@pytest.mark.parametrize("equations", [1, 2, 7, 40])
def test_the_chain_has_as_many_equations_as_it_says(equations, bench):
    cell = bench.stages.chain(equations)
    assert len(cell.system.equations) == equations
    shapes = cell.shapes.require()
    assert {str(shapes.of[name]) for name in cell.equations} == {str(shapes.of["h"])}


def test_ratios_are_of_torchs_own(bench):
    assert [line.ratio for line in bench.models.compared("row", {"mine": 3.0, "torch.nn.LSTM": 2.0})] == [1.5, 1.0]


@pytest.mark.parametrize("disable", [True, False])
def test_turning_checks_off_or_on_is_undone(disable, bench, monkeypatch):
    config = bench.models.config
    monkeypatch.setattr(config, "jaxtyping_disable", not disable)
    seen = []
    bench.models.under(disable, lambda: seen.append(bool(config.jaxtyping_disable)))()
    assert seen == [disable]
    assert config.jaxtyping_disable is not disable
    with pytest.raises(ZeroDivisionError):
        bench.models.under(disable, lambda: 1 / 0)()
    assert config.jaxtyping_disable is not disable


def test_checks_are_on_and_off_by_turns(bench):
    config, seen = bench.models.config, []
    bench.models.switched(lambda: seen.append(bool(config.jaxtyping_disable)) or 1.0, 3)
    assert seen == [True, False] + [False, True] * 2 + [True, False, False, True]  # values, a first run, then turns


def test_a_check_that_changes_values_is_found(bench, timing):
    with pytest.raises(timing.Different, match="without checks"):
        bench.models.switched(lambda: 1.0 + bool(bench.models.config.jaxtyping_disable), 3)


def test_a_table_has_a_line_for_each_result(bench):
    results = [bench.Result("a", "one", 1.0), bench.Result("b", "two", 2.0, 0.5, "of one", True)]
    assert bench.table(results).row_count == 2
