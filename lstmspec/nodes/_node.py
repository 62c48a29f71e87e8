"""One node of an expression.

Invariant: a node never changes, and two nodes are equal exactly when operation, attributes and arguments are; the site
does not count. So a node can be a dictionary key, and equal subexpressions are found by looking them up.

Operators build nodes and check nothing: whether shapes agree is the checker's business, which has the whole cell.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Hashable
from typing import Any, cast

import sympy

from ..diagnostics import Code, Site, here, refused, unknown_attribute, written
from ..sizes import Size
from ._dimension import dimension
from ._name import Name
from ._number import real
from ._refused_operands import ATTRIBUTES, NO_METHODS, NotForSymPy, no_expression, no_function_of, operator_of
from ._refused_operators import Refusing, no_equality

Operand = Any  # a Node, or a number; what else is given is refused by as_node with a diagnostic


class Node(Refusing):
    """An operation with its arguments (nodes) and attributes (hashable values: a name, a number, sizes)."""

    __slots__ = ("_hash", "args", "attrs", "names", "op", "site")
    __hash__: Any
    names: tuple[Name, ...] | None  # that it refers to, known when `names_in` was asked

    def __init__(
        self, op: str, args: tuple[Node, ...] = (), attrs: tuple[Hashable, ...] = (), site: Site | None = None
    ) -> None:
        self.op = op
        self.args = args
        self.attrs = attrs
        self.site = site if site is not None else here()
        self.names = None
        self._hash = hash((op, args, attrs))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            if isinstance(other, numbers.Number) and not isinstance(other, bool):
                raise no_equality()  # meant as a condition, which it is not
            return False
        # Without recursion: sums of thousands of terms are deeper than Python's stack.
        pairs, seen = [(self, other)], set[tuple[int, int]]()
        while pairs:
            left, right = pairs.pop()
            if left is right or (id(left), id(right)) in seen:
                continue
            if left._hash != right._hash or left.op != right.op or left.attrs != right.attrs:
                return False
            if len(left.args) != len(right.args):
                return False
            seen.add((id(left), id(right)))
            pairs += zip(left.args, right.args, strict=True)
        return True

    def __hash__(self) -> int:  # type: ignore[no-redef]  # declared above because __eq__ alone would unset it
        return self._hash

    def __repr__(self) -> str:
        return _shown(self, LEVELS)

    def __getattr__(self, name: str) -> Any:
        # Python asks here for what no other way has found; what it asks for itself it must be able to miss.
        if name.startswith("_") or name in Node.__slots__:
            raise AttributeError(name)
        help_ = STATES_ALONE if name == "next" else NO_METHODS
        raise unknown_attribute(f"an expression has no `.{name}`", name, ATTRIBUTES, help_)

    def _sympy_(self) -> sympy.Basic:
        # SymPy asks when a dimension stands on the left of an operator; the answer lets Python ask this node instead.
        raise NotForSymPy()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Node:
        # NumPy numbers on the left of an operator come here; its functions are refused with their names.
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        operator = operator_of("NumPy", name, options)
        return cast(Node, operator(*(as_node(value) for value in inputs)))

    def __array_function__(self, function: Any, *_: Any) -> Node:
        raise no_function_of("NumPy", function.__name__)

    @classmethod
    def __torch_function__(cls, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Node:
        operator = operator_of("PyTorch", str(getattr(function, "__name__", function)), kwargs or {})
        return cast(Node, operator(*(as_node(value) for value in args)))

    def __add__(self, other: Operand) -> Node:
        return Node("add", (self, as_node(other)))

    def __radd__(self, other: Operand) -> Node:
        return Node("add", (as_node(other), self))

    def __sub__(self, other: Operand) -> Node:
        return Node("sub", (self, as_node(other)))

    def __rsub__(self, other: Operand) -> Node:
        return Node("sub", (as_node(other), self))

    def __mul__(self, other: Operand) -> Node:
        return Node("mul", (self, as_node(other)))

    def __rmul__(self, other: Operand) -> Node:
        return Node("mul", (as_node(other), self))

    def __truediv__(self, other: Operand) -> Node:
        return Node("div", (self, as_node(other)))

    def __rtruediv__(self, other: Operand) -> Node:
        return Node("div", (as_node(other), self))

    def __pow__(self, other: Operand, modulus: object = None) -> Node:
        if modulus is not None:
            raise refused(Code.LS208, "a power of an expression takes no modulus", help="write mod(u**v, w)")
        return Node("pow", (self, as_node(other)))

    def __rpow__(self, other: Operand) -> Node:
        return Node("pow", (as_node(other), self))

    def __matmul__(self, other: Operand) -> Node:
        return Node("matmul", (self, as_node(other)))

    def __lt__(self, other: Operand) -> Node:
        return Node("less", (self, as_node(other)))

    def __le__(self, other: Operand) -> Node:
        return Node("less_equal", (self, as_node(other)))

    def __gt__(self, other: Operand) -> Node:
        return Node("less", (as_node(other), self))

    def __ge__(self, other: Operand) -> Node:
        return Node("less_equal", (as_node(other), self))

    def __rmatmul__(self, other: Operand) -> Node:
        return Node("matmul", (as_node(other), self))

    def __neg__(self) -> Node:
        return Node("neg", (self,))

    def __pos__(self) -> Node:
        return self

    def __abs__(self) -> Node:
        return Node("abs", (self,))

    def __getitem__(self, key: Any) -> Node:
        """`v[a:b]` of a vector, `M[a:b]` or `M[:, a:b]` of a matrix; both bounds are written, or the start left out."""
        keys = key if isinstance(key, tuple) else (key,)
        wanted = [(axis, cut) for axis, cut in enumerate(keys) if not _is_whole(cut)]
        axis, cut = wanted[0] if len(wanted) == 1 else (0, None)
        if not isinstance(cut, slice) or cut.stop is None or cut.step is not None:
            message = "only slices with an end can be taken, one axis at a time: v[:k], v[k:2*k], M[:, :n]"
            raise refused(Code.LS208, message)
        start = Size.of(0) if cut.start is None or real(cut.start) == 0 else dimension(cut.start)
        return Node("slice", (self,), (axis, start, dimension(cut.stop)))

    @property
    def name(self) -> Name:
        """The name that a reference refers to."""
        return cast(Name, self.attrs[0])

    @property
    def value(self) -> float:
        """The value of a number."""
        return cast(float, self.attrs[0])

    @property
    def next(self) -> Node:
        """Only states have a new value; Python asks `__getattr__` then, which says so."""
        raise AttributeError

    @next.setter
    def next(self, value: Operand) -> None:
        raise refused(Code.LS207, "an expression has no `.next` to be set", help=STATES_ALONE)

    @property
    def T(self) -> Node:  # noqa: N802  the name that NumPy and torch give it
        """The transpose of a matrix."""
        return Node("transpose", (self,))


STATES_ALONE = "only a state has a new value: c = State(k), c.next = …"
LEVELS = 3  # of a tree in its repr, which is not for users


def _shown(node: Node, levels: int) -> str:
    if not levels:
        return "…"
    parts = [_shown(arg, levels - 1) for arg in node.args] + [str(attr) for attr in node.attrs]
    return f"{node.op}({', '.join(parts)})"


def _is_whole(cut: object) -> bool:
    """Whether a cut is `:`, all of an axis."""
    return isinstance(cut, slice) and cut.start is None and cut.stop is None and cut.step is None


def as_node(value: Operand) -> Node:
    """`value` as a node: nodes stay, numbers become constants.

    Raises:
        SpecError: LS211 for a number that float64 does not have; LS208 for anything else.

    """
    if isinstance(value, Node):
        return value
    known = real(value)
    if known is None:
        raise no_expression(value)
    if not math.isfinite(known):
        shown = repr(known) if isinstance(value, float) else written(value)
        raise refused(
            Code.LS211, f"{shown} is not a finite number", "write what it stands for; float64 goes up to 1.8e308"
        )
    return number(known)


def number(value: float) -> Node:
    """The constant `value`, a scalar."""
    return Node("number", (), (float(value),))


class Reference(Node):
    """A reference that knows the cell whose name it is: the namespace of its body."""

    __slots__ = ("owner",)

    def __init__(self, name: str, owner: object, site: Site | None = None) -> None:
        super().__init__("ref", (), (Name(name),), site)
        self.owner = owner


def ref(name: str, site: Site | None = None) -> Node:
    """A reference by name to a symbol or an equation."""
    return Node("ref", (), (Name(name),), site)
