"""NumPy's words."""

from __future__ import annotations

from .._spelling import ATOM, COMPARISON, OPERATORS, PRODUCT, UNARY, Entry, FirstValue, Spelling, call

_SIGMOID = '''
def sigmoid(u: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-u)); the exponential is taken of -|u|, which cannot overflow."""
    e = np.exp(-np.abs(u))
    return np.where(u >= 0, 1, e) / (1 + e)
'''

_SOFTMAX = '''
def softmax(u: np.ndarray) -> np.ndarray:
    """exp(u) / sum(exp(u)) over the features; the largest is subtracted first, so that nothing overflows."""
    e = np.exp(u - u.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
'''

_FLAT = '''
def flat(u: np.ndarray) -> np.ndarray:
    """(time, batch, size) as (time * batch, size): a sum of outer products over both is one product."""
    return u.reshape(-1, u.shape[-1])
'''

_PART = '''
def part(array: np.ndarray, place: int, count: int) -> np.ndarray:
    """One of `count` equal parts of an array's rows, a view."""
    rows = array.shape[0] // count
    return array[place * rows : (place + 1) * rows]
'''

_ORTHOGONAL = '''
def orthogonal(rng: np.random.Generator, shape: tuple[int, int], gain: float) -> np.ndarray:
    """gain * Q, where Q R is a matrix of normal numbers: orthonormal columns, or rows where there are fewer."""
    q, r = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))
    q = q * np.where(np.diagonal(r) < 0, -1, 1)  # R with a positive diagonal is unique: no matrix is favoured
    return gain * (q if shape[0] >= shape[1] else q.T)
'''


def _pad(value: str, before: str, after: str, axis: int) -> str:
    behind = " + [(0, 0)]" * (axis - 1)
    widths = f"[(0, 0)] * ({value}.ndim - {axis}) + [({before}, {after})]{behind}"
    return f"np.pad({value}, {widths})"


SPELLING = Spelling(
    elementwise={
        **OPERATORS,
        "sigmoid": call("sigmoid"),
        "tanh": call("np.tanh"),
        "relu": Entry("np.maximum({}, 0)", ATOM, (COMPARISON,)),
        "softplus": Entry("np.logaddexp(0, {})", ATOM, (COMPARISON,)),
        "log_sigmoid": Entry("-np.logaddexp(0, -{})", UNARY, (UNARY,)),
        "hard_sigmoid": Entry("np.clip({} / 6 + 0.5, 0, 1)", ATOM, (PRODUCT,)),
        "softsign": Entry("{0} / (1 + np.abs({0}))", PRODUCT, (PRODUCT,)),
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
        "heaviside": Entry("np.heaviside({}, 0.5)", ATOM, (COMPARISON,)),
        "where": call("np.where", 3, wraps_numbers=True),
    },
    axis="axis",
    copy="{}.copy()",
    scalar="dtype.type({})",
    scalar_result="np.asarray({})",
    features={
        "softmax": "softmax({0})",
        "cumsum": "np.cumsum({0}, axis=-1)",
        "mean": "{0}.mean(axis=-1)",
        "repeat": "np.repeat({0}, {1}, axis=-1)",
        "fold": "np.add.reduceat({0}, range(0, {3}, {1}), axis=-1)",
    },
    concat="np.concatenate([{}], axis={})",
    broadcast="np.broadcast_to({}, {})",
    ones="np.ones({}, dtype)",
    zeros="np.zeros({}, dtype)",
    empty="np.empty({}, dtype)",
    eye="np.eye({}, dtype=dtype)",
    diagonal="np.diagonal({}, axis1=-2, axis2=-1)",
    pad=_pad,
    first={
        "default": FirstValue("rng.uniform(-bound, bound, {shape})"),
        "constant": FirstValue("np.full({shape}, {0})"),
        "uniform": FirstValue("rng.uniform({0}, {1}, {shape})"),
        "normal": FirstValue("rng.normal(0, {0}, {shape})"),
        "log_uniform": FirstValue("np.exp(rng.uniform(np.log({0}), np.log({1}), {shape}))"),
        "chrono": FirstValue("np.log(rng.uniform(1, {0} - 1, {shape}))"),
        "spread": FirstValue("np.linspace({0}, {1}, {rows})", alone=True),
        "orthogonal": FirstValue("orthogonal(rng, {shape}, {0})", alone=True),
        "identity": FirstValue("{0} * np.eye({rows})", PRODUCT, alone=True),
        "glorot_uniform": FirstValue("np.sqrt(6 / ({columns} + {rows})) * rng.uniform(-1, 1, {shape})", PRODUCT),
        "lecun_uniform": FirstValue("np.sqrt(3 / {columns}) * rng.uniform(-1, 1, {shape})", PRODUCT),
    },
    helpers={"sigmoid": _SIGMOID, "softmax": _SOFTMAX, "flat": _FLAT, "part": _PART, "orthogonal": _ORTHOGONAL},
)
