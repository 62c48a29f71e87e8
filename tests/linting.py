"""Cells that fit the shapes, and all that the lints say of each: what `test_lints.py` goes through.

A row is a body and the findings, `code: message` each; a row without any is a case in which nothing may be said.
"""

X = "x, h = Input(n), State(k)\n"
C = "x, h, c = Input(n), State(k), State(k)\n"
U = "x, u, h, c = Input(n), Input(m), State(k), State(k)\n"
P = X + "p, m = Weight(k), tanh(affine(x, h))\n"
ZERO = "has no gradient: it is zero whatever the data"
OLD, NEW = "reads the old value of `c`, though the new one is used in", "c.next = 0.5 * c + tanh(affine(x, h))\n"
GATES = X + "z, r, m = sigmoid(affine(x, h)), sigmoid(affine(x, h)), tanh(affine(x, h))\n"
ONE = "the weights of an interpolation do not sum to one in equation"
BETWEEN = "LS305: a dense layer feeds another with nothing between in equation `h.next`"
DOMAIN = "may leave its domain in equation `h.next`"
A = "W_h @ concat(x, h) + b_h"

LS301 = {
    "in a condition": (P + "h.next = where(p < m, m, h)", [f"LS301: weight `p` {ZERO}"]),
    "in a condition, through a name": (P + "a = 2 * p\nh.next = where(a < m, m, h)", [f"LS301: weight `p` {ZERO}"]),
    "in a condition that acts over time": (
        P + "c = State(k)\nc.next = where(p < m, 1.0, 0.5)\nh.next = m * c", [f"LS301: weight `p` {ZERO}"]),
    "times nothing": (P + "h.next = m + 0 * p", [f"LS301: weight `p` {ZERO}"]),
    "a sum that cancels": (P + "h.next = m + (p + m - p)", [f"LS301: weight `p` {ZERO}"]),
    "a difference with itself": (P + "h.next = m * (1 + (p - p))", [f"LS301: weight `p` {ZERO}"]),
    "a layer in a step function of the user's": (
        X + "a = step(affine(x))\nh.next = a * tanh(affine(x, h))", [f"LS301: weight `W_a` {ZERO}"]),
    "beside a path that has a slope": (P + "h.next = where(p < m, m, p * h)", []),
    "a slope over time alone": (P + "c = State(k)\nc.next = p * m\nh.next = m * c", []),
    "what is chosen has a slope": (P + "h.next = where(h < m, p * m, h)", []),
    "of a bias": (X + "b = Bias(k)\nh.next = where(b < h, 1.0, tanh(affine(x, h)))", [f"LS301: bias `b` {ZERO}"]),
    "allowed in its declaration": (
        X + 'p, m = allow(Weight(k), LS301="set by hand"), tanh(affine(x, h))\nh.next = where(p < m, m, h)', []),
    "a layer, allowed in its equation": (
        X + 'a = allow(step(affine(x)), LS301="fixed")\nh.next = a * tanh(affine(x, h))', []),
}  # fmt: skip
LS302 = {
    "a state that only feeds itself": (
        C + NEW + "h.next = tanh(affine(x, h))", ["LS302: no output depends on state `c`"]),
    "two states that feed each other": (
        C + "d = State(k)\nc.next = tanh(affine(x, d))\nd.next = c\nh.next = tanh(affine(x, h))",
        ["LS302: no output depends on state `c`", "LS302: no output depends on state `d`"]),
    "an input of such a state": (
        U + "c.next = c * tanh(affine(u))\nh.next = tanh(affine(x, h))",
        ["LS302: no output depends on input `u`", "LS302: no output depends on state `c`"]),
    "an output of something else": (
        X + "h.next = tanh(affine(x, h))\ny = Output(2 * x)", ["LS302: no output depends on state `h`"]),
    "a state that the output sees a step later": (
        C + NEW + "h.next = tanh(affine(x, c.prev))", []),
    "a state that the output sees two steps later": (
        C + "d = State(k)\nc.next = tanh(affine(x, c))\nd.next = c\nh.next = tanh(affine(d, h))", []),
    "where an equation that nothing reads is the fault": (
        "x, u, h = Input(n), Input(m), State(k)\nh.next = tanh(affine(x, h))\na = tanh(affine(u, size=k))",
        ["LS308: nothing reads `a`"]),
    "allowed in its declaration": (
        X + 'c = allow(State(k), LS302="callers have it")\n' + NEW + "h.next = tanh(affine(x, h))", []),
}  # fmt: skip
LS303 = {
    "a gate beside the new state": (
        C + NEW + "o = sigmoid(affine(x, c))\nh.next = o * tanh(c.next)", [f"LS303: `o` {OLD} `h.next`"]),
    "through a name": (
        C + NEW + "a = affine(x, c)\nh.next = sigmoid(a) * tanh(c.next)", [f"LS303: `a` {OLD} `h.next`"]),
    "in the output": (C + NEW + "h.next = tanh(c.next)\ny = Output(h.next + c)", [f"LS303: `y` {OLD} `h.next`"]),
    "nested": (
        C + NEW + "h.next = tanh(c.next)\ny = Output(tanh(1 + swish(2 * c)))", [f"LS303: `y` {OLD} `h.next`"]),
    "what the new value needs": (C + "f = sigmoid(affine(x, h, c))\nc.next = f * c\nh.next = f * tanh(c.next)", []),
    "where nothing reads the new one": (C + NEW + "h.next = tanh(affine(x, c))", []),
    "the old value, said": (C + NEW + "o = sigmoid(affine(x, c.prev))\nh.next = o * tanh(c.next)", []),
    "the new value, said": (C + NEW + "o = sigmoid(affine(x, c.next))\nh.next = o * tanh(c.next)", []),
    "allowed": (
        C + NEW + 'o = allow(sigmoid(affine(x, c)), LS303="as published")\nh.next = o * tanh(c.next)', []),
}  # fmt: skip
LS304 = {
    "another gate": (GATES + "h.next = (1 - z) * h + r * m", [f"LS304: {ONE} `h.next`"]),
    "another gate, the other way round": (GATES + "h.next = r * m + h * (1 - z)", [f"LS304: {ONE} `h.next`"]),
    "through names": (GATES + "a = 1 - z\nb = r\nh.next = a * h + b * m", [f"LS304: {ONE} `h.next`"]),
    "in the output": (
        X + "z, r, m = sigmoid(affine(x)), sigmoid(affine(x)), tanh(affine(x, h))\nh.next = m * r\n"
        "y = Output((1 - z) * m + r * h.next)", [f"LS304: {ONE} `y`"]),
    "a complement of something else": (
        X + "q = affine(x, h)\nh.next = sigmoid(q) * h + (1 - sigmoid(q - 1)) * tanh(affine(x))",
        [f"LS304: {ONE} `h.next`"]),
    "its own complement": (GATES + "h.next = r * ((1 - z) * h + z * m)", []),
    "its own complement by name": (GATES + "a, b = 1 - z, z\nh.next = a * h + b * m + r", []),
    "three terms": (GATES + "h.next = (1 - z) * h + r * m + z * m", []),
    "one term alone": (GATES + "h.next = (1 - z) * h + tanh(r + m)", []),
    "allowed": (GATES + 'h.next = allow((1 - z) * h + r * m, LS304="they overlap")', []),
}  # fmt: skip
LS305 = {
    "a layer of a layer": (
        X + "a = affine(x, h, size=m)\nh.next = tanh(affine(a))", [BETWEEN]),
    "within one equation": (
        X + "h.next = tanh(affine(affine(x, h, size=m)))", [BETWEEN]),
    "through a sum, a join and a slice": (
        X + "a = affine(x, size=2 * k)\nb = a[:k] + h\nh.next = tanh(affine(x, b))", [BETWEEN]),
    "declared by hand": (
        X + "V, U = Weight(m, n), Weight(k, m)\nh.next = tanh(U @ (V @ x) + affine(h))", [BETWEEN]),
    "an activation between": (X + "a = relu(affine(x, h, size=m))\nh.next = tanh(affine(a))", []),
    "a gate between": (X + "r = sigmoid(affine(x))\nh.next = tanh(affine(r * affine(x, h, size=k, name='a')))", []),
    "a step between": (X + "c = State(k)\nc.next = linear(x)\nh.next = tanh(affine(c, h))", []),
    "allowed": (X + 'a = affine(x, h, size=m)\nh.next = tanh(allow(affine(a), LS305="low rank"))', []),
}  # fmt: skip

UNBOUNDED = "multiplies `h` and has no bounds"
LS306 = {
    "a gate without its sigmoid": (
        X + "f = affine(x, h)\nh.next = f * h + tanh(affine(x))", [f"LS306: `f` {UNBOUNDED}"]),
    "within the equation": (
        X + "h.next = h * affine(x) + 0.1", [f"LS306: `W_h @ x + b_h` {UNBOUNDED}"]),
    "through a name": (
        X + "a = affine(x, h)\nf = 2 * a\nh.next = f * h + tanh(a)", [f"LS306: `f` {UNBOUNDED}"]),
    "an activation that bounds one side": (
        X + "f = relu(affine(x, h))\nh.next = f * h + 1", [f"LS306: `f` {UNBOUNDED}"]),
    "the new value, activated": (
        C + NEW + "o = affine(x, h)\nh.next = o * tanh(c.next)", ["LS306: `o` multiplies `c.next` and has no bounds"]),
    "bounded": (X + "f = sigmoid(affine(x, h))\nh.next = f * h + tanh(affine(x))", []),
    "bounded by construction": (X + "f = exp(-softplus(affine(x)))\nh.next = f * h + tanh(affine(x))", []),
    "a function of the user's that is bounded": (
        X + "f = bump(affine(x))\nh.next = f * h + tanh(affine(x))", []),
    "a recurrent weight": (X + "p = Weight(k)\nh.next = relu(p * h + affine(x))", []),
    "an input": (X + "gap = Input(())\nh.next = gap * h + tanh(affine(x))", []),
    "allowed": (X + 'f = allow(affine(x, h), LS306="trained so")\nh.next = f * h', []),
}  # fmt: skip
LS307 = {
    "log of an input": (X + "h.next = tanh(affine(log(x), h))", [f"LS307: `log(x)` {DOMAIN}"]),
    "sqrt of a layer": (X + "a = affine(x, h)\nh.next = sqrt(a)", [f"LS307: `sqrt(a)` {DOMAIN}"]),
    "a quotient": (X + "a = affine(x, h)\nh.next = h / a", [f"LS307: `h / a` {DOMAIN}"]),
    "a power": (X + "a = affine(x, h)\nh.next = a ** 0.5", [f"LS307: `a**0.5` {DOMAIN}"]),
    "a norm": (X + "a = affine(x, h)\nh.next = a / sqrt(sum(a * a))", [f"LS307: `a / sqrt(sum(a * a))` {DOMAIN}"]),
    "in the output": (
        X + "h.next = tanh(affine(x, h))\ny = Output(log(h.next))",
        ["LS307: `log(h.next)` may leave its domain in equation `y`"]),
    "above zero by construction": (
        X + "a = affine(x, h)\nh.next = log(sigmoid(a)) + log(1 + exp(a)) + sqrt(softplus(a)) + 1 / (1 + abs(a))", []),
    "a norm with something added": (X + "a = affine(x, h)\nh.next = a / sqrt(1 + sum(a * a))", []),
    "shares": (X + "a = exp(affine(x, h))\nh.next = a / sum(a)", []),
    "guarded": (X + "h.next = tanh(affine(log(maximum(x, 1e-6)), h)) / maximum(abs(h), 1)", []),
    "whole powers": (X + "a = affine(x, h)\nh.next = tanh(a ** 2 - a ** 3)", []),
    "allowed": (X + 'h.next = tanh(affine(allow(log(x), LS307="counts"), h))', []),
}  # fmt: skip
LS308 = {
    "an input": (
        "x, u, h = Input(n), Input(m), State(k)\nh.next = tanh(affine(x, h))",
        ["LS308: input `u` is declared, but no equation reads it"]),
    "a weight": (P + "h.next = m", ["LS308: weight `p` is declared, but no equation reads it"]),
    "a constant": (
        X + "beta = Constant(1.0)\nh.next = tanh(affine(x, h))",
        ["LS308: constant `beta` is declared, but no equation reads it"]),
    "a state that is only written": (
        X + "h.next = tanh(affine(x))", ["LS308: state `h` is carried on, but nothing reads its old value"]),
    "an equation": (X + "a = 2 * h\nh.next = tanh(affine(x, h))", ["LS308: nothing reads `a`"]),
    "what is emitted": (X + "h.next = tanh(affine(x, h))\ny = Output(2 * h.next)", []),
    "what only a circle over time reads": (C + "c.next = h\nh.next = tanh(affine(x, c))", []),
    "allowed": (
        'x, u, h = Input(n), allow(Input(m), LS308="callers have it"), State(k)\nh.next = tanh(affine(x, h))', []),
}  # fmt: skip
STALE = "is allowed in `h.next`, but does not fire there"
LS309 = {
    "on an expression": (X + 'h.next = tanh(allow(affine(x, h), LS307="no log"))', [f"LS309: LS307 {STALE}"]),
    "on a declaration": (
        'x, h = allow(Input(n), LS308="spare"), State(k)\nh.next = tanh(affine(x, h))',
        ["LS309: LS308 is allowed in `x`, but does not fire there"]),
    "of another code": (
        X + 'h.next = tanh(affine(allow(log(x), LS306="counts"), h))',
        [f"LS307: `log(x)` {DOMAIN}", f"LS309: LS306 {STALE}"]),
    "two codes, both needed": (
        X + 'f = allow(affine(log(x), h), LS306="so", LS307="counts")\nh.next = f * h', []),
    "one of two": (
        X + 'h.next = tanh(affine(allow(log(x), LS307="counts", LS304="so"), h))', [f"LS309: LS304 {STALE}"]),
}  # fmt: skip
