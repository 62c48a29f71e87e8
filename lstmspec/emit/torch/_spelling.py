"""PyTorch's words."""

from __future__ import annotations

from ..arrays import ATOM, OPERATORS, PRODUCT, UNARY, Spelling, Word, call

SPELLING = Spelling(
    elementwise={
        **OPERATORS,
        "sigmoid": call("torch.sigmoid"),
        "tanh": call("torch.tanh"),
        "relu": call("torch.relu"),
        # torch's own softplus is linear above 20, which is not float64's accuracy
        "softplus": Word("-torch.nn.functional.logsigmoid(-{})", UNARY, (UNARY,)),
        "log_sigmoid": call("torch.nn.functional.logsigmoid"),
        # torch's own hardsigmoid has a float32's 1/6 in float64 too
        "hard_sigmoid": Word("torch.clamp({} / 6 + 0.5, 0, 1)", ATOM, (PRODUCT,)),
        "softsign": call("torch.nn.functional.softsign"),
        "exp": call("torch.exp"),
        "log": call("torch.log"),
        "sqrt": call("torch.sqrt"),
        "sin": call("torch.sin"),
        "cos": call("torch.cos"),
        "floor": call("torch.floor"),
        "mod": call("torch.remainder", 2),
        "abs": call("torch.abs"),
        "sign": call("torch.sign"),
        "maximum": call("torch.maximum", 2, with_number="torch.clamp({}, min={})"),
        "minimum": call("torch.minimum", 2, with_number="torch.clamp({}, max={})"),
        "heaviside": call("heaviside"),
        "where": call("torch.where", 3),
    },
    features={
        "softmax": "torch.softmax({0}, -1)",
        "cumsum": "torch.cumsum({0}, -1)",
        "mean": "{0}.mean(dim=-1)",
        "repeat": "torch.repeat_interleave({0}, {1}, -1)",
        "fold": "{0}.unflatten(-1, ({2}, {1})).sum(dim=-1)",
    },
    axis="dim",
    copy="{}.clone()",
    scalar="{like}.new_full((), {})",
    result="{}",
    concat="torch.cat([{}], dim={})",
    expand="{}.expand({})",
    ones="{like}.new_ones({})",
    zeros="{like}.new_zeros({})",
    empty="{like}.new_empty({})",
    eye="torch.eye({}, dtype={like}.dtype, device={like}.device)",
    diagonal="torch.diagonal({}, dim1=-2, dim2=-1)",
    helpers={"heaviside": "heaviside", "flat": "flat", "padded": "padded"},
    owns_inputs=False,
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
