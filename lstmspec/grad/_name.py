"""Names for what equations compute on the way: pre-activations `a_f`, concatenations `z`.

An adjoint needs them: dL/da_f is used for the weights, for the bias and for every input. Each function returns an
equal system in which these intermediates are equations of their own, before the equation that they stood in.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace as replaced

from ..language import Equation, Role, System, spelled
from ..nodes import Name, Node, names_in, ref, replace, subnodes
from ..ops import TABLE


class Names:
    """Names that are free in a system, also when spelled in generated code."""

    def __init__(self, system: System) -> None:
        sizes = [size for symbol in system.symbols.values() for size in symbol.shape or () if size is not None]
        self.taken = {spelled(name) for name in (*system.symbols, *system.equations)}  # membership only
        self.taken |= {atom for size in sizes for atom in size.atoms}

    def free(self, wish: str) -> Name:
        """`wish`, or `wish` with the first number that makes it free; taken from then on."""
        name, count = Name(wish), 1
        while spelled(name) in self.taken:
            count += 1
            name = Name(f"{wish}{count}")
        self.taken.add(spelled(name))
        return name

    def part(self, equation: Name) -> Name:
        """The next free name of a part of an equation: `f_part1`."""
        return self.numbered(equation, "part")

    def numbered(self, equation: Name, kind: str) -> Name:
        """The next free name of something of an equation."""
        count = 1
        while (name := f"{spelled(equation)}_{kind}{count}") in self.taken:
            count += 1
        self.taken.add(name)
        return Name(name)


def is_atom(node: Node) -> bool:
    """Whether naming the node would gain nothing."""
    return node.op in ("ref", "number", "ones", "zeros", "size")


def is_constant(system: System, node: Node) -> bool:
    """Whether an expression is a number: the same in every step, for every sample, whatever is learned."""
    return all(name in system.having(Role.CONSTANT) for name in names_in(node))


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


class Lifter:
    """Rewrites a system's equations; what is lifted out becomes an equation before the first one that reads it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.names = Names(system)
        self.known: dict[Node, Name] = {}
        self.equations: dict[Name, Equation] = {}

    def lift(self, node: Node, wish: str) -> Node:
        """A reference to an equation for `node`; equal nodes have one."""
        if node not in self.known:
            self.known[node] = self.names.free(wish)
            self.equations[self.known[node]] = Equation(self.known[node], node, node.site)
        return ref(self.known[node], node.site)

    def lift_part(self, node: Node, equation: Name, kind: str) -> Node:
        """A reference to an equation for a part of another one: `f_term1`, `f_part1`."""
        if node not in self.known:
            self.known[node] = self.names.numbered(equation, kind)
            self.equations[self.known[node]] = Equation(self.known[node], node, node.site)
        return ref(self.known[node], node.site)

    def taken_apart(self, equation: Equation, kind: str, is_shared: Callable[[Node], bool]) -> None:
        """Keep an equation, over names for the nodes in it that are shared."""
        known: dict[Node, Node] = {}
        for node in subnodes(equation.expr):
            args = tuple(known[arg] for arg in node.args)
            made = node if args == node.args else Node(node.op, args, node.attrs, node.site)
            known[node] = self.lift_part(made, equation.name, kind) if is_shared(node) else made
        self.equations[equation.name] = Equation(equation.name, known[equation.expr], equation.site)

    def rewritten(self, rule: Callable[[Equation, Node], Node]) -> System:
        """The system with `rule(equation, node)` applied to every node, from the leaves up."""
        for equation in self.system.equations.values():
            expr = replace(equation.expr, functools.partial(rule, equation))
            self.equations[equation.name] = Equation(equation.name, expr, equation.site)
        return replaced(self.system.equations_alone, equations=self.equations)


def name_preactivations(system: System) -> System:
    """Arguments of activations, and sums with products that stand inside other operations, get names.

    In the equation of `f` the argument is `a_f`; several are `a_f1`, `a_f2`, … A sum inside another operation is named
    after its first weight: `r * (W_u @ h + b_u)` has `a_u`.
    """
    lifter = Lifter(system)
    wishes = {name: _wishes(system, equation) for name, equation in system.equations.items()}

    def rule(equation: Equation, node: Node) -> Node:
        if is_function(node) and not is_atom(node.args[0]) and not is_constant(system, node):
            inner = node.args[0]  # written twice, it has one name
            wish = "" if inner in lifter.known else next(wishes[equation.name])
            return Node(node.op, (lifter.lift(inner, wish),), node.attrs, node.site)
        if node.op in ("add", "matmul") or not any(is_preactivation(arg) for arg in node.args):
            return node
        args = [lifter.lift(arg, _after_weight(arg, equation)) if is_preactivation(arg) else arg for arg in node.args]
        return Node(node.op, tuple(args), node.attrs, node.site)

    return lifter.rewritten(rule)


def _wishes(system: System, equation: Equation) -> Iterator[str]:
    """Names for the arguments of the activations in an equation, in the order in which they are met."""
    base = equation.name.state
    functions = [node for node in subnodes(equation.expr) if is_function(node) and not is_atom(node.args[0])]
    count = sum(not is_constant(system, node) for node in functions)
    return iter([f"a_{base}"] if count == 1 else [f"a_{base}{index + 1}" for index in range(count)])


def _after_weight(node: Node, equation: Equation) -> str:
    product = next(term for term in sum_terms(node) if term.op == "matmul")
    weight = product.args[0].name if product.args[0].op == "ref" else ""
    own = weight.removeprefix("W_") if weight.startswith("W_") else equation.name.state
    return f"a_{own}"


def name_concats(system: System) -> System:
    """What dense layers act on gets a name, `z` where that is free: dL/dW_f is then `outer(dL/da_f, z)`."""
    lifter = Lifter(system)

    def rule(equation: Equation, node: Node) -> Node:
        if node.op != "matmul" or node.args[1].op != "concat":
            return node
        wish = "z" if "z" not in lifter.names.taken else "z_in"
        return Node("matmul", (node.args[0], lifter.lift(node.args[1], wish)), (), node.site)

    return lifter.rewritten(rule)
