"""The comparisons of a proof, a row each: what a model computes, and what it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..emit import Case, Runner
from ._compare import Difference, difference
from ._reference import Reference, Slope

EXACT, SECOND = 1e-12, 1e-8  # of first values and derivatives, and of second ones, which are central differences
LEAST = 1e-3  # of a derivative's terms, relative to those of the largest one: below it rounding is seen


@dataclass(frozen=True)
class Check:
    """A comparison.

    Attributes:
        name: What the table calls it.
        passes: The procedures that it runs, the one that it is about last.
        bound: The difference that is allowed.
        run: What a model computes.
        compare: It beside the reference.

    """

    name: str
    passes: tuple[str, ...]
    bound: float
    run: Callable[[Runner, Case], dict[str, Any]]
    compare: Callable[[Mapping[str, Any], Reference], Difference]


def _beside_results(values: Mapping[str, Any], reference: Reference) -> Difference:
    return difference(values, reference.results)


def _beside_slopes(gradients: Mapping[str, Any], reference: Reference) -> Difference:
    return _projected(gradients, reference.case.at, reference.slopes, EXACT)


def _beside_second_slopes(gradients: Mapping[str, Any], reference: Reference) -> Difference:
    return _projected(gradients, {**reference.case.at, **reference.case.d}, reference.second_slopes, SECOND)


def _projected(
    gradients: Mapping[str, Any], like: Mapping[str, Any], slopes: Iterable[Slope], bound: float
) -> Difference:
    """The largest difference of <gradient, u> and the derivative along u, relative to the terms of the product."""
    zeros = {name: np.zeros(np.shape(value)) for name, value in like.items()}
    if wrong := [d for d in [difference(gradients, zeros)] if d.error == np.inf]:
        return wrong[0]
    slopes = list(slopes)
    terms = [gradients[slope.name] * slope.direction for slope in slopes]
    sizes = [float(np.sum(np.abs(own))) for own in terms]
    least = max([LEAST * max(sizes, default=0.0), 1e-12])
    found = Difference()
    for slope, own, size in zip(slopes, terms, sizes, strict=True):
        error = np.inf
        for value in slope.values:
            off = abs(float(np.sum(own)) - value()) / max(size, least)
            error = min(error, off) if not np.isnan(off) else error
            if error <= bound:
                break
        found = max(found, Difference(error, f"the derivative by {slope.name}"))
    return found


CHECKS = (
    Check("outputs", ("outputs",), EXACT, lambda model, case: model.outputs(case), _beside_results),
    Check("forward", ("forward",), EXACT, lambda model, case: model.forward(case), _beside_results),
    Check("backward", ("forward", "backward"), EXACT, lambda model, case: model.backward(case), _beside_slopes),
    Check("double backward", ("forward", "backward", "adjoint", "tangent"), SECOND,
          lambda model, case: model.double_backward(case), _beside_second_slopes),
)  # fmt: skip
