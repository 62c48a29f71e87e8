"""Sizes as canonical polynomials with integer coefficients.

Invariant: a `Size` holds no zero coefficient and no monomial twice, so two sizes are equal as polynomials exactly when
they compare equal. SymPy's own equality is not used: it is slower by orders of magnitude and knows nothing of unknowns.

An atom is the name of a dimension symbol, a positive integer that nobody may solve for, or an unknown of the checker,
whose name starts with `?`. A monomial is the sorted tuple of its atoms; the empty tuple is the constant.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

Monomial = tuple[str, ...]


class Verdict(enum.Enum):
    """The three answers to "are these two sizes equal, whatever positive integers the symbols are?"."""

    EQUAL = "equal"
    UNEQUAL = "unequal"
    CANNOT_TELL = "cannot tell"


class Size:
    """An integer polynomial in dimension symbols; terms keep the order in which they were written, for printing."""

    __slots__ = ("_hash", "terms")
    terms: dict[Monomial, int]

    def __init__(self, terms: Mapping[Monomial, int]) -> None:
        self.terms = {monomial: factor for monomial, factor in terms.items() if factor}
        self._hash = hash(frozenset(self.terms.items()))

    @staticmethod
    def of(value: int | str) -> Size:
        """The constant `value`, or the symbol of that name."""
        return Size({(): value}) if isinstance(value, int) else Size({(value,): 1})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: Size) -> Size:
        terms = dict(self.terms)
        for monomial, factor in other.terms.items():
            terms[monomial] = terms.get(monomial, 0) + factor
        return Size(terms)

    def __neg__(self) -> Size:
        return Size({monomial: -factor for monomial, factor in self.terms.items()})

    def __sub__(self, other: Size) -> Size:
        return self + -other

    def __mul__(self, other: Size) -> Size:
        terms: dict[Monomial, int] = {}
        for left, p in self.terms.items():
            for right, q in other.terms.items():
                monomial = tuple(sorted(left + right))
                terms[monomial] = terms.get(monomial, 0) + p * q
        return Size(terms)

    @property
    def constant(self) -> int | None:
        """The integer that this size is, or None when a symbol is left in it."""
        return None if any(self.terms) else self.terms.get((), 0)

    @property
    def atoms(self) -> tuple[str, ...]:
        """The names in it, each once, in the order of writing."""
        return tuple(dict.fromkeys(atom for monomial in self.terms for atom in monomial))

    @property
    def unknowns(self) -> tuple[str, ...]:
        """The checker's unknowns in it."""
        return tuple(atom for atom in self.atoms if atom.startswith("?"))

    def substitute(self, values: Callable[[str], Size | None]) -> Size:
        """Every atom replaced by `values(atom)`; None leaves it."""
        total = Size({})
        for monomial, factor in self.terms.items():
            product = Size.of(factor)
            for atom in monomial:
                value = values(atom)
                product = product * (Size.of(atom) if value is None else value)
            total = total + product
        return total

    def at(self, values: Mapping[str, int]) -> int:
        """The number it is when its symbols have these values. Raises KeyError for a symbol without one."""
        return sum(factor * math.prod(values[atom] for atom in monomial) for monomial, factor in self.terms.items())

    def divided_by(self, divisor: Size) -> Size | None:
        """`self / divisor`, where that is a polynomial with integer coefficients; None elsewhere."""
        names = sorted({*self.atoms, *divisor.atoms})
        first, (monomial, factor) = Size({}), divisor._leading(names)
        rest = self
        while rest.terms:
            own, own_factor = rest._leading(names)
            left = list(own)
            for atom in monomial:
                if atom not in left:
                    return None
                left.remove(atom)
            if own_factor % factor:
                return None
            term = Size({tuple(left): own_factor // factor})
            first, rest = first + term, rest - term * divisor
        return first

    def _leading(self, names: Sequence[str]) -> tuple[Monomial, int]:
        """The term of the highest degree, of those the one with the most of the first of these names."""
        return max(self.terms.items(), key=lambda term: (len(term[0]), [term[0].count(name) for name in names]))

    def ordered(self, names: Iterable[str]) -> Size:
        """The same size with its terms in the order of these names (others after them), the constant last."""
        rank = {name: place for place, name in enumerate(names)}

        def key(monomial: Monomial) -> tuple[bool, list[tuple[int, str]]]:
            return not monomial, sorted((rank.get(atom, len(rank)), atom) for atom in monomial)

        return Size({monomial: self.terms[monomial] for monomial in sorted(self.terms, key=key)})

    def __str__(self) -> str:
        """As jaxtyping and Python read it, without spaces: `n+k`, `4*k`, `C*K-1`."""
        return self.text()

    def text(self, space: str = "") -> str:
        """As Python reads it, with this around signs: `n + k`, `4 * k`, `-C * K + 1`."""
        text = ""
        for monomial, factor in self.terms.items():
            sign = f"{space}{'-' if factor < 0 else '+'}{space}" if text else "-" if factor < 0 else ""
            factors = ([] if abs(factor) == 1 and monomial else [str(abs(factor))]) + list(monomial)
            text += sign + f"{space}*{space}".join(factors)
        return text or "0"

    def __repr__(self) -> str:
        return f"Size({self})"


def compare(left: Size, right: Size) -> Verdict:
    """Compare two sizes for all positive values of their symbols.

    The difference d decides: zero means equal; d >= 1 or d <= -1 throughout means unequal, and so does a constant that
    is no multiple of the common divisor of the other coefficients.
    """
    difference = left - right
    if not difference.terms:
        return Verdict.EQUAL
    if is_at_least(difference, 1) or is_at_least(-difference, 1):
        return Verdict.UNEQUAL
    divisor = math.gcd(*(factor for monomial, factor in difference.terms.items() if monomial))
    if divisor and difference.terms.get((), 0) % divisor:
        return Verdict.UNEQUAL
    return Verdict.CANNOT_TELL


def is_at_least(size: Size, least: int) -> bool:
    """Whether a size is at least this number for all positive values of its symbols, as far as signs show it.

    With every symbol s written as 1 + s', s' >= 0, it is when no coefficient is negative. For linear sizes the answer
    is exact.
    """
    shifted = (size - Size.of(least)).substitute(lambda atom: Size({(): 1, (atom,): 1}))
    return all(factor >= 0 for factor in shifted.terms.values())
