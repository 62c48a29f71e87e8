"""The findings of the checker in words."""

from __future__ import annotations

from ..diagnostics import Code, Diagnostic
from ..language import Symbol
from ..nodes import Name, Node, brief, names_in, subnodes
from ..ops import AnyShape, Mismatch, Unranked
from ..sizes import Shape, Size, is_at_least
from ._reason_chains import LINKS, Why
from ._reasons import Reason, told


def undetermined(why: Why, name: Name) -> Diagnostic:
    """Nothing in the system says what size a name has."""
    symbol = why.system.symbols.get(name)
    site = symbol.site if symbol else why.system.equations[name].site
    if symbol is None:
        what, help_ = f"equation `{name}`", f"say it: {name} = shaped(…, SIZE)"
    elif symbol.layer:
        return _layer_undetermined(why, symbol)
    else:
        what, help_ = f"{symbol.role.value} `{name}`", f"say it: {symbol.role.value.capitalize()}(SIZE)"
    equation = "" if symbol is not None else name
    message = f"nothing says what size {what} has"
    return Diagnostic(Code.LS105, message, site, why.system.name, equation, help=help_)


def _layer_undetermined(why: Why, symbol: Symbol) -> Diagnostic:
    """The size of a dense layer's result: what reads the equation would say it."""
    equations = why.system.equations.values()
    reader = next((equation.name for equation in equations if symbol.name in names_in(equation.expr)), None)
    if reader is None:  # an equation was edited, and its layer is gone
        message = f"nothing says what size `{symbol.name}` has, and nothing reads it"
        return Diagnostic(Code.LS105, message, symbol.site, why.system.name, help="drop it")
    unread = not any(reader in names_in(equation.expr) for equation in equations)
    unread = unread and not reader.is_next and reader != why.system.output
    layer = "affine" if f"b_{symbol.name.removeprefix('W_')}" in why.system.symbols else "linear"
    cuts = [node.attrs for equation in equations for node in subnodes(equation.expr) if _cuts(node, reader)]
    size = str(cuts[-1][2]) if cuts else "SIZE"  # of a packed product the last part ends where the whole does
    message = f"nothing says what size the dense layer of `{symbol.name}` in equation `{reader}` has"
    notes = (f"nothing reads `{reader}`, which would say it",) if unread else ()
    help_ = f"read `{reader}`, or drop it" if unread else f"say it: {layer}(…, size={size})"
    return Diagnostic(Code.LS105, message, symbol.site, why.system.name, reader, "", notes, help_)


def _cuts(node: Node, name: Name) -> bool:
    return node.op == "slice" and node.args[0].op == "ref" and node.args[0].name == name


def not_positive(why: Why, name: Name, shape: Shape) -> Diagnostic:
    """A name has a size that is zero or negative for some sizes of the symbols."""
    size = next(size for size in shape if not is_at_least(size, 1)).ordered(why.solver.dims)
    help_ = "let the larger size be a sum, as in State(n + m): what is left is then a symbol"
    symbol, equation = why.system.symbols.get(name), why.system.equations.get(name)
    site = symbol.site if symbol is not None else equation.site if equation is not None else None
    return Diagnostic(
        Code.LS109,
        f"`{name}` would have size {how_positive(size)}",
        site,
        why.system.name,
        "" if symbol else name,
        notes=(told(why.chains(name)),),
        help="" if is_at_least(-size, 0) else help_,
    )


def how_positive(size: Size) -> str:
    """A size that is not always positive, and whether it ever is."""
    return f"{size}, which is {'never' if is_at_least(-size, 0) else 'not always'} positive"


def mismatched(why: Why, mismatch: Mismatch, reason: Reason, operands: list[tuple[Node, AnyShape]]) -> Diagnostic:
    """An expression whose operands do not fit, with the reasons for their shapes."""
    code, message = mismatch.code, f"{mismatch.message} in equation `{reason.equation}`"
    if is_forced(mismatch, reason):
        other = next(forced.equation for forced in mismatch.forced if forced.equation != reason.equation)
        code, message = Code.LS111, f"{message}, because of what equation `{other}` forces"
    return Diagnostic(
        code,
        message,
        reason.site,
        why.system.name,
        reason.equation,
        label="   ".join(f"{brief(arg)} : {why.shown(shape)}" for arg, shape in operands),
        notes=(*mismatch.notes, *_reasons(why, reason.node)),
    )


def is_forced(mismatch: Mismatch, reason: Reason) -> bool:
    """Whether one of two sizes that do not agree was inferred from another equation."""
    return mismatch.code in _FORCED and any(forced.equation != reason.equation for forced in mismatch.forced)


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
        elif name in why.system.equations:
            lines.append(f"{name} is {shape}, {told(chains)}")
    return lines
