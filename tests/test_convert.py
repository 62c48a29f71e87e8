"""Layouts: there and back without loss, and what they refuse in which words."""

import functools

import numpy as np
import pytest
import torch
from converting import TABLES, drawn, known, parameters, sizes_of
from helpers import CELLS
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmspec import Cell, Input, Layout, LayoutError, State, Weight, affine, dims, dot, layout, layouts, sigmoid, tanh
from lstmspec.checker import columns
from lstmspec.convert import Array, Part

n, m, k = dims("n m k")
of_tables = pytest.mark.parametrize(("cell", "name"), TABLES)


class Mixed(Cell):
    """A matrix whose operand is not concatenated, a vector, a scalar."""

    x, h = Input(n), State(k)
    w, s = Weight(k), Weight(())
    h.next = s * sigmoid(affine(x, h)) * dot(w, h) + h


def identical(actual, expected):
    assert actual.keys() == expected.keys()
    for name, value in expected.items():
        assert actual[name].dtype == value.dtype, name
        np.testing.assert_array_equal(actual[name], value, name, strict=True)


@of_tables
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_there_and_back(cell, name, kind):
    spec = parameters(cell, sizes_of(cell), kind=kind)
    arrays = known(cell, name).from_spec(spec)
    identical(known(cell, name).to_spec(arrays), spec)
    identical(known(cell, name).from_spec(known(cell, name).to_spec(arrays)), arrays)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TABLES), st.lists(st.integers(1, 6), min_size=3, max_size=3), st.integers(0, 99))
def test_writing_then_reading_is_the_identity(table, sizes, seed):
    """With any numbers where the other code adds none of its own; else with those whose sums are exact."""
    made = known(*table)
    spec = parameters(table[0], sizes_of(table[0], sizes), seed)
    if not made.offsets:
        rng = np.random.default_rng(seed)
        spec = {name: value * 10.0 ** rng.integers(-300, 300, value.shape) for name, value in spec.items()}
    identical(made.to_spec(made.from_spec(spec)), spec)


@functools.cache
def alike(cell):
    """Every part of a cell, those of equal size together: what can stand in one column of a grid."""
    groups: dict[object, list[Part]] = {}
    for name in cell.system.parameters:
        found = columns(cell, name)
        for at, size in [(at, column.size) for at, column in enumerate(found)] or [(None, None)]:
            groups.setdefault((cell.shapes.of[name][:1], size), []).append(Part(name, at))
    return list(groups.values())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_layout_goes_there_and_back(data):
    """Arrays drawn at random: parts in any order, some twice, with gaps, turned, reshaped."""
    cell = data.draw(st.sampled_from([Mixed, CELLS["LSTM"], CELLS["GRUResetBefore"], CELLS["LSTMP"]]))
    arrays = []
    for at, group in enumerate(alike(cell)):
        rows = data.draw(st.permutations([*group, *data.draw(st.lists(st.sampled_from([*group, None]), max_size=3))]))
        cut = data.draw(st.integers(0, len(rows)))
        halves = [half for half in (rows[:cut], rows[cut:]) if any(half)]
        for place, half in enumerate(halves):
            arrays.append(Array(f"a{at}{place}", tuple((part,) for part in half), data.draw(st.booleans()), (1,)))
    made = Layout(cell.system, tuple(arrays))
    shapes = {name: cell.shapes.of[name] for name in cell.system.parameters}
    spec = drawn(shapes, dict(zip(cell.shapes.dims, (3, 5, 11), strict=False)))
    identical(made.to_spec(made.from_spec(spec)), spec)


def test_places_are_added_up_and_offsets_too():
    arrays = {
        **{f"weight_{to}_l0": np.zeros((4, 1)) for to in ("ih", "hh")},
        **{f"bias_{to}_l0": np.full(4, value) for to, value in (("ih", 0.25), ("hh", 0.5))},
    }
    assert layout(CELLS["LSTM"], "pytorch").to_spec(arrays)["b_f"] == 0.75
    tf1 = layout(CELLS["LSTM"], "tf1").to_spec({"kernel": np.zeros((2, 4)), "bias": np.zeros(4)})
    assert (tf1["b_f"], tf1["b_i"]) == (1.0, 0.0)


def test_tensors_that_need_gradients_are_taken():
    module = torch.nn.GRU(3, 5)
    spec = layout(CELLS["GRU"], "pytorch").to_spec(dict(module.named_parameters()))
    np.testing.assert_array_equal(spec["W_u"], module.weight_hh_l0.detach().numpy()[10:])


def test_results_share_no_memory_with_what_was_given():
    spec = parameters("Elman", sizes_of("Elman"))
    arrays = known("Elman", "pytorch").from_spec(spec)
    back = known("Elman", "pytorch").to_spec(arrays)
    for values in (arrays, spec):
        for value in values.values():
            value[...] = 7
    assert not any((value == 7).any() for value in back.values())


# -- which cells -------------------------------------------------------------------------------------------------------


def test_layouts_are_those_of_the_same_equations_only():
    assert layouts(CELLS["LSTM"]) == ("pytorch", "keras", "onnx", "flax", "tf1")
    assert layouts(Mixed) == ()
    with pytest.raises(LayoutError, match=r"no layouts are known of `Mixed`; they are of LSTM, LSTMP, GRU, .*variant"):
        layout(Mixed, "keras")


def test_a_cell_of_the_same_name_is_taken_when_its_equations_are_the_same():
    class Elman(Cell):
        """The same equation, in other words."""

        x, h = Input(n), State(k)
        h.next = tanh(affine(x, h))

    assert layouts(Elman) == layouts(CELLS["Elman"])

    class GRU(Cell):
        x, h = Input(n), State(k)
        h.next = sigmoid(affine(x, h))

    with pytest.raises(LayoutError, match=r"`GRU` is not the built-in cell of that name"):
        layout(GRU, "keras")
    assert layouts(GRU) == ()


def test_an_unknown_layout_is_refused_with_the_known_ones():
    with pytest.raises(LayoutError) as caught:
        layout(CELLS["LSTM"], "karas")
    assert str(caught.value) == (
        "LSTM: no layout 'karas' is known; expected one of ['pytorch', 'keras', 'onnx', 'flax', 'tf1']; "
        "did you mean 'keras'?"
    )


# -- arrays that do not fit --------------------------------------------------------------------------------------------

KERAS = {"kernel": np.zeros((3, 20)), "recurrent_kernel": np.zeros((5, 20)), "bias": np.zeros(20)}
REFUSED = [
    (
        {"kernel": np.zeros((20, 3))},
        "LSTM.keras: array `kernel` has shape (20, 3); expected (n, 4*k): axis 1 is 3, not 4*k = 20; "
        "k = 5 (from `recurrent_kernel`), n = 20 (from `kernel`); its transpose fits",
    ),
    (
        {"bias": np.zeros(24)},
        "LSTM.keras: array `bias` has shape (24,); expected (4*k): axis 0 is 24, not 4*k = 20; "
        "k = 5 (from `kernel`), n = 3 (from `kernel`)",
    ),
    (
        {"bias": np.zeros((1, 20))},
        "LSTM.keras: array `bias` has shape (1, 20); expected (4*k), 1 axis; "
        "k = 5 (from `kernel`), n = 3 (from `kernel`)",
    ),
    ({"bias": np.zeros(20, int)}, "LSTM.keras: array `bias` has dtype int64; expected a floating one"),
    (
        {"bias": torch.zeros(20, dtype=torch.bfloat16)},
        "LSTM.keras: array `bias` cannot be had as a NumPy array: Got unsupported ScalarType BFloat16; "
        "convert it to float32 first",
    ),
    (
        {"bias": None, "biases": np.zeros(20)},
        "LSTM.keras: arrays ['bias'] are missing; ['biases'] are not in this layout; "
        "expected ['kernel', 'recurrent_kernel', 'bias']; is `biases` meant as `bias`?",
    ),
    (
        {"gamma": np.zeros(20)},
        "LSTM.keras: arrays ['gamma'] are not in this layout; expected ['kernel', 'recurrent_kernel', 'bias']",
    ),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_arrays_that_do_not_fit_are_refused(change, message):
    arrays = {name: value for name, value in {**KERAS, **change}.items() if value is not None}
    with pytest.raises(LayoutError) as caught:
        known("LSTM", "keras").to_spec(arrays)
    assert str(caught.value) == message


def test_sizes_that_nothing_fits_are_refused():
    with pytest.raises(LayoutError) as caught:
        known("LSTM", "tf1").to_spec({"kernel": np.zeros((8, 21)), "bias": np.zeros(21)})
    assert str(caught.value) == (
        "LSTM.tf1: array `kernel` has shape (8, 21); expected (n+k, 4*k): no size k makes axis 1, 4*k, be 21"
    )


def test_sizes_that_nothing_says_are_asked_for():
    class Summed(Cell):
        x, y, h = Input(n), Input(m), State(k)
        h.next = sigmoid(affine(x, y, h))

    made = Layout(Summed.system, (Array("W", ((Part("W_h"),),)), Array("b", ((Part("b_h"),),))))
    with pytest.raises(
        LayoutError, match=r"`W` has shape \(3, 8\); expected .*: no array says what n and m are; k = 3"
    ):
        made.to_spec({"W": np.zeros((3, 8)), "b": np.zeros(3)})


def test_a_spec_that_does_not_fit_is_refused():
    spec = parameters("LSTM", sizes_of("LSTM")) | {"b_f": np.zeros(4)}
    with pytest.raises(LayoutError, match=r"parameter `b_f` has shape \(4,\); expected \(k\): axis 0 is 4, not k = 5"):
        known("LSTM", "keras").from_spec(spec)


# -- several layers ----------------------------------------------------------------------------------------------------


def of_layers(*suffixes):
    module = torch.nn.LSTM(3, 5)
    parameters = {name.removesuffix("_l0"): value for name, value in module.state_dict().items()}
    return {f"{name}{suffix}": value + at for at, suffix in enumerate(suffixes) for name, value in parameters.items()}


def test_arrays_of_other_layers_are_not_dropped_without_a_word():
    with pytest.raises(LayoutError) as caught:
        known("LSTM", "pytorch").to_spec(of_layers("_l0", "_l1", "_l1_reverse"))
    others = list(of_layers("_l1", "_l1_reverse"))
    assert str(caught.value) == (
        f"LSTM.pytorch: arrays {others} are of other layers and would be lost; say which layer is meant, "
        'suffix="_l0" or suffix="_l1" or suffix="_l1_reverse" (pytorch:_l1_reverse on the command line), '
        "and convert each by itself"
    )


@pytest.mark.parametrize(("given", "suffix"), [(("_l1",), "_l1"), (("",), ""), (("_l0_reverse",), "_l0_reverse")])
def test_arrays_of_another_layer_alone_ask_for_it(given, suffix):
    with pytest.raises(LayoutError, match=f'say which layer is meant, suffix="{suffix}" '):
        known("LSTM", "pytorch").to_spec(of_layers(*given))
    assert layout(CELLS["LSTM"], "pytorch", suffix=suffix).to_spec(of_layers(*given))


@pytest.mark.parametrize("suffix", ["_l0", "_l1", "_l1_reverse"])
def test_a_layer_that_is_said_is_taken_from_among_others(suffix):
    everything = of_layers("_l0", "_l1", "_l1_reverse")
    made = layout(CELLS["LSTM"], "pytorch", suffix=suffix)
    own = {name: value for name, value in everything.items() if name in made.shapes}
    identical(made.to_spec(everything), made.to_spec(own))
    assert [*made.of_other_layers(everything), *own] == sorted(everything, key=lambda name: name in own)


@pytest.mark.parametrize("odd", ["weight_hr_l0", "weight_hr_l1", "weight_ihh_l1", "fc.weight", "weight_ih_l0.1", 3])
def test_arrays_of_no_layer_are_refused_though_a_layer_is_said(odd):
    with pytest.raises(LayoutError, match="are not in this layout"):
        layout(CELLS["LSTM"], "pytorch", suffix="_l0").to_spec(of_layers("_l0") | {odd: torch.zeros(3)})
