"""What parameters start from: a number, or an initialiser, which is a rule of a closed table with its numbers.

Here they are only data. Each backend has a row for every rule (`RULES` in its runtime); the checker holds a rule
against the shape of what it initialises.
"""

from __future__ import annotations

import difflib
import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..diagnostics import Code, SpecError, fitting, found_before, refused, written
from ..nodes import Node, Reported, real


class Fits(enum.Enum):
    """The shapes that a rule can initialise."""

    ALL = "anything"
    VECTOR = "a vector"
    MATRIX = "a matrix"
    SQUARE = "a square matrix"


RULES: Mapping[str, Fits] = {
    "constant": Fits.ALL,
    "uniform": Fits.ALL,
    "normal": Fits.ALL,
    "log_uniform": Fits.ALL,
    "chrono": Fits.ALL,
    "spread": Fits.VECTOR,
    "orthogonal": Fits.MATRIX,
    "identity": Fits.SQUARE,
    "glorot_uniform": Fits.MATRIX,
    "lecun_uniform": Fits.MATRIX,
}

EXAMPLES: Mapping[str, str] = {  # of rules whose arguments can be out of bounds
    "uniform": "-0.1, 0.1",
    "normal": "0.1",
    "log_uniform": "1, 1000",
    "chrono": "784",
    "orthogonal": "1.0",
}


@dataclass(frozen=True, slots=True)
class Initialiser:
    """A rule of `RULES` with its numbers, in the order of its arguments."""

    rule: str
    numbers: tuple[float, ...] = ()

    def __str__(self) -> str:
        values = ", ".join(repr(value) for value in self.numbers)
        return values if self.rule == "constant" else f"{self.rule}({values})"


Given = float | Initialiser | None
"""What users may write as `init` for one block; None is the default."""
Initial = Initialiser | None | tuple[Initialiser | None, ...]
"""The same as data; a tuple has one for each operand that a matrix acts on."""


# -- the rules ---------------------------------------------------------------------------------------------------------


@fitting
def uniform(low: float, high: float) -> Initialiser:
    """Each number from U(low, high). Raises SpecError, LS211, unless low < high."""
    return Initialiser("uniform", _rising("uniform", low, high))


@fitting
def normal(std: float) -> Initialiser:
    """Each number from N(0, std²). Raises SpecError, LS211, unless std > 0."""
    return Initialiser("normal", (_above(0, "normal", "std", std),))


@fitting
def log_uniform(low: float, high: float) -> Initialiser:
    """Each number is exp(U(log low, log high)): every order of magnitude is equally likely.

    D. Neil, M. Pfeiffer, S.-C. Liu, "Phased LSTM", NeurIPS (2016), of periods. Raises SpecError, LS211, unless
    0 < low < high.
    """
    _above(0, "log_uniform", "low", low)
    return Initialiser("log_uniform", _rising("log_uniform", low, high))


@fitting
def chrono(steps: float) -> Initialiser:
    """Each number is log U(1, steps - 1), for the bias of a gate that forgets over up to so many steps.

    C. Tallec, Y. Ollivier, "Can recurrent neural networks warp time?", ICLR (2018), where the bias of the input gate
    is the negative of it. Raises SpecError, LS211, unless steps > 2.
    """
    return Initialiser("chrono", (_above(2, "chrono", "steps", steps),))


@fitting
def spread(low: float, high: float) -> Initialiser:
    """Number j of k is low + (high - low) * j / (k - 1), and low if there is one: nothing is drawn.

    Forget biases of M. Beck et al., "xLSTM: extended long short-term memory", NeurIPS (2024): from 3 to 6. Of vectors.
    Raises SpecError, LS211, for what is no finite number.
    """
    return Initialiser("spread", (_real("spread", "low", low), _real("spread", "high", high)))


@fitting
def orthogonal(gain: float = 1.0) -> Initialiser:
    """W with Wᵀ W = gain² I, or W Wᵀ = gain² I where it has fewer rows than columns, all such W equally likely.

    W = gain Q, where Q R is the factorisation of a matrix of normal numbers in which R has a positive diagonal.
    A. M. Saxe, J. L. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks", ICLR (2014). Of matrices, each gate's block by itself. Raises SpecError, LS211, unless gain > 0.
    """
    return Initialiser("orthogonal", (_above(0, "orthogonal", "gain", gain),))


@fitting
def identity(scale: float = 1.0) -> Initialiser:
    """W = scale I.

    Q. V. Le, N. Jaitly, G. E. Hinton, "A simple way to initialize recurrent networks of rectified linear units",
    arXiv:1504.00941 (2015). Of square matrices. Raises SpecError, LS211, for what is no finite number.
    """
    return Initialiser("identity", (_real("identity", "scale", scale),))


@fitting
def glorot_uniform() -> Initialiser:
    """Each number from U(-b, b) with b = sqrt(6 / (rows + columns)).

    Columns are those of the block: those of `W_f` that act on x, or on h, each by themselves. Of matrices. X. Glorot,
    Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS (2010), equation 16.
    """
    return Initialiser("glorot_uniform")


@fitting
def lecun_uniform() -> Initialiser:
    """Each number from U(-b, b) with b = sqrt(3 / columns), so that its variance is 1 / columns.

    Columns as for `glorot_uniform`. Of matrices. Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, "Efficient backprop",
    in Neural networks: tricks of the trade (1998), section 4.6, whose variance this is.
    """
    return Initialiser("lecun_uniform")


# -- what users write --------------------------------------------------------------------------------------------------


def initial(given: object, what: str = "init") -> Initial:
    """What was given as `init`, as data. Raises SpecError, LS211, for what is no initialiser."""
    if not isinstance(given, tuple):
        return _one(given, what)
    if not given:
        raise refused(Code.LS211, f"{what} is an empty tuple", "one for each operand, or one for all")
    return tuple(_one(part, what) for part in given)


def _one(given: object, what: str) -> Initialiser | None:
    if given is None or isinstance(given, Initialiser):
        return given
    if real(given) is not None:
        return Initialiser("constant", (number(given, what),))
    known = ", ".join(rule for rule in RULES if rule != "constant")
    if isinstance(given, Reported):
        raise SpecError(found_before())  # what follows from it is its echo
    if callable(given) and not isinstance(given, Node):
        name = str(getattr(given, "__name__", "it"))
        shown = f"{what} is a function, {name}"
        near = difflib.get_close_matches(name.strip("_"), RULES, 1)
        raise refused(Code.LS211, shown, f"call it: init.{near[0]}(…)" if near else f"those of init are {known}")
    help_ = f"a number such as 1.0, or one of lstmspec.init: {known}"
    raise refused(Code.LS211, f"{what} = {written(given)} is neither a number nor an initialiser", help_)


def number(value: object, what: str) -> float:
    """A finite number. Raises SpecError, LS211."""
    if isinstance(value, Reported):
        raise SpecError(found_before())
    known = real(value)
    if known is None or not math.isfinite(known):
        raise refused(
            Code.LS211, f"{what} = {written(value)} is not a finite number", "a number in float64, such as 1.0"
        )
    return known


# -- their arguments ---------------------------------------------------------------------------------------------------


def _real(rule: str, name: str, value: object) -> float:
    return number(value, f"init.{rule}: {name}")


def _above(least: float, rule: str, name: str, value: object) -> float:
    known = _real(rule, name, value)
    if known <= least:
        help_ = f"it has to be larger: init.{rule}({EXAMPLES[rule]})"
        raise refused(Code.LS211, f"init.{rule}: {name} = {written(value)} is not above {least}", help_)
    return known


def _rising(rule: str, low: object, high: object) -> tuple[float, float]:
    bounds = _real(rule, "low", low), _real(rule, "high", high)
    if bounds[0] >= bounds[1]:
        message = f"init.{rule}: low = {written(low)} is not below high = {written(high)}"
        raise refused(Code.LS211, message, f"the lower bound comes first: init.{rule}({EXAMPLES[rule]})")
    return bounds
