"""Packing: one product for all dense layers that act on the same vector.

For an LSTM, a_f = W_f [x; h] + b_f and its three sisters become a = W_x x + b_x + W_h h with a_f = a[:k] and so on: two
products in place of eight, one of which does not depend on the state. The rewriting is on equations, for any cell: its
result is a system again, so the checker proves it, and the adjoint of a packed system is packed by itself.

A *product* is W @ v in the top-level sum of an equation, W a weight used nowhere else; over a concatenation it splits
into one for each part. Products with one operand v and equally many rows are a *group*; their weights lie below one
another in one array. Equations whose sums have the same groups are a *cluster*; they lie next to one another in each
group, so that their sums are one sum as well.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced

from ..checker import check, shapes_within
from ..grad import Names, sum_terms
from ..language import Equation, Role, Symbol, System, order, spelled
from ..nodes import Name, Node, names_in, ref, subnodes
from ..ops import build as b
from ..sizes import Shape, Size
from ._layout import Block, Stored

Group = tuple[Node, Size]


@dataclass(frozen=True)
class _Product:
    equation: Name
    operand: Node
    block: Block

    @property
    def group(self) -> Group:
        """What it is packed with: products of equally many rows with the same operand."""
        return (self.operand, self.block.shape[0])


def pack(system: System) -> tuple[System, tuple[Stored, ...]]:
    """An equal system with packed products, and how its parameters are stored."""
    packer = _Packer(system)
    return packer.system(), packer.stored()


class _Packer:
    def __init__(self, system: System) -> None:
        self.primal = system
        self.shapes = check(system).require().of
        self.names = Names(system)
        self.uses = _uses(system)
        self.products = self._products()
        self.early = _early(system)
        self.order = sorted(  # what does not depend on the state comes first: it also takes the biases
            dict.fromkeys(product.group for product in self.products),
            key=lambda group: not all(name in self.early for name in names_in(group[0])),
        )
        self.clusters = self._clusters()
        self.groups = {group: self._members(group) for group in self.order}
        self.biases = self._biases()
        self.packed: dict[Name, Stored] = {}  # by name of the array

    # -- what there is -----------------------------------------------------------------------------------------------

    def _products(self) -> tuple[_Product, ...]:
        found: dict[tuple[Name, Node], _Product] = {}
        for equation in self.primal.equations.values():
            for term in sum_terms(equation.expr):
                split = self._split(equation.name, term) if self._packable(term) else []
                if not any((product.equation, product.operand) in found for product in split):
                    found |= {(product.equation, product.operand): product for product in split}
        return tuple(found.values())

    def _packable(self, term: Node) -> bool:
        if term.op != "matmul" or term.args[0].op != "ref" or len(self._shape(term.args[1])) != 1:
            return False
        name = term.args[0].name
        operands = term.args[1].args if term.args[1].op == "concat" else (term.args[1],)
        learned = name in self.primal.parameters and self.uses[name] == 1
        return learned and len(set(operands)) == len(operands)

    def _shape(self, node: Node) -> Shape:
        return shapes_within(node, self.shapes)[node]

    def _split(self, equation: Name, term: Node) -> list[_Product]:
        name = term.args[0].name
        rows = self.shapes[name][0]
        if term.args[1].op != "concat":
            return [_Product(equation, term.args[1], Block(name, self.shapes[name], Size.of(0), self.shapes[name][1]))]
        found, start = [], Size.of(0)
        for operand in term.args[1].args:
            size = self._shape(operand)[0]
            found.append(_Product(equation, operand, Block(name, (rows, size), start, start + size)))
            start = start + size
        return found

    def _clusters(self) -> dict[tuple[Group, ...], tuple[Name, ...]]:
        """Equations by the groups of their products, in declared order."""
        found: dict[tuple[Group, ...], tuple[Name, ...]] = {}
        for name in dict.fromkeys(product.equation for product in self.products):
            own = {product.group for product in self.products if product.equation == name}
            signature = tuple(group for group in self.order if group in own)
            found[signature] = (*found.get(signature, ()), name)
        return found

    def _members(self, group: Group) -> tuple[_Product, ...]:
        order_ = [name for signature, members in self.clusters.items() if group in signature for name in members]
        own = {product.equation: product for product in self.products if product.group == group}
        return tuple(own[name] for name in order_)

    def _biases(self) -> dict[Group, tuple[Name, ...]]:
        """For each group the biases that are packed with its product: one for each member, or none."""
        found: dict[Group, tuple[Name, ...]] = {}
        home = {name: signature[0] for signature, members in self.clusters.items() for name in members}
        for group, members in self.groups.items():
            own = [self._bias(product.equation) for product in members if home[product.equation] == group]
            biases = tuple(bias for bias in own if bias is not None)
            if len(biases) == len(members) > 1:
                found[group] = biases
        return found

    def _bias(self, equation: Name) -> Name | None:
        for term in sum_terms(self.primal.equations[equation].expr):
            name = term.name if term.op == "ref" else Name("")
            if name in self.primal.parameters and self.uses[name] == 1 and len(self.shapes[name]) == 1:
                return name
        return None

    # -- what becomes of it ------------------------------------------------------------------------------------------

    def system(self) -> System:
        """The packed system."""
        equations: dict[Name, Equation] = {}
        whole = {group: self._whole(group) for group in self.order}
        for group in self.order:
            if sum(group in signature for signature in self.clusters) > 1:
                name = self.names.free(f"p_{_called(group[0])}")
                equations[name] = Equation(name, whole[group])
                whole[group] = ref(name)
        sums: dict[Name, Node] = {}
        for signature, members in self.clusters.items():
            total = functools.reduce(b.add, [self._part(whole[group], group, members) for group in signature])
            if len(members) > 1:
                name = self.names.free("a")
                equations[name] = Equation(name, total)
            start = Size.of(0)
            for member in members:
                stop = start + self.shapes[member][0]
                sums[member] = b.cut(ref(name), 0, start, stop) if len(members) > 1 else total
                start = stop
        for equation in self.primal.equations.values():
            equations[equation.name] = self._rewritten(equation, sums.get(equation.name))
        return replaced(self.primal, symbols=self._symbols(), equations=equations)

    def _whole(self, group: Group) -> Node:
        """The group's product, with its biases where they are packed."""
        operand, _ = group
        blocks = tuple(product.block for product in self.groups[group])
        alone = len(blocks) == 1 and self.shapes[blocks[0].parameter] == blocks[0].shape
        name = blocks[0].parameter if alone else self.names.free(f"W_{_called(operand)}")
        self.packed[name] = Stored(name, blocks)
        product = Node("matmul", (ref(name), operand))
        if group not in self.biases:
            return product
        offset = self.names.free(f"b_{_called(operand)}")
        biases = [Block(bias, self.shapes[bias]) for bias in self.biases[group]]
        self.packed[offset] = Stored(offset, tuple(biases))
        return Node("add", (product, ref(offset)))

    def _part(self, whole: Node, group: Group, members: Sequence[Name]) -> Node:
        """The rows of a group that belong to a cluster."""
        if len(self.groups[group]) == len(members):
            return whole
        _, rows = group
        first = [product.equation for product in self.groups[group]].index(members[0])
        return b.cut(whole, 0, rows * Size.of(first), rows * Size.of(first + len(members)))

    def _rewritten(self, equation: Equation, total: Node | None) -> Equation:
        if total is None:
            return equation
        own = {product.block.parameter for product in self.products if product.equation == equation.name}
        own |= {bias for biases in self.biases.values() for bias in biases}
        rest = [
            term
            for term in sum_terms(equation.expr)
            if not (term.op == "matmul" and term.args[0].op == "ref" and term.args[0].name in own)
            and not (term.op == "ref" and term.name in own)
        ]
        return Equation(equation.name, functools.reduce(b.add, [total, *rest]), equation.site)

    def _symbols(self) -> Mapping[Name, Symbol]:
        kept = {
            name: replaced(symbol, shape=self.shapes[name])
            for name, symbol in self.primal.symbols.items()
            if not symbol.role.is_parameter
        }
        for array in self.stored():
            known = self.primal.symbols.get(array.name)
            role = known.role if known else Role.WEIGHT if len(array.shape) == 2 else Role.BIAS
            kept[array.name] = Symbol(array.name, role, array.shape)
        return kept

    def stored(self) -> tuple[Stored, ...]:
        """Every array: weights packed or not, then what stands alone, in declared order."""
        placed = {block.parameter for array in self.packed.values() for block in array.blocks}
        alone = [name for name in self.primal.parameters if name not in placed]
        return (*self.packed.values(), *(Stored(name, (Block(name, self.shapes[name]),)) for name in alone))


def _called(operand: Node) -> str:
    """What an operand is called in names: `x`, `h`, `rh` for `r * h`."""
    return "".join(spelled(name) for name in names_in(operand)) or operand.op


def _uses(system: System) -> dict[Name, int]:
    """How often each name is referred to, every place counted."""
    count: dict[Name, int] = dict.fromkeys((*system.symbols, *system.equations), 0)
    for equation in system.equations.values():
        for node in subnodes(equation.expr):
            for arg in node.args:
                if arg.op == "ref":
                    count[arg.name] += 1
        if equation.expr.op == "ref":
            count[equation.expr.name] += 1
    return count


def _early(system: System) -> set[Name]:
    """Names that do not depend on the state; for membership only."""
    early = set(system.symbols) - set(system.states)
    for equation in order(system):
        if all(name in early for name in names_in(equation.expr)):
            early.add(equation.name)
    return early
