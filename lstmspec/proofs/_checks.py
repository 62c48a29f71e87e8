"""The comparisons of a proof, a row each: what a model computes, and what it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..emit import Case, Runner
from ._compare import Difference, difference
from ._reference import Reference, Slope

EXACT, SECOND = 1e-12, 1e-8  # of values and first derivatives, and of second ones, which are central differences
LEAST = 1e-3  # of a derivative's terms, relative to those of the largest one: below it rounding is seen


class NotSmooth(Exception):
    """Raised where the cell has so many kinks near a case that its second derivatives cannot be had."""


@dataclass(frozen=True)
class Check:
    """A comparison.

    Attributes:
        name: What the table calls it.
        passes: The procedures that it runs.
        bound: The difference that is allowed.
        run: What a model computes.
        compare: It beside the reference. Raises NotSmooth.

    """

    name: str
    passes: tuple[str, ...]
    bound: float
    run: Callable[[Runner, Case], dict[str, Any]]
    compare: Callable[[Mapping[str, Any], Reference], Difference]


def _beside_results(values: Mapping[str, Any], reference: Reference) -> Difference:
    return difference(values, reference.results)


def _beside_slopes(gradients: Mapping[str, Any], reference: Reference) -> Difference:
    return projected(gradients, reference.case.at, reference.slopes)


def _beside_second_slopes(gradients: Mapping[str, Any], reference: Reference) -> Difference:
    return projected(gradients, {**reference.case.at, **reference.case.d}, reference.second_slopes)


def projected(gradients: Mapping[str, Any], like: Mapping[str, Any], slopes: Sequence[Slope]) -> Difference:
    """The largest difference of <gradient, u> and the derivative along u, relative to the terms of the product.

    Raises:
        NotSmooth: most of the derivatives cannot be had.

    """
    zeros = {name: np.zeros(np.shape(value)) for name, value in like.items()}
    if (wrong := difference(gradients, zeros)).error == np.inf:
        return wrong
    terms = [gradients[slope.name] * slope.direction for slope in slopes]
    sizes = [float(np.sum(np.abs(own))) for own in terms]
    least = max(LEAST * max(sizes, default=0.0), 1e-12)
    found, unknown = Difference(), 0
    for slope, own, size in zip(slopes, terms, sizes, strict=True):
        value = slope.value(max(size, least), SECOND / 10)
        if value is None:
            unknown += 1
            continue
        error = abs(float(np.sum(own)) - value) / max(size, least)
        found = max(found, Difference(np.inf if np.isnan(error) else error, f"the derivative by {slope.name}"))
    if 2 * unknown > len(slopes):
        raise NotSmooth
    return found


CHECKS = (
    Check("outputs", ("outputs",), EXACT, lambda model, case: model.outputs(case), _beside_results),
    Check("forward", ("forward",), EXACT, lambda model, case: model.forward(case), _beside_results),
    Check("backward", ("forward", "backward"), EXACT, lambda model, case: model.backward(case), _beside_slopes),
    Check("double backward", ("forward", "backward", "adjoint", "tangent"), SECOND,
          lambda model, case: model.double_backward(case), _beside_second_slopes),
)  # fmt: skip
