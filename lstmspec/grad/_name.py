"""Names for what equations compute on the way: pre-activations `a_f`, concatenations `z`.

An adjoint needs them: dL/da_f is used for the weights, for the bias and for every input. Each function returns an
equal system in which these intermediates are equations of their own, before the equation that they stood in.
"""

from __future__ import annotations

from dataclasses import replace as replaced

from ..nodes import Node, ref, replace, subnodes
from ..ops import TABLE
from ..spec import Equation, System, spelled


class Names:
    """Names that are free in a system, also when spelled in generated code."""

    def __init__(self, system: System) -> None:
        sizes = [size for symbol in system.symbols.values() for size in symbol.shape or () if size is not None]
        self.taken = {spelled(name) for name in (*system.symbols, *system.equations)}  # membership only
        self.taken |= {atom for size in sizes for atom in size.atoms}

    def free(self, wish: str) -> str:
        """`wish`, or `wish` with the first number that makes it free; taken from then on."""
        name, count = wish, 1
        while spelled(name) in self.taken:
            count += 1
            name = f"{wish}{count}"
        self.taken.add(spelled(name))
        return name


def is_atom(node: Node) -> bool:
    """Whether naming the node would gain nothing."""
    return node.op in ("ref", "number", "ones", "zeros")


def is_function(node: Node) -> bool:
    """Whether a node applies a nonlinear scalar function to one argument."""
    op = TABLE.get(node.op)
    scalar = node.op == "elementwise" or (op is not None and op.scalar is not None)
    return scalar and len(node.args) == 1 and node.op != "neg"


def sum_terms(node: Node) -> tuple[Node, ...]:
    """The terms of a sum, from left to right; a node that is no sum is its only term."""
    found: list[Node] = []
    stack = [node]
    while stack:
        part = stack.pop()
        if part.op == "add":
            stack += [part.args[1], part.args[0]]
        else:
            found.append(part)
    return tuple(found)


def is_preactivation(node: Node) -> bool:
    """Whether a node is a sum with a matrix product among its terms."""
    return any(term.op == "matmul" for term in sum_terms(node))


def name_preactivations(system: System) -> System:
    """Arguments of activations, and sums with products that stand inside other operations, get names.

    In the equation of `f` the argument is `a_f`; several are `a_f1`, `a_f2`, … A sum inside another operation is named
    after its first weight: `r * (W_u @ h + b_u)` has `a_u`.
    """
    names = Names(system)
    known: dict[Node, str] = {}
    equations: dict[str, Equation] = {}

    def lift(node: Node, wish: str, owner: Equation) -> Node:
        if node not in known:
            known[node] = names.free(wish)
            equations[known[node]] = Equation(known[node], node, node.site or owner.site)
        return ref(known[node], node.site)

    for equation in system.equations.values():
        base = equation.name.removesuffix(".next")
        count = sum(is_function(node) and not is_atom(node.args[0]) for node in subnodes(equation.expr))
        wishes = iter([f"a_{base}"] if count == 1 else [f"a_{base}{index + 1}" for index in range(count)])

        def rule(node: Node, wishes=wishes, equation=equation) -> Node:  # type: ignore[no-untyped-def]  # loop variables
            if is_function(node) and not is_atom(node.args[0]):
                return Node(node.op, (lift(node.args[0], next(wishes), equation),), node.attrs, node.site)
            if node.op in ("add", "matmul") or not any(is_preactivation(arg) for arg in node.args):
                return node
            args = [lift(arg, _wish(arg, base), equation) if is_preactivation(arg) else arg for arg in node.args]
            return Node(node.op, tuple(args), node.attrs, node.site)

        expr = replace(equation.expr, rule)
        equations[equation.name] = Equation(equation.name, expr, equation.site)
    return replaced(system, equations=equations)


def _wish(node: Node, base: str) -> str:
    product = next(term for term in sum_terms(node) if term.op == "matmul")
    weight = str(product.args[0].attrs[0]) if product.args[0].op == "ref" else ""
    return "a_" + (weight.removeprefix("W_") if weight.startswith("W_") else base)


def name_concats(system: System) -> System:
    """What dense layers act on gets a name, `z` where that is free: dL/dW_f is then `outer(dL/da_f, z)`."""
    names = Names(system)
    known: dict[Node, str] = {}
    equations: dict[str, Equation] = {}
    for equation in system.equations.values():

        def rule(node: Node, equation=equation) -> Node:  # type: ignore[no-untyped-def]  # loop variable
            if node.op != "matmul" or node.args[1].op != "concat":
                return node
            operand = node.args[1]
            if operand not in known:
                known[operand] = names.free("z" if "z" not in names.taken else "z_in")
                equations[known[operand]] = Equation(known[operand], operand, operand.site or equation.site)
            return Node("matmul", (node.args[0], ref(known[operand], operand.site)), (), node.site)

        expr = replace(equation.expr, rule)
        equations[equation.name] = Equation(equation.name, expr, equation.site)
    return replaced(system, equations=equations)
