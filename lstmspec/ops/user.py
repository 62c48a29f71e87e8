"""The functions that users call in equations.

Each accepts expressions of the language, or SymPy scalars inside `elementwise`, so that
`elementwise(lambda u: u * sigmoid(u))` reads as it should.
"""

from __future__ import annotations

from typing import cast

from ..diagnostics import Code, fitting, refused
from ..nodes import Node, Operand, as_node, dimension
from ..sizes import Size
from . import _build as b
from ._op import TABLE
from ._user_function import elementwise as elementwise
from ._user_function import has_argument, scalar_of


def _apply(name: str, *args: Operand) -> Node:
    scalar = TABLE[name].scalar
    if scalar is not None and any(has_argument(arg) for arg in args):
        return cast(
            Node, scalar(*(scalar_of(arg) for arg in args))
        )  # a SymPy scalar inside elementwise(), and there only
    return Node(name, tuple(as_node(arg) for arg in args))


@fitting
def sigmoid(u: Operand) -> Node:
    """The logistic function 1 / (1 + exp(-u)), elementwise."""
    return _apply("sigmoid", u)


@fitting
def tanh(u: Operand) -> Node:
    """The hyperbolic tangent, elementwise."""
    return _apply("tanh", u)


@fitting
def relu(u: Operand) -> Node:
    """max(u, 0), elementwise; its derivative at 0 is 0, as in PyTorch."""
    return _apply("relu", u)


@fitting
def softplus(u: Operand) -> Node:
    """log(1 + exp(u)), elementwise, without overflow."""
    return _apply("softplus", u)


@fitting
def log_sigmoid(u: Operand) -> Node:
    """log(sigmoid(u)) = -log(1 + exp(-u)), elementwise, without overflow."""
    return _apply("log_sigmoid", u)


@fitting
def exp(u: Operand) -> Node:
    """The exponential, elementwise."""
    return _apply("exp", u)


@fitting
def log(u: Operand) -> Node:
    """The natural logarithm, elementwise."""
    return _apply("log", u)


@fitting
def sqrt(u: Operand) -> Node:
    """The square root, elementwise."""
    return _apply("sqrt", u)


@fitting
def sin(u: Operand) -> Node:
    """The sine, elementwise."""
    return _apply("sin", u)


@fitting
def cos(u: Operand) -> Node:
    """The cosine, elementwise."""
    return _apply("cos", u)


@fitting
def hard_sigmoid(u: Operand) -> Node:
    """0 below -3, 1 above 3, u/6 + 1/2 between, elementwise; the piecewise linear form that PyTorch uses."""
    return _apply("hard_sigmoid", u)


@fitting
def softsign(u: Operand) -> Node:
    """u / (1 + |u|), elementwise."""
    return _apply("softsign", u)


@fitting
def identity(u: Operand) -> Node:
    """u itself: the activation of a gate without one."""
    return as_node(u)


@fitting
def maximum(u: Operand, v: Operand) -> Node:
    """The larger of two, elementwise; where they are equal each gets half of the cotangent, as in PyTorch."""
    return _apply("maximum", u, v)


@fitting
def minimum(u: Operand, v: Operand) -> Node:
    """The smaller of two, elementwise; where they are equal each gets half of the cotangent, as in PyTorch."""
    return _apply("minimum", u, v)


@fitting
def where(condition: Operand, this: Operand, that: Operand) -> Node:
    """Take `this` where the condition (`u < v`, `u <= v`, …) holds and `that` elsewhere, elementwise."""
    return Node("where", (as_node(condition), as_node(this), as_node(that)))


@fitting
def concat(*parts: Operand) -> Node:
    """Vectors below one another: sizes n and k give n+k."""
    if not parts:
        raise refused(Code.LS208, "concat needs at least one vector")
    nodes = tuple(as_node(part) for part in parts)
    return nodes[0] if len(nodes) == 1 else Node("concat", nodes)


@fitting
def split(vector: Operand, *sizes: object) -> tuple[Node, ...]:
    """A vector cut into parts of these sizes, from the start: `a, b = split(v, k, n)`."""
    if not sizes:
        raise refused(Code.LS208, "split needs the sizes of the parts", help="a, b = split(v, k, n)")
    parts, start = [], Size.of(0)
    for size in sizes:
        stop = start + dimension(size, "split")
        parts.append(Node("slice", (as_node(vector),), (0, start, stop)))
        start = stop
    return tuple(parts)


@fitting
def dot(u: Operand, v: Operand) -> Node:
    """The scalar product Σ u_j v_j of two vectors."""
    return _apply("dot", u, v)


@fitting
def outer(u: Operand, v: Operand) -> Node:
    """The matrix u vᵀ of two vectors."""
    return _apply("outer", u, v)


@fitting
def sum(u: Operand) -> Node:  # noqa: A001  the name that NumPy and torch give it
    """The sum over the features, a scalar."""
    return _apply("sum", u)


@fitting
def softmax(u: Operand) -> Node:
    """exp(u_j) / Σ exp(u_i) over the features, without overflow; a vector that sums to one."""
    return _apply("softmax", u)


@fitting
def cumsum(u: Operand) -> Node:
    """The sums u_1, u_1 + u_2, … over the features; of a softmax a gate that rises from 0 to 1."""
    return _apply("cumsum", u)


@fitting
def mean(u: Operand) -> Node:
    """The mean over the features of a vector, a scalar."""
    return _apply("mean", u)


@fitting
def repeat(u: Operand, count: object) -> Node:
    """Each feature `count` times in a row: K features give count*K, groups of units that share a gate."""
    return Node("repeat", (as_node(u),), (dimension(count, "repeat"),))


@fitting
def mod(u: Operand, v: Operand) -> Node:
    """u - v * floor(u / v), elementwise, with the sign of v; the phase of something periodic."""
    return _apply("mod", u, v)


@fitting
def size(dimension_: object, /) -> Node:
    """A dimension as a number: `k / sqrt(size(d))`. In a shape a dimension is written as it is."""
    return Node("size", (), (dimension(dimension_, "size"),))


@fitting
def layer_norm(u: Operand, gain: Operand = 1.0, bias: Operand = 0.0, *, eps: float = 1e-5) -> Node:
    """gain * (u - mean u) / sqrt(var u + eps) + bias over the features, with the variance Σ(u - mean)²/size.

    J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", arXiv:1607.06450 (2016), equation 4; eps as in PyTorch.
    """
    centred = as_node(u) - mean(u)
    scaled = centred / _apply("sqrt", mean(centred * centred) + eps)
    scale, shift = as_node(gain), as_node(bias)
    scaled = scaled if b.is_number(scale, 1.0) else scale * scaled
    return scaled if b.is_number(shift, 0.0) else scaled + shift


@fitting
def ones(*shape: object) -> Node:
    """A vector `ones(k)` or matrix `ones(k, n)` of ones."""
    return _filled("ones", shape)


@fitting
def zeros(*shape: object) -> Node:
    """A vector `zeros(k)` or matrix `zeros(k, n)` of zeros."""
    return _filled("zeros", shape)


def _filled(name: str, shape: tuple[object, ...]) -> Node:
    if not 1 <= len(shape) <= 2:
        message = f"{name} with {len(shape)} dimensions; expected a vector, {name}(k), or a matrix, {name}(k, n)"
        raise refused(Code.LS205, message, help="a scalar is written as a number")
    return Node(name, (), tuple(dimension(size, name) for size in shape))
