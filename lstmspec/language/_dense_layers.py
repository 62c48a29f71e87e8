"""`affine` and `linear`: dense layers whose parameters are named after the equation that they stand in.

Until the equation has its name they are nodes of their own; then each becomes `W_f @ concat(x, h) + b_f`.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from ..diagnostics import Code, fitting, refused, written
from ..nodes import Name, Node, Operand, as_node, dimension, ref, replace, subnodes
from ..sizes import Size
from ._initialisers import Given, Initial, initial
from ._names import trouble_with
from ._system import Role, Symbol


@fitting
def affine(
    *inputs: Operand,
    bias: bool = True,
    name: str | None = None,
    size: object = None,
    init: Given | tuple[Given, ...] = None,
    bias_init: Given = None,
) -> Node:
    """A dense layer `W @ concat(*inputs) + b`.

    In the equation of `f` the parameters are `W_f` and `b_f`, in that of `c.next` `W_c` and `b_c`; several in one
    equation are `W_f1`, `W_f2`, …; `name="a"` makes them `W_a` and `b_a`. Their shapes are inferred: W is
    (size of the result, sum of the sizes of the inputs), b is (size of the result). `size=k` says the size of the
    result where nothing else does.

    `init` is what W starts from, `bias_init` what b does: a number, or an initialiser of `lstmspec.init`. The columns
    of W that act on one input are a block by themselves; `init` is for every block, or a tuple with one for each input.

    Raises:
        SpecError: LS208 without inputs; LS205 for a size that is no dimension; LS211 for what is no initialiser.

    """
    if not inputs:
        raise refused(Code.LS208, "affine needs at least one vector", help="affine(x, h)")
    # The mark makes two layers that look alike two layers, not one.
    if name is not None and (not isinstance(name, str) or not name or trouble_with(f"W_{name}") is not None):
        raise refused(
            Code.LS202, f"name={written(name)} cannot name a dense layer", 'affine(x, h, name="a") has W_a and b_a'
        )
    if not isinstance(bias, bool | np.bool_):
        raise refused(
            Code.LS208, f"bias={written(bias)} is neither True nor False", "one of your own: affine(…, bias=False) + b"
        )
    rows = None if size is None else dimension(size, "affine")
    starts = initial(init), initial(bias_init, "bias_init")
    if bias_init is not None and not bias:
        raise refused(
            Code.LS211, "bias_init is for a bias, and the layer has none", "leave out bias=False, or bias_init"
        )
    return Node("affine", tuple(as_node(part) for part in inputs), (bool(bias), name, object(), rows, starts))


@fitting
def linear(
    *inputs: Operand, name: str | None = None, size: object = None, init: Given | tuple[Given, ...] = None
) -> Node:
    """A dense layer without a bias, `W @ concat(*inputs)`; names, size and `init` as for `affine`."""
    return affine(*inputs, bias=False, name=name, size=size, init=init)


def elaborate(equation: Name, expr: Node) -> tuple[Node, list[Symbol]]:
    """The expression with every dense layer written out, and the parameters that this declares."""
    base = equation.state
    layers = [node for node in subnodes(expr) if node.op == "affine"]
    unnamed = [layer for layer in layers if layer.attrs[1] is None]
    suffixes = iter([base] if len(unnamed) == 1 else [f"{base}{index + 1}" for index in range(len(unnamed))])
    # By the layer's own mark: its inputs are rewritten before it, so the node itself is not found again.
    names = {layer.attrs[2]: str(layer.attrs[1] or next(suffixes)) for layer in layers}
    symbols: list[Symbol] = []

    def write_out(node: Node) -> Node:
        if node.op != "affine":
            return node
        bias, _, mark, given, starts = node.attrs
        start, bias_start = cast(tuple[Initial, Initial], starts)
        rows = given if isinstance(given, Size) else None
        weight, offset = Name(f"W_{names[mark]}"), Name(f"b_{names[mark]}")
        symbols.append(Symbol(weight, Role.WEIGHT, (rows, None), site=node.site, layer=True, initial=start))
        operand = node.args[0] if len(node.args) == 1 else Node("concat", node.args, site=node.site)
        product = Node("matmul", (ref(weight, node.site), operand), site=node.site)
        if not bias:
            return product
        symbols.append(Symbol(offset, Role.BIAS, (rows,), site=node.site, layer=True, initial=bias_start))
        return Node("add", (product, ref(offset, node.site)), site=node.site)

    return replace(expr, write_out), symbols
