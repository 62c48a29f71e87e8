"""Cells with one mistake each, and what is offered for it: what `test_mends.py` goes through.

A row is a body, the exact help, and the edits as (text in the file, text in its place).
"""

HEAD = """
from lstmspec import Bias, Cell, Constant, Input, Output, State, Weight, affine, allow, concat, dims, dot, elementwise
from lstmspec import linear, log, ones, outer, sigmoid, sum, tanh, where
n, k, m = dims("n k m")
swish = elementwise(lambda u: u * sigmoid(u))
""".lstrip()
BASE = (
    HEAD
    + """
class Base(Cell):
    x, h, c = Input(n), State(k), State(k)
    W = Weight(k, n + k)
    f = sigmoid(W @ concat(x, h))
    c.next = f * c + (1 - f) * tanh(affine(x, h))
    h.next = f * tanh(c.next)
"""
)
X = "x, h = Input(n), State(k)\n"
THREE = "x, h, c = Input(n), State(k), State(k)\n"
TWO = "x, u, h = Input(n), Input(m), State(k)\nW = Weight(k, n + k)\n"
MATRIX = "x, M = Input(n), State(k, n)\nW = Weight(n, k)\n"
SAME = "if they are the same, write one for the other in the declarations"
LAYER = "; if not, linear(…) of one has the size of the other"

EXPRESSIONS = {
    "the operands of a product, swapped": (
        X + "W = Weight(k, k)\nh.next = tanh(affine(x) + h @ W)",
        "the matrix comes first: W @ h", [("h @ W", "W @ h")]),
    "a state that was forgotten": (
        X + "W = Weight(k, n + k)\nh.next = tanh(W @ x)",
        "concat(x, h) has n+k", [("W @ x", "W @ concat(x, h)")]),
    "an input that was forgotten": (
        X + "W = Weight(k, n + k)\nh.next = tanh(W @ h)",
        "concat(x, h) has n+k", [("W @ h", "W @ concat(x, h)")]),
    "one part too many": (
        TWO + "h.next = tanh(W @ concat(x, u, h))",
        "concat(x, h) has n+k", [("W @ concat(x, u, h)", "W @ concat(x, h)")]),
    "a wrong part": (
        TWO + "h.next = tanh(W @ concat(u, h))",
        "concat(x, h) has n+k", [("W @ concat(u, h)", "W @ concat(x, h)")]),
    "a part that leaves no size for itself": (
        X + "W, U = Weight(k, n), Weight(k, k)\na = tanh(affine(x))\nb = W @ concat(x, a)\nh.next = tanh(U @ a + b)",
        "W @ x", [("W @ concat(x, a)", "W @ x")]),
    "a missing .T on the left": (
        X + "W = Weight(n, k)\nh.next = tanh(affine(h) + W @ x)",
        "transposed: W.T @ x", [("W @ x", "W.T @ x")]),
    "rows times a matrix": (
        X + "W = Weight(n, k)\nh.next = tanh(affine(h) + x @ W)",
        "the matrix comes first, transposed: W.T @ x", [("x @ W", "W.T @ x")]),
    "rows times matrices, throughout": (
        X + "W, U, b = Weight(n, k), Weight(k, k), Bias(k)\nh.next = tanh(x @ W + h @ U + b)",
        "the matrix comes first, transposed: tanh(W.T @ x + U.T @ h + b)",
        [("x @ W", "W.T @ x"), ("h @ U", "U.T @ h")]),
    "a needless .T on the left": (
        X + "W = Weight(k, n)\nh.next = tanh(affine(h) + W.T @ x)",
        "without .T: W @ x", [("W.T @ x", "W @ x")]),
    "a missing .T on the right": (
        "x, A = Input(n), State(k, n)\nP = Weight(k, k)\nA.next = P @ A + (A @ A) @ A",
        "transposed: A @ A.T", [("A @ A", "A @ A.T")]),
    "@ for * of two vectors": (
        X + "p = Weight(k)\nh.next = tanh(affine(x) + p @ h)",
        "`*` is the elementwise product: p * h", [("p @ h", "p * h")]),
    "@ for dot": (
        "x, s, w = Input(n), State(()), Weight(n)\ns.next = tanh(w @ x + s)",
        "dot is the product of two vectors: dot(w, x)", [("w @ x", "dot(w, x)")]),
    "* for @": (
        X + "W = Weight(k, n)\nh.next = tanh(affine(h) + W * x)",
        "`@` is the matrix product: W @ x", [("W * x", "W @ x")]),
    "* for @, swapped": (
        X + "W = Weight(k, n)\nh.next = tanh(affine(h) + x * W)",
        "`@` is the matrix product, the matrix first: W @ x", [("x * W", "W @ x")]),
    "dot for @": (
        X + "W = Weight(k, n)\nh.next = tanh(affine(h) + dot(W, x))",
        "`@` is the product with a matrix: W @ x", [("dot(W, x)", "(W @ x)")]),
    "dot for *": (
        X + "p = Weight(k)\nh.next = tanh(outer(affine(x), dot(p, h)) @ h)",
        "`*` is the elementwise product: p * h", [("dot(p, h)", "p * h")]),
    "a vector with .T": (
        X + "h.next = tanh(affine(x) + h.T)",
        "without .T: h", [("h.T", "h")]),
    "outer the other way round": (
        "x, h, M = Input(n), State(k), State(k, n)\nh.next = tanh(affine(x, h))\nM.next = outer(x, h)",
        "the other way round: outer(h, x)", [("outer(x, h)", "outer(h, x)")]),
}  # fmt: skip
for sign in "+-*/":
    for side, wrong, right in (
        ("left", f"W {sign} M", f"W.T {sign} M"),
        ("right", f"M {sign} W", f"M {sign} W.T"),
    ):
        row = f"{MATRIX}M.next = {wrong}", f"transposed: {right}", [(wrong, right)]
        EXPRESSIONS[f"a missing .T to the {side} of {sign}"] = row

DECLARATIONS = {
    "a weight of the same rank": (
        X + "W, b = Weight(k, n + m), Bias(k)\nh.next = tanh(W @ concat(x, h) + b)",
        "declare it so: W = Weight(k, n + k)", [("Weight(k, n + m)", "Weight(k, n + k)")]),
    "a bias of the same rank": (
        X + "W, b = Weight(k, n + k), Bias(n)\nh.next = tanh(W @ concat(x, h) + b)",
        "declare it so: b = Bias(k)", [("Bias(n)", "Bias(k)")]),
    "a weight of another rank": (
        X + "W, b = Weight(k), Bias(k)\nh.next = tanh(W @ concat(x, h) + b)",
        "declare it so: W = Weight(k, n + k)", [("Weight(k)", "Weight(k, n + k)")]),
    "a bias of another rank": (
        X + "b = Bias(k, 1)\nh.next = tanh(linear(x, h) + b)",
        "declare it so: b = Bias(k)", [("Bias(k, 1)", "Bias(k)")]),
    "a state of another size": (
        "x, h = Input(n), State(2 * k)\nW, U = Weight(k, n), Weight(k, k)\nh.next = tanh(W @ x + U @ h)",
        "declare it so: h = State(k)", [("State(2 * k)", "State(k)")]),
    "an input of another rank": (
        "x, h = Input(n, 1), State(k)\nh.next = tanh(linear(h) * dot(x, ones(n)))",
        "declare it so: x = Input(n)", [("Input(n, 1)", "Input(n)")]),
    "an input that has the state's size": (
        X + "h.next = tanh(affine(h) + x)", f"{SAME} (k = n){LAYER}", [("Input(n)", "Input(k)")]),
    "a sum of sizes that has the state's": (
        "x, u, h = Input(n), Input(m), State(k)\nh.next = tanh(affine(h) + concat(x, u))",
        f"{SAME} (k = n+m){LAYER}", [("State(k)", "State(n + m)")]),
}  # fmt: skip

KINDS = {
    "a condition as a factor": (
        X + "a = affine(x, h)\nh.next = (a < h) * h",
        "turn it into the other: where(a < h, 1, 0) * h", [("(a < h) * h", "where(a < h, 1, 0) * h")]),
    "a number as a condition": (
        X + "mask = Input(k)\na = tanh(affine(x, h))\nh.next = where(mask, h, a)",
        "turn it into the other: where(0.5 < mask, h, a)",
        [("where(mask, h, a)", "where(0.5 < mask, h, a)")]),
    "a condition as a state's new value": (
        X + "a = tanh(affine(x, h))\nh.next = a < h",
        "turn it into the other: where(a < h, 1, 0)", [("a < h", "where(a < h, 1, 0)")]),
    "a condition as an output": (
        X + "h.next = tanh(affine(x, h))\ny = Output(h < h.next)",
        "turn it into the other: where(h < h.next, 1, 0)", [("h < h.next", "where(h < h.next, 1, 0)")]),
}  # fmt: skip

CYCLES = {
    "a gate that looks at the new state": (
        THREE + "f = sigmoid(affine(x, h) + c.next)\nc.next = f * c\nh.next = tanh(c.next)",
        "read the previous value in equation `f`: `c` instead of `c.next`", [("c.next", "c")]),
    "two states that wait for each other": (
        THREE + "c.next = tanh(affine(x, h.next))\nh.next = tanh(affine(x, c.next))",
        "read the previous value in equation `c.next`: `h` instead of `h.next`", [("h.next", "h")]),
}  # fmt: skip
