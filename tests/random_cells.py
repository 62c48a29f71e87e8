"""Cells from hypothesis: well-typed by construction, then with slips, so that both verdicts of the checker occur.

A cell is drawn from the outside in: an equation is asked for a shape, and its expression for operands of shapes that
fit. A slip asks for another shape than fits. Every operation that users can write has its turn.
"""

from __future__ import annotations

import sympy
from hypothesis import strategies as st

from lstmspec.language import Equation, Role, Symbol, System
from lstmspec.nodes import Node, number, ref, text
from lstmspec.ops import TABLE
from lstmspec.ops.user import elementwise
from lstmspec.sizes import Size

ONE, N, K, M = Size.of(1), *(Size.of(name) for name in "nkm")
ATOMS = (N, K, M)
COMPARISONS, CHOICE = ("less", "less_equal"), "where"
POINTWISE = sorted(name for name, op in TABLE.items() if op.scalar is not None and name not in (*COMPARISONS, CHOICE))
UNARY = [name for name in POINTWISE if TABLE[name].arity == 1]
BINARY = [name for name in POINTWISE if TABLE[name].arity == 2]
USUAL = ["add", "mul", "sub", "mul"]
SWISH, BOTH = elementwise(lambda u: u / (1 + sympy.exp(-u))), elementwise(lambda u, v: u * v / (1 + u**2))

Shape = tuple[Size, ...]


@st.composite
def systems(draw: st.DrawFn, *, unranked: bool = False) -> System:
    """A cell of up to 30 equations; of half of them sizes are left out, where `unranked` even ranks."""
    return _Maker(draw, unranked).cell()


def shown(system: System) -> str:
    """A cell as its declarations and equations."""
    lines = []
    for symbol in system.symbols.values():
        sizes = "?" if symbol.shape is None else ", ".join("?" if s is None else str(s) for s in symbol.shape)
        lines.append(f"{symbol.name} = {symbol.role.value}({sizes})")
    return "\n".join([*lines, *(f"{name} = {text(equation.expr)}" for name, equation in system.equations.items())])


class _Maker:
    def __init__(self, draw: st.DrawFn, unranked: bool) -> None:
        self.draw = draw
        self.unranked = unranked
        self.symbols: dict[str, Symbol] = {}
        self.known: dict[str, Shape] = {}  # what was asked for, slips and all
        self.inferred = draw(st.booleans())
        # The more equations, the rarer a slip at one place, else hardly a large cell would be well-shaped.
        self.count = draw(st.one_of(st.integers(1, 4), st.integers(5, 30)))
        self.slips = draw(st.sampled_from([0, 1, 1, 2]))

    def cell(self) -> System:
        for role, most in ((Role.INPUT, 2), (Role.STATE, 3)):
            for index in range(self.draw(st.integers(1, most))):
                self.declare(f"{role.value[0]}{index}", role, self.shape())
        self.declare("alpha", Role.CONSTANT, (), value=0.5)
        states = [name for name, symbol in self.symbols.items() if symbol.role is Role.STATE]
        equations: dict[str, Equation] = {}
        for index in range(max(0, self.count - len(states))):
            shape = self.shape()
            equations[f"e{index}"] = Equation(f"e{index}", self.expr(shape, 2, free=True))
            self.known[f"e{index}"] = shape
        for state in states:
            name = f"{state}.next"
            equations[name] = Equation(name, self.expr(self.known[state], 3))
            self.known[name] = self.known[state]
        return System("Drawn", "", self.symbols, equations, f"{states[0]}.next")

    # -- choices -----------------------------------------------------------------------------------------------------

    def pick(self, choices):
        return self.draw(st.sampled_from(choices))

    def size(self) -> Size:
        left = self.pick(ATOMS)
        make = self.pick([lambda: left] * 5 + [lambda: left + self.pick(ATOMS), lambda: left * Size.of(2)])
        return self.pick([make] * 12 + [lambda: left * self.pick(ATOMS), lambda: Size.of(self.pick([1, 3]))])()

    def shape(self) -> Shape:
        return tuple(self.size() for _ in range(self.pick([0, 1, 1, 1, 1, 2])))

    def slipped(self, shape: Shape) -> Shape:
        if not self.slips or self.draw(st.integers(0, 1 + self.count)):
            return shape
        self.slips -= 1
        axis = self.draw(st.integers(0, 1))
        if len(shape) > axis and self.draw(st.booleans()):
            other = self.pick([ONE, shape[axis] + ONE, shape[axis] + self.pick(ATOMS), self.pick(ATOMS)])
            return (*shape[:axis], other, *shape[axis + 1 :])
        return self.pick([self.shape, lambda: shape[::-1], lambda: shape[:1], lambda: (*shape, self.size())[:2]])()

    def declare(self, name: str, role: Role, shape: Shape, value: float | None = None) -> Node:
        said: tuple[Size | None, ...] | None = self.slipped(shape) if role.is_parameter else shape
        if self.inferred and role.is_parameter and shape:
            open_ = [tuple(None for _ in said), tuple(self.pick([None, size]) for size in said)]
            said = self.pick([said] * 4 + open_ + [None] * self.unranked)
        self.symbols[name] = Symbol(name, role, said, value)
        self.known[name] = shape
        return ref(name)

    # -- expressions -------------------------------------------------------------------------------------------------

    def expr(self, shape: Shape, depth: int, *, free: bool = False) -> Node:
        # Where any shape fits a slip would be none.
        shape = shape if free else self.slipped(shape)
        if depth == 0:
            return self.leaf(shape)
        made = self.pick(
            [self.leaf, self.pointwise, self.pointwise, (self.scalar, self.vector, self.matrix)[len(shape)]]
        )
        return made(shape) if made == self.leaf else made(shape, depth - 1)

    def leaf(self, shape: Shape) -> Node:
        names = [name for name, known in self.known.items() if known == shape]
        if names and self.draw(st.integers(0, 3)):
            return ref(self.pick(names))
        if not shape and self.draw(st.booleans()):
            return number(self.pick([0.5, 2.0]))
        if shape and not self.draw(st.integers(0, 5)):
            return Node(self.pick(["ones", "zeros"]), (), shape)
        role = self.pick([Role.WEIGHT, Role.BIAS])
        return self.declare(f"w{len(self.symbols)}", role, shape)

    def pointwise(self, shape: Shape, depth: int) -> Node:
        def operand(of: Shape = shape) -> Node:
            return self.expr(of, depth)

        kind = self.pick(["unary", "binary", "binary", "spread", "choice", "own"])
        if kind == "unary":
            # Turned by what was declared before: hypothesis draws the same few again and again, and many are never.
            at = self.draw(st.integers(0, len(UNARY) - 1)) + len(self.symbols)
            return Node(UNARY[at % len(UNARY)], (self.expr(shape, depth, free=True),))
        if kind == "choice":
            other = operand(self.pick([shape, ()]))
            return Node(CHOICE, (Node(self.pick(COMPARISONS), (operand(), other)), operand(), operand()))
        if kind == "own":
            return SWISH(operand()) if self.draw(st.booleans()) else BOTH(operand(), operand())
        pair = [operand(), operand(() if kind == "spread" else shape)]
        return Node(self.pick(USUAL + BINARY), tuple(pair if self.draw(st.booleans()) else reversed(pair)))

    def scalar(self, shape: Shape, depth: int) -> Node:
        same = (self.size(),)
        kind = self.pick(["dot", "dot", "sum", "sum", "mean", "size"])
        if kind == "dot":
            return Node("dot", (self.expr(same, depth), self.expr(same, depth)))
        if kind == "size":
            return Node("size", (), same)
        if kind == "mean":
            return Node("mean", (self.expr(same, depth),))
        return Node("sum", (self.expr(self.shape(), depth, free=True),))

    def vector(self, shape: Shape, depth: int) -> Node:
        made = self.pick([self.product, self.product, self.joined, self.cut, self.along, self.repeated])
        return made(shape, depth)

    def along(self, shape: Shape, depth: int) -> Node:
        return Node(self.pick(["softmax", "cumsum"]), (self.expr(shape, depth),))

    def repeated(self, shape: Shape, depth: int) -> Node:
        """Groups where the size is a product, or a number of them; else what has the size itself, once."""
        factors = [atom for atom in shape[0].atoms if shape[0].divided_by(Size.of(atom)) is not None]
        count = Size.of(self.pick(factors)) if factors and self.draw(st.booleans()) else ONE
        part = shape[0].divided_by(count)
        return Node("repeat", (self.expr((part if part is not None else shape[0],), depth),), (count,))

    def matrix(self, shape: Shape, depth: int) -> Node:
        made = self.pick([self.product, self.joined, self.cut, self.outer, self.turned])
        return made(shape, depth)

    def product(self, shape: Shape, depth: int) -> Node:
        inner = self.size()
        return Node("matmul", (self.expr((shape[0], inner), depth), self.expr((inner, *shape[1:]), depth)))

    def outer(self, shape: Shape, depth: int) -> Node:
        return Node("outer", (self.expr(shape[:1], depth), self.expr(shape[1:], depth)))

    def turned(self, shape: Shape, depth: int) -> Node:
        return Node("transpose", (self.expr(shape[::-1], depth),))

    def joined(self, shape: Shape, depth: int) -> Node:
        """A concatenation of parts whose sizes make up the first one; one that nothing makes up is cut instead."""
        terms = [Size({monomial: 1}) for monomial, factor in shape[0].terms.items() for _ in range(factor)]
        if len(terms) < 2:
            return self.cut(shape, depth)
        at = self.draw(st.integers(1, len(terms) - 1))
        sizes = [self.total(terms[:at]), self.total(terms[at:])]
        return Node("concat", tuple(self.expr((size, *shape[1:]), depth) for size in sizes))

    def total(self, terms: list[Size]) -> Size:
        whole = Size({})
        for term in terms:
            whole = whole + term
        return whole

    def cut(self, shape: Shape, depth: int) -> Node:
        axis = self.draw(st.integers(0, len(shape) - 1))
        start, rest = self.pick([Size({}), self.pick(ATOMS), ONE]), self.pick([Size({}), self.pick(ATOMS)])
        whole = start + shape[axis] + rest
        if self.slips and not self.draw(st.integers(0, self.count)):
            # Out of bounds, which a slip of a shape seldom is.
            self.slips -= 1
            start, whole = self.pick([ONE, *ATOMS]), shape[axis]
        node = self.expr((*shape[:axis], whole, *shape[axis + 1 :]), depth)
        return Node("slice", (node,), (axis, start, start + shape[axis]))
