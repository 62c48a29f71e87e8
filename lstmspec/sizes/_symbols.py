"""The door to SymPy: dimension symbols as users write them."""

from __future__ import annotations

import keyword

import sympy

from ._size import Monomial, Size, is_at_least


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
    if isinstance(value, bool) or not isinstance(value, int | sympy.Expr):
        raise NotADimension(f"{value!r} is not a dimension; expected a symbol of dims() or a positive integer")
    expr = sympy.expand(value)
    for symbol in sorted(expr.free_symbols, key=str):
        if not (symbol.is_Symbol and symbol.is_integer and symbol.is_positive):
            raise NotADimension(
                f"`{symbol}` in `{value}` is not a dimension symbol; make it with dims({str(symbol)!r})"
            )
    size = Size(dict(_term(term, value) for term in sympy.Add.make_args(expr)))
    if (number := size.constant) is not None and number < 1:
        raise NotADimension(f"{number} is not a dimension; expected a positive integer")
    if is_at_least(-size, 0):
        raise NotADimension(f"`{value}` is not a dimension: it is never positive")
    return size


def _term(term: sympy.Expr, whole: object) -> tuple[Monomial, int]:
    factor, rest = term.as_coeff_Mul()
    atoms: list[str] = []
    for base, exponent in rest.as_powers_dict().items():
        if base == 1:
            continue
        if not (base.is_Symbol and exponent.is_Integer and exponent > 0):
            raise NotWhole(f"`{whole}` is not a dimension: `{base**exponent}` is not always a whole number")
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
