"""The door to SymPy: dimension symbols as users write them."""

from __future__ import annotations

import keyword

import sympy

from ..diagnostics import one_line, written
from ._size import Monomial, Size, is_at_least
from ._whole import whole

LARGEST = 2**63 - 1  # of a number in a size: no array has a longer axis
DEGREE = 16  # of a size in its symbols


class NotADimension(ValueError):
    """A value that cannot be the size of an axis; the message says what it is and what would be right."""


class NotWhole(NotADimension):
    """An expression over dimensions that is not a whole number for all sizes, such as k/2."""


def dims(names: str) -> tuple[sympy.Symbol, ...]:
    """Dimension symbols, one for each name: `n, k = dims("n k")`.

    Each is a SymPy symbol, integer and positive, so that `n + k` and `4*k` are dimensions too. A dimension symbol is
    free: the checker proves equations for every value of it and never solves for it.

    Raises:
        NotADimension: a name is no Python identifier, is a keyword, or is given twice.

    """
    if not isinstance(names, str):
        raise NotADimension(f"{written(names)} names no dimensions; expected text")
    parts = names.replace(",", " ").split()
    if not parts:
        raise NotADimension('dims() needs at least one name, as in `n, k = dims("n k")`')
    for name in parts:
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
            raise NotADimension(f"dimension name {name!r} is not usable; expected a Python name such as `n` or `k`")
        if parts.count(name) > 1:
            raise NotADimension(f"dimension name {name!r} is given twice in dims({names!r})")
    return tuple(sympy.Symbol(name, integer=True, positive=True) for name in parts)


def size_from(value: object) -> Size:
    """The canonical form of what a user wrote as a dimension: a positive integer or an expression over `dims`.

    Raises:
        NotADimension: anything else; the message says why.

    """
    if isinstance(value, Size):
        return value
    number = whole(value)
    if number is None and (not isinstance(value, sympy.Expr) or value.is_Matrix):
        raise NotADimension(f"{written(value)} is not a dimension; expected a symbol of dims() or a positive integer")
    given = value if number is None else sympy.Integer(number)
    _require_small(given)
    shown = one_line(str(given))
    expr = sympy.expand(given)
    for symbol in sorted(expr.free_symbols, key=str):
        if not (symbol.is_Symbol and symbol.is_integer and symbol.is_positive):
            help_ = f"make it with dims({str(symbol)!r})"
            raise NotADimension(f"`{symbol}` in `{shown}` is not a dimension symbol; {help_}")
    size = Size(dict(_term(term, shown) for term in sympy.Add.make_args(expr)))
    if (constant := size.constant) is not None and constant < 1:
        raise NotADimension(f"{constant} is not a dimension; expected a positive integer")
    if is_at_least(-size, 0):
        raise NotADimension(f"`{shown}` is not a dimension: it is never positive")
    return size


def _require_small(value: sympy.Expr) -> None:
    """Raise NotADimension for numbers and powers that no size has, before anything is worked out."""
    if any(max(abs(number.p), number.q) > LARGEST for number in value.atoms(sympy.Rational)):
        shown = written(int(value) if value.is_Integer else value)
        raise NotADimension(f"{shown} is not a dimension: no axis is longer than 2**63 - 1")
    if any(power.exp.is_Integer and power.exp > DEGREE for power in value.atoms(sympy.Pow)):
        raise NotADimension(f"`{written(value)}` is not a dimension: powers go up to {DEGREE}")


def _term(term: sympy.Expr, whole: str) -> tuple[Monomial, int]:
    factor, rest = term.as_coeff_Mul()
    atoms: list[str] = []
    for base, exponent in rest.as_powers_dict().items():
        if base == 1:
            continue
        if not (base.is_Symbol and exponent.is_Integer and exponent > 0):
            part = one_line(str(base**exponent))
            if (base**exponent).is_integer:
                raise NotADimension(
                    f"`{whole}` is not a dimension: `{part}` is no symbol of dims(), nor a power of one"
                )
            raise NotWhole(f"`{whole}` is not a dimension: `{part}` is not always a whole number")
        atoms += [base.name] * int(exponent)
    if not factor.is_Integer:
        raise NotWhole(f"`{whole}` is not a dimension: it is not always a whole number")
    return tuple(sorted(atoms)), int(factor)


def sympy_from(size: Size) -> sympy.Expr:
    """The SymPy expression of a size, over the same symbols as `dims` makes."""
    terms = []
    for monomial, factor in size.terms.items():
        symbols = [sympy.Symbol(atom, integer=True, positive=True) for atom in monomial]
        terms.append(sympy.Mul(factor, *symbols))
    return sympy.Add(*terms)
