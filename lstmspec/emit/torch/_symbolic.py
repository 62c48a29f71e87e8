"""Passes on tensors without data whose sizes are symbols: shapes that hold for all sizes, not for some.

A guard is what PyTorch would assume of a symbol to go on (that it is not 1, that two are equal); none may be needed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import sympy
import torch
from torch._dispatch.python import enable_python_dispatcher
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv
from torch.utils._sympy.functions import Mod, PythonMod

from ...procedure import Argument, Buffer, Lead, Procedure, Record, Result

HINTS = (7, 5, 11, 13, 17, 19, 23, 29, 31, 37)  # by which PyTorch tells symbols apart; they must not matter
TIME = 3  # a loop has a number of steps

Sizes = Mapping[str, Any]


def misshapen(module: ModuleType, procedure: Procedure, dims: Sequence[str]) -> list[str]:
    """How the results of a pass differ from what is declared, at sizes that are symbols; empty when they agree."""
    env = ShapeEnv()
    sizes = {"time": TIME} | {
        name: _symbol(env, name, hint) for name, hint in zip((*dims, "batch"), HINTS, strict=False)
    }
    mode = FakeTensorMode(shape_env=env)
    mode.cache_enabled = False  # with sizes that are symbols, it takes longer to look results up than to infer them
    try:
        with mode, enable_python_dispatcher():  # older PyTorch's matmul in C++ takes no sizes that are symbols
            given = [_argument(module, argument, sizes) for argument in procedure.arguments]
            results = getattr(module, f"_{procedure.name}")(tuple(sizes[dim] for dim in dims), *given)
    except Exception as error:  # of generated code, whatever it is
        said = next(iter(str(error).strip().splitlines()), "")
        return [f"{procedure.name}: {type(error).__name__}: {said}"]
    found = []
    for result, values in zip(procedure.results, results, strict=True):
        found += [f"{procedure.name}: {line}" for line in _unlike(result, values, sizes)]
    guards = [guard.expr for guard in env.guards if not _is_always_true(guard.expr)]
    found += [f"{procedure.name} assumes {guard}" for guard in guards]
    return found + [f"{procedure.name} assumes {old} = {new}" for old, new in env.replacements.items()]


def _is_always_true(guard: sympy.Basic) -> bool:
    """Whether a guard says that a size is an integer of this machine, or that a multiple of another one is one."""
    if isinstance(guard, sympy.Le | sympy.Ne) and guard.rhs == sys.maxsize:
        return True

    def remainder(mod: sympy.Basic) -> sympy.Basic:
        return sympy.S.Zero if sympy.cancel(mod.args[0] / mod.args[1]).is_polynomial() else mod

    return bool(guard.replace(lambda part: isinstance(part, Mod | PythonMod), remainder) == sympy.true)


def _symbol(env: ShapeEnv, name: str, hint: int) -> Any:
    source = ConstantSource(name)
    symbol = env.create_symbol(hint, source, dynamic_dim=DimDynamic.DYNAMIC, constraint_dim=None)
    return env.create_symintnode(symbol, hint=hint, source=source)


def _argument(module: ModuleType, argument: Argument, sizes: Sizes) -> Any:
    if isinstance(argument.type, Buffer):
        return torch.empty(_shape(argument.type, sizes))
    record = argument.type
    arrays = [torch.empty(_shape(buffer, sizes)) for buffer in record.fields]
    return getattr(module, record.name)(*arrays, *(value for _, value in record.constants))


def _unlike(result: Result, values: Any, sizes: Sizes) -> list[str]:
    fields = result.type.fields if isinstance(result.type, Record) else (result.type,)
    own = values if isinstance(result.type, Record) else (values,)
    found = []
    for buffer, value in zip(fields, own, strict=False):  # numbers stand behind the arrays
        got, expected = _text(value.shape), _text(_shape(buffer, sizes))
        if got != expected:
            found.append(f"{buffer.name} of {result.name} is {_tuple(got)}, declared {_tuple(expected)}")
    return found


def _shape(buffer: Buffer, sizes: Sizes) -> tuple[Any, ...]:
    time, batch = sizes["time"], sizes["batch"]
    leads = {Lead.NONE: (), Lead.BATCH: (batch,), Lead.STEPS: (time, batch), Lead.HISTORY: (time + 1, batch)}
    return (*leads[buffer.lead], *(size.at(sizes) for size in buffer.shape))


def _text(shape: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(sympy.expand(size.node.expr)) if isinstance(size, torch.SymInt) else str(size) for size in shape)


def _tuple(shape: Sequence[str]) -> str:
    return f"({', '.join(shape)})"
