"""Values that nobody should give a cell, and a judge of what comes of it: a finding, or a result."""

import dataclasses
import decimal
import fractions
import math

import numpy as np
import sympy
import torch

from lstmspec import Cell, Code, Input, LayoutError, SpecError, dims, init, tanh
from lstmspec.diagnostics import Diagnostic

n, k = dims("n k")
U = Input(k)
LONGEST = 2000  # characters of a line that a person is to read


@dataclasses.dataclass
class Data:
    """A dataclass."""

    number: int = 3


class Hostile:
    """Raises whatever it is asked."""

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("no repr")

    def __eq__(self, other):
        raise RuntimeError("no equality")


class Anything:
    """Has every attribute, and can be called."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_, **__):
        return self


def deep(levels=5000):
    """An expression deeper than Python's stack."""
    node = U
    for _ in range(levels):
        node = node + 1.0
    return node


def itself():
    """A list that has itself in it."""
    found = [1]
    found.append(found)
    return found


# Numbers and sizes, and what looks like one.
NUMBERS = {
    "0": 0, "-1": -1, "2.5": 2.5, "huge": 10**5000, "10**400": 10**400, "infinity": math.inf, "nan": math.nan,
    "complex": 1 + 2j, "True": True, "np.True_": np.bool_(True), "np.int64": np.int64(3), "np.float64": np.float64(2.5),
    "np.longdouble": np.longdouble("1e4000"), "np.complex128": np.complex128(1), "Decimal": decimal.Decimal("2.5"),
    "Decimal nan": decimal.Decimal("NaN"), "Decimal snan": decimal.Decimal("sNaN"),
    "Decimal 1e400": decimal.Decimal("1e400"), "Fraction": fractions.Fraction(5, 2),
    "large Fraction": fractions.Fraction(10**400, 3), "timedelta64": np.timedelta64(3), "masked": np.ma.masked,
}  # fmt: skip
ARRAYS = {
    "array of nothing": np.zeros((0,)), "array": np.arange(3.0), "matrix": np.ones((2, 2)), "0-d array": np.array(3),
    "0-d float": np.array(2.5), "objects": np.array([None, 3], dtype=object), "texts": np.array(["a"]),
    "0-d object": np.array(None), "tensor": torch.ones(3), "0-d tensor": torch.tensor(2.5, requires_grad=True),
    "tensor without data": torch.ones((), device="meta"), "complex tensor": torch.tensor(1j),
    "parameter": torch.nn.Parameter(torch.ones(2)),
}  # fmt: skip
SYMPY = {
    "oo": sympy.oo, "sympy nan": sympy.nan, "I": sympy.I, "zoo": sympy.zoo, "pi": sympy.pi, "5/2": sympy.Rational(5, 2),
    "1e4000": sympy.Float("1e4000"), "sympy 10**400": sympy.Integer(10) ** 400, "symbol": sympy.Symbol("u"),
    "n": n, "n+k": n + k, "n/2": n / 2, "n-n": n - n, "-n": -n, "1.5*n": 1.5 * n, "floor(n/2)": sympy.floor(n / 2),
    "exp(n)": sympy.exp(n), "n > 3": n > 3, "true": sympy.true, "n**10**9": n ** (10**9), "(n+k)**300": (n + k) ** 300,
    "10**5000*n": 10**5000 * n, "n/10**5000": n / sympy.Integer(10) ** 5000, "Matrix": sympy.Matrix([[1]]),
    "ImmutableMatrix": sympy.ImmutableMatrix([[1]]), "MatrixSymbol": sympy.MatrixSymbol("A", n, k),
    "f(n)": sympy.Function("f")(n), "Sum": sympy.Sum(n, (n, 1, 3)),
}  # fmt: skip
OTHERS = {
    "None": None, "text": "3", "no text": "", "bytes": b"3", "surrogate": "\udc80", "two lines": "a\nb",
    "long text": "x" * 100_000, "list": [3], "list of itself": itself(), "tuple": (3,), "no tuple": (),
    "nested": ((3,),),
    "dict": {"n": 3}, "set": {3}, "range": range(3), "slice": slice(0, 3), "ellipsis": ..., "class": int,
    "function": len, "lambda": lambda u: u, "math.tanh": math.tanh, "module": math, "dataclass": Data(),
    "object": object(), "hostile": Hostile(), "anything": Anything(), "NotImplemented": NotImplemented,
    "exception": ValueError("x"), "expression": tanh(U), "deep expression": deep(), "declaration": Input(k),
    "Cell": Cell, "initialiser": init.normal(0.1), "rule": init.normal, "code": Code.LS101, "dims": dims("p q"),
}  # fmt: skip
ODD = NUMBERS | ARRAYS | SYMPY | OTHERS


def values():
    """Every odd value with its name; a generator is a new one each time."""
    yield from ODD.items()
    yield "generator", (number for number in (3, 4))


def judged(call):
    """What is wrong with the end of a call: nothing when it gives a result, or raises findings that can be read."""
    try:
        call()
    except (SpecError, LayoutError) as error:
        lines = str(error).split("\n")
        codes = [found.code for found in error.diagnostics] if isinstance(error, SpecError) else []
        longest = max(map(len, lines))
        if longest > LONGEST:
            return f"a line of {longest} characters"
        return "" if all(isinstance(code, Code) for code in codes) else f"codes {codes}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    return ""


__all__ = ["ODD", "Diagnostic", "U", "judged", "k", "n", "values"]
