"""What the checker says: findings in words."""

from __future__ import annotations

from ..diagnostics import Code, Diagnostic
from ..dims import Shape, is_at_least
from ..nodes import Node, names_in, text
from ..ops import AnyShape, Mismatch, Unranked
from ._reasons import Reason, told
from ._why import LINKS, Why


def undetermined(why: Why, name: str) -> Diagnostic:
    """Nothing in the system says what size a name has."""
    symbol = why.system.symbols.get(name)
    site = symbol.site if symbol else why.system.equations[name].site
    reader = next((e.name for e in why.system.equations.values() if name in names_in(e.expr)), "")
    layer = symbol is not None and symbol.layer
    if symbol is None:
        what, help_ = f"equation `{name}`", "say it: shaped(…, k)"
    elif layer:
        what, help_ = f"the dense layer of `{name}` in equation `{reader}`", "say it: affine(…, size=k)"
    else:
        what, help_ = f"{symbol.role.value} `{name}`", f"say it: {symbol.role.value.capitalize()}(k)"
    used = any(reader in names_in(e.expr) for e in why.system.equations.values())
    unread = reader and not used and not reader.endswith(".next") and reader != why.system.output
    notes = (f"nothing reads `{reader}`, which would say it",) if layer and unread else ()
    where_ = reader if layer else "" if symbol else name
    return Diagnostic(Code.LS105, f"nothing says what size {what} has", site, why.system.name, where_, "", notes, help_)


def not_positive(why: Why, name: str, shape: Shape) -> Diagnostic:
    """A name has a size that is zero or negative for some sizes of the symbols."""
    size = next(size for size in shape if not is_at_least(size, 1)).ordered(why.solver.dims)
    never = is_at_least(-size, 0)
    symbol, equation = why.system.symbols.get(name), why.system.equations.get(name)
    site = symbol.site if symbol is not None else equation.site if equation is not None else None
    return Diagnostic(
        Code.LS109,
        f"`{name}` would have size {size}, which is {'never' if never else 'not always'} positive",
        site,
        why.system.name,
        "" if symbol else name,
        notes=(told(why.chains(name)),),
        help="" if never else "let the larger size be a sum, as in State(n + m): what is left is then a symbol",
    )


def mismatched(why: Why, mismatch: Mismatch, reason: Reason, operands: list[tuple[Node, AnyShape]]) -> Diagnostic:
    """An expression whose operands do not fit, with the reasons for their shapes."""
    elsewhere = [forced for forced in mismatch.forced if forced.equation != reason.equation]
    code, message = mismatch.code, f"{mismatch.message} in equation `{reason.equation}`"
    if elsewhere and code in _FORCED:
        code = Code.LS111
        message += f", because of what equation `{elsewhere[0].equation}` forces"
    return Diagnostic(
        code,
        message,
        reason.site,
        why.system.name,
        reason.equation,
        label="   ".join(f"{text(arg)} : {why.shown(shape)}" for arg, shape in operands),
        notes=(*mismatch.notes, *_reasons(why, reason.node)),
    )


# The codes that say that two sizes do not agree.
_FORCED = (Code.LS101, Code.LS102, Code.LS103, Code.LS104, Code.LS110)


def _reasons(why: Why, node: Node) -> list[str]:
    """Why each name in the faulty expression has the shape it has."""
    lines = []
    for name in names_in(node):
        if isinstance(why.solver.shape(why.names.get(name, Unranked())), Unranked):
            continue
        shape, chains = why.shown(why.names[name]), why.chains(name, LINKS)
        if "?" in shape:
            continue
        if why.is_declared(name):
            lines.append(f"{name} is {shape} because it is {told(chains)}")
        elif why.solver.chain(*why.solver.ranked(why.names[name])):
            lines.append(f"{name} is {shape}{':' if len(chains) > 1 else ''} {told(chains)}")
    return lines
