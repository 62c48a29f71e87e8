"""One node of an expression.

Invariant: a node never changes, and two nodes are equal exactly when operation, attributes and arguments are; the site
does not count. So a node can be a dictionary key, and equal subexpressions are found by looking them up.

Operators build nodes and check nothing: whether shapes agree is the checker's business, which has the whole cell.
"""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Callable, Hashable, Iterator
from typing import Any, cast

import sympy

from ..diagnostics import Code, Site, here, refused
from ..sizes import Size
from ._dimension import Reported, dimension
from ._name import Name

Operand = Any  # a Node, or a number; what else is given is refused by as_node with a diagnostic


class Node:
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
        parts = [repr(arg) for arg in self.args] + [str(attr) for attr in self.attrs]
        return f"{self.op}({', '.join(parts)})"

    def __bool__(self) -> bool:
        message = "the truth of an expression is not known when a cell is declared"
        raise refused(
            Code.LS208,
            message,
            help="use where(condition, this, that), one in another for two conditions; maximum, minimum",
        )

    def __iter__(self) -> Iterator[Node]:
        raise refused(Code.LS208, "a vector cannot be unpacked", help="cut it: a, b = split(v, k, k)")

    def _sympy_(self) -> sympy.Basic:
        # SymPy asks when a dimension stands on the left of an operator; the answer lets Python ask this node instead.
        raise sympy.SympifyError("an expression of a cell is no SymPy expression")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Node:
        # NumPy numbers on the left of an operator come here; its functions are refused with their names.
        if method == "__call__" and ufunc.__name__ in _OPERATORS:
            return cast(Node, _OPERATORS[ufunc.__name__](*(as_node(value) for value in inputs)))
        raise refused(Code.LS208, f"NumPy's {ufunc.__name__} cannot take an expression", _OWN_FUNCTIONS)

    def __array_function__(self, function: Any, *_: Any) -> Node:
        raise refused(Code.LS208, f"NumPy's {function.__name__} cannot take an expression", _OWN_FUNCTIONS)

    def __float__(self) -> float:
        message = "the value of an expression is not known when a cell is declared"
        raise refused(Code.LS208, message, help="use tanh, exp, … of lstmspec, not of math")

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

    def __pow__(self, other: Operand) -> Node:
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

    def __abs__(self) -> Node:
        return Node("abs", (self,))

    def __getitem__(self, key: Any) -> Node:
        """`v[a:b]` of a vector, `M[a:b]` or `M[:, a:b]` of a matrix; both bounds are written, or the start left out."""
        keys = key if isinstance(key, tuple) else (key,)
        wanted = [(axis, cut) for axis, cut in enumerate(keys) if cut != slice(None)]
        axis, cut = wanted[0] if len(wanted) == 1 else (0, None)
        if not isinstance(cut, slice) or cut.stop is None or cut.step is not None:
            message = "only slices with an end can be taken, one axis at a time: v[:k], v[k:2*k], M[:, :n]"
            raise refused(Code.LS208, message)
        start = Size.of(0) if cut.start is None or cut.start == 0 else dimension(cut.start)
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
    def T(self) -> Node:  # noqa: N802  the name that NumPy and torch give it
        """The transpose of a matrix."""
        return Node("transpose", (self,))


class UnknownName(Node, Reported):
    """A name that is not known where it is read, and all that is made of it: reported once, and nothing more said.

    It may have been meant as a function, a module, a state or a dimension, so it takes all that these do.
    """

    __slots__ = ()

    def __call__(self, *_: Any, **__: Any) -> UnknownName:
        return self

    def __getattr__(self, name: str) -> UnknownName:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: object) -> None:
        if name in Node.__slots__:
            object.__setattr__(self, name, value)

    def __add__(self, other: Operand) -> UnknownName:
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__
    __floordiv__ = __rfloordiv__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __add__


_OWN_FUNCTIONS = "import the function from lstmspec: tanh, exp, concat, …"
_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "matmul": operator.matmul,
}


def as_node(value: Operand) -> Node:
    """`value` as a node: nodes stay, numbers become constants.

    Raises:
        SpecError: LS208 for anything else.

    """
    if isinstance(value, Node):
        return value
    if isinstance(value, numbers.Real | sympy.Number) and not isinstance(value, bool):
        if not math.isfinite(float(value)):
            raise refused(Code.LS211, f"{float(value)!r} is not a finite number", "write what it stands for")
        return number(float(value))
    message = f"{value!r} ({type(value).__name__}) is not an expression"
    help_ = "use names declared in the cell (Input, State, Weight, Bias, Constant, equations) and numbers"
    if isinstance(value, list | tuple):
        message, help_ = (
            "a list is not an expression",
            "drop the brackets, affine(x, h), or join the vectors, concat(x, h)",
        )
    if callable(value) and hasattr(value, "__name__"):
        message, help_ = f"the function `{value.__name__}` is not an expression", f"call it: {value.__name__}(…)"
    if isinstance(value, bool):
        help_ = "conditions are u < v, u <= v, u > v and u >= v: where(mask > 0.5, x, 0)"
    if isinstance(value, sympy.Expr):
        help_ = "a dimension as a number is size(k): u / sqrt(size(k))"
    raise refused(Code.LS208, message, help=help_)


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
