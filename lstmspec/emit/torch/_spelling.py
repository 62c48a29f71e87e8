"""PyTorch's words."""

from __future__ import annotations

from .._spelling import ATOM, COMPARISON, OPERATORS, PRODUCT, UNARY, Entry, FirstValue, Spelling, call

_FLAT = '''
def flat(u: Float[Tensor, "time batch size"]) -> Float[Tensor, "time*batch size"]:
    """(time, batch, size) as (time * batch, size): a sum of outer products over both is one product."""
    return u.reshape(-1, u.shape[-1])
'''

_PART = '''
def part(array: Tensor, place: int, count: int) -> Tensor:
    """One of `count` equal parts of an array's rows, a view."""
    rows = array.shape[0] // count
    return array[place * rows : (place + 1) * rows]
'''

_ORTHOGONAL = '''
def orthogonal(array: Tensor, gain: float) -> None:
    """Fill a matrix with gain times orthonormal columns, or rows where there are fewer."""
    dtype = torch.promote_types(array.dtype, torch.float32)  # narrower ones have no QR factorisation
    array.copy_(torch.nn.init.orthogonal_(torch.empty(array.shape, dtype=dtype, device=array.device), gain))
'''


def _pad(value: str, before: str, after: str, axis: int) -> str:
    return f"torch.nn.functional.pad({value}, ({'0, 0, ' * (axis - 1)}{before}, {after}))"


def function(name: str) -> Entry:
    """A function that takes tensors alone: constants become tensors first."""
    return call(name, wraps_numbers=True)


SPELLING = Spelling(
    elementwise={
        **OPERATORS,
        "sigmoid": function("torch.sigmoid"),
        "tanh": function("torch.tanh"),
        "relu": function("torch.relu"),
        # torch's own softplus is linear above 20, which is not float64's accuracy
        "softplus": Entry("-torch.nn.functional.logsigmoid(-{})", UNARY, (UNARY,)),
        "log_sigmoid": function("torch.nn.functional.logsigmoid"),
        # torch's own hardsigmoid has a float32's 1/6 in float64 too
        "hard_sigmoid": Entry("torch.clamp({} / 6 + 0.5, 0, 1)", ATOM, (PRODUCT,), wraps_numbers=True),
        "softsign": function("torch.nn.functional.softsign"),
        "exp": function("torch.exp"),
        "log": function("torch.log"),
        "sqrt": function("torch.sqrt"),
        "sin": function("torch.sin"),
        "cos": function("torch.cos"),
        "floor": function("torch.floor"),
        "mod": call("torch.remainder", 2, wraps_numbers=True),
        "abs": function("torch.abs"),
        "sign": function("torch.sign"),
        "maximum": call("torch.maximum", 2, wraps_numbers=True),
        "minimum": call("torch.minimum", 2, wraps_numbers=True),
        "heaviside": Entry("torch.heaviside({}, torch.full((), 0.5, dtype=dtype, device=device))", ATOM, (COMPARISON,)),
        "where": call("torch.where", 3, wraps_numbers=True),
    },
    axis="dim",
    copy="{}.clone()",
    scalar="torch.full((), {}, dtype=dtype, device=device)",
    scalar_result="{}",
    features={
        "softmax": "torch.softmax({0}, -1)",
        "cumsum": "torch.cumsum({0}, -1)",
        "mean": "{0}.mean(dim=-1)",
        "repeat": "torch.repeat_interleave({0}, {1}, -1)",
        "fold": "{0}.unflatten(-1, ({2}, {1})).sum(dim=-1)",
    },
    concat="torch.cat([{}], dim={})",
    broadcast="{}.expand({})",
    ones="torch.ones({}, dtype=dtype, device=device)",
    zeros="torch.zeros({}, dtype=dtype, device=device)",
    empty="torch.empty({}, dtype=dtype, device=device)",
    eye="torch.eye({}, dtype=dtype, device=device)",
    diagonal="torch.diagonal({}, dim1=-2, dim2=-1)",
    pad=_pad,
    first={
        "default": FirstValue("{array}.uniform_(-bound, bound)"),
        "constant": FirstValue("{array}.fill_({0})"),
        "uniform": FirstValue("{array}.uniform_({0}, {1})"),
        "normal": FirstValue("{array}.normal_(0, {0})"),
        "log_uniform": FirstValue("{array}.uniform_({0.log}, {1.log}).exp_()"),
        "chrono": FirstValue("{array}.uniform_(1, {0} - 1).log_()"),
        # float64, which copy_ rounds once, so that the numbers are NumPy's
        "spread": FirstValue("{array}.copy_(torch.linspace({0}, {1}, {rows}, dtype=torch.float64))", alone=True),
        "orthogonal": FirstValue("orthogonal({array}, {0})", alone=True),
        "identity": FirstValue("{array}.zero_().fill_diagonal_({0})", alone=True),
        "glorot_uniform": FirstValue("torch.nn.init.xavier_uniform_({array})", alone=True),
        "lecun_uniform": FirstValue('torch.nn.init.kaiming_uniform_({array}, nonlinearity="linear")', alone=True),
    },
    helpers={"flat": _FLAT, "part": _PART, "orthogonal": _ORTHOGONAL},
)
