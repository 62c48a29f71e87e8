"""NumPy's words."""

from __future__ import annotations

from ..arrays import ATOM, COMPARISON, OPERATORS, PRODUCT, UNARY, Spelling, Word, call

SPELLING = Spelling(
    elementwise={
        **OPERATORS,
        "sigmoid": call("sigmoid"),
        "tanh": call("np.tanh"),
        "relu": Word("np.maximum({}, 0)", ATOM, (COMPARISON,)),
        "softplus": Word("np.logaddexp(0, {})", ATOM, (COMPARISON,)),
        "log_sigmoid": Word("-np.logaddexp(0, -{})", UNARY, (UNARY,)),
        "hard_sigmoid": Word("np.clip({} / 6 + 0.5, 0, 1)", ATOM, (PRODUCT,)),
        "softsign": call("softsign"),
        "exp": call("np.exp"),
        "log": call("np.log"),
        "sqrt": call("np.sqrt"),
        "sin": call("np.sin"),
        "cos": call("np.cos"),
        "floor": call("np.floor"),
        "mod": call("np.mod", 2),
        "abs": call("np.abs"),
        "sign": call("np.sign"),
        "maximum": call("np.maximum", 2),
        "minimum": call("np.minimum", 2),
        "heaviside": Word("np.heaviside({}, 0.5)", ATOM, (COMPARISON,)),
        "where": call("np.where", 3),
    },
    features={
        "softmax": "softmax({0})",
        "cumsum": "np.cumsum({0}, axis=-1)",
        "mean": "{0}.mean(axis=-1)",
        "repeat": "np.repeat({0}, {1}, axis=-1)",
        "fold": "np.add.reduceat({0}, range(0, {3}, {1}), axis=-1)",
    },
    axis="axis",
    copy="{}.copy()",
    scalar="np.asarray({}, {like}.dtype)",
    result="np.asarray({})",
    concat="np.concatenate([{}], axis={})",
    expand="np.broadcast_to({}, {})",
    ones="np.ones({}, {like}.dtype)",
    zeros="np.zeros({}, {like}.dtype)",
    empty="np.empty({}, {like}.dtype)",
    eye="np.eye({}, dtype={like}.dtype)",
    diagonal="np.diagonal({}, axis1=-2, axis2=-1)",
    helpers={"sigmoid": "sigmoid", "softmax": "softmax", "softsign": "softsign", "flat": "flat", "padded": "padded"},
    owns_inputs=True,
)

RULES = frozenset(
    {
        "constant",
        "uniform",
        "normal",
        "log_uniform",
        "chrono",
        "spread",
        "orthogonal",
        "identity",
        "glorot_uniform",
        "lecun_uniform",
    }
)
