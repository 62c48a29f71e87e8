"""A third backend: Python with no library, lists in lists, one scalar at a time; records are dictionaries.

`_t` is the step, `_s` the sample, `_i1`, `_i2` … are the other indices.
"""

import importlib
import itertools

import numpy as np

from lstmspec.emit import CannotGenerate, PassRunner, PythonFiles
from lstmspec.procedure import At, Contraction, Lead, Record

HEAD = '"""{} in Python."""\n\nfrom math import exp, log, sqrt, tanh\n\n\n'
WORDS = {
    "add": "({} + {})", "sub": "({} - {})", "mul": "({} * {})", "div": "({} / {})", "pow": "({} ** {})", "neg": "(-{})",
    "sigmoid": "(1 / (1 + exp(-{})))", "relu": "max({}, 0.0)", "less": "({} < {})", "where": "({1} if {0} else {2})",
    **{name: f"{name}({{}})" for name in ("tanh", "exp", "log", "sqrt")},
}  # fmt: skip
OVER_ALL = "sum({} for _t in range(time) for _s in range(batch))"
_number = itertools.count(1)


def over(size, term):
    return f"sum({term(name := f'_i{next(_number)}')} for {name} in range({size}))"


def element(e, *at):
    return RULES[type(e).__name__](e, at)


def called(buffer):
    return f"{buffer.record}[{buffer.name!r}]" if buffer.record else buffer.name


def read(e, at):
    step = (
        "[_t]" * (e.lead >= Lead.STEPS) if e.at is At.WHOLE else f"[_t + {e.at in (At.STEP_AFTER, At.STEPS_AFTER):d}]"
    )
    return local(e, at, called(e.buffer) + step)


def local(e, at, name=""):
    return (name or e.name) + "[_s]" * (e.lead >= Lead.BATCH) + f"[{']['.join(at)}]" * bool(at)


def product(e, at):
    left, right = ((lambda *i, x=x, turned=turned: element(x, *(i[::-1] if turned else i)))
                   for x, turned in zip((e.left, e.right), e.turned, strict=True))  # fmt: skip
    if e.kind is Contraction.OUTER:
        code = f"{left(at[0])} * {right(at[1])}"
    else:
        rows = len(e.left.shape) - 1
        code = over(e.left.shape[0 if e.turned[0] else -1], lambda i: f"{left(*at[:rows], i)} * {right(i, *at[rows:])}")
    return OVER_ALL.format(code) if e.summed else code


def apply(e, at):
    if e.op in WORDS:
        return WORDS[e.op].format(*(element(arg, *(at if arg.shape else ())) for arg in e.args))
    if e.op not in OPERATIONS:
        raise CannotGenerate(e.op)
    return OPERATIONS[e.op](e, at)


def total(arg, *rest):
    return over(arg.shape[len(rest)], lambda i: total(arg, *rest, i)) if arg.shape[len(rest) :] else element(arg, *rest)


def moved(e, at, start):
    axis = e.attrs[0]
    return element(e.args[0], *at[:axis], f"{at[axis]} + ({start})", *at[axis + 1 :])


def concat(e, at):
    start, code = "0", ""
    for part in e.args:
        own = element(part, f"{at[0]} - ({start})", *at[1:])
        start = f"{start} + {part.shape[0]}"
        code += own if part is e.args[-1] else f"{own} if {at[0]} < {start} else "
    return f"({code})"


OPERATIONS = {
    "sum": lambda e, at: total(e.args[0]),
    "mean": lambda e, at: f"({total(e.args[0])} / ({e.args[0].shape[0]}))",
    "transpose": lambda e, at: element(e.args[0], *at[::-1]),
    "spread": lambda e, at: element(e.args[0]),
    "slice": lambda e, at: moved(e, at, e.attrs[1]),
    "pad": lambda e, at: f"({moved(e, at, -e.attrs[1])} if {e.attrs[1]} <= {at[e.attrs[0]]} < {e.attrs[2]} else 0.0)",
    "concat": concat,
}
RULES = {
    **dict.fromkeys(("Number", "Fill"), lambda e, at: f"({e.value!r})"),
    **dict.fromkeys(("Expand", "Copy"), lambda e, at: element(e.arg, *at)),
    "Extent": lambda e, at: f"({e.size})",
    "Constant": lambda e, at: f"{e.record}[{e.name!r}]",
    "Spread": lambda e, at: element(e.arg),
    "Total": lambda e, at: OVER_ALL.format(element(e.arg, *at)),
    "Local": local, "Read": read, "Product": product, "Apply": apply,
}  # fmt: skip


def array(e):
    names = [f"_i{next(_number)}" for _ in e.shape]
    code = element(e, *names)
    leads = [("_s", "batch"), ("_t", "time + 1" if e.lead is Lead.HISTORY else "time")][: min(e.lead, 2)]
    for name, size in (*reversed(list(zip(names, e.shape, strict=True))), *leads):
        code = f"[{code} for {name} in range({size})]"
    return code


def function(dims, p):
    name = called(p.sequence)
    lines = [f"{dim} = sizes[{at}]" for at, dim in enumerate(dims)] + [f"time, batch = len({name}), len({name}[0])"]
    lines += [f"{a.target.name} = {array(a.value)}" for a in p.before]
    lines += [f"{c.target.name} = {array(c.first)}" for c in p.loop.carries]
    lines += [f"{a.buffer.name} = [{array(a.first) if a.first else None}] * (time + 1)" for a in p.allocations]
    lines += [f"{a.buffer.name}.pop()" for a in p.allocations if a.buffer.lead is Lead.STEPS]
    body = []
    lines_ = [(a.target.name, array(a.value), a.stores) for a in p.loop.body]
    lines_ += [(f"_{c.target.name}", array(c.after), c.stores) for c in p.loop.carries]
    for target, value, stores in lines_:
        body.append(" = ".join([*(f"{s.buffer.name}[_t + {s.after:d}]" for s in stores), target, value]))
    body += [f"{c.target.name} = _{c.target.name}" for c in p.loop.carries]
    lines += [f"for _t in {'reversed(range(time))' if p.loop.reverse else 'range(time)'}:", *(f"    {b}" for b in body)]
    lines += [f"{a.target.name} = {array(a.value)}" for a in p.after]
    results = []
    for result in p.results:
        fields = result.type.fields if isinstance(result.type, Record) else ()
        values = {field.name: array(value) for field, value in zip(fields, result.values, strict=False)}
        record = f"{{{', '.join(f'{name!r}: {value}' for name, value in values.items())}}}"
        results.append(record if isinstance(result.type, Record) else array(result.values[0]))
    lines += [f"return [{', '.join(results)}]"]
    return "\n    ".join([f"def {p.name}(sizes, {', '.join(a.name for a in p.arguments)}):", *lines, "", ""])


class Lists(PythonFiles):
    name, title, runtime, imports, devices = "lists", "lists", (), (), ("cpu",)

    def files(self, model, procedures):
        return {"lists.py": HEAD.format(model.name) + "\n".join(function(model.dims, p) for p in procedures)}

    def lacks(self, device):
        return ""

    def runner(self, package, folder, device="cpu"):
        module = importlib.import_module(f"{package}.{folder}.lists")
        return PassRunner(lambda name, sizes, given: getattr(module, name)(sizes, *given), np.ndarray.tolist)
