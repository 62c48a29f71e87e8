"""A third backend: Python without any library, lists in lists, one scalar at a time. It shows that a backend is a file.

Records are dictionaries. `_t` is the step, `_s` the sample, `_i1`, `_i2` … are the other indices.
"""

import importlib
import itertools

import numpy as np

from lstmspec.emit import CannotGenerate, PassRunner
from lstmspec.procedure import At, Contraction, Lead, Record, arrays_of

HEAD = '"""{} in Python."""\n\nfrom math import exp, log, sqrt, tanh\n\n\n'
WORDS = {
    "add": "({} + {})", "sub": "({} - {})", "mul": "({} * {})", "div": "({} / {})", "pow": "({} ** {})", "neg": "(-{})",
    "sigmoid": "(1 / (1 + exp(-{})))", "relu": "max({}, 0.0)", "heaviside": "(({0} > 0) / 2 + ({0} >= 0) / 2)",
    **{name: f"{name}({{}})" for name in ("tanh", "exp", "log", "sqrt")},
}  # fmt: skip
SAMPLES, STEPS = ("_s", "batch"), ("_t", "time")
LOOPS = {
    Lead.NONE: (),
    Lead.BATCH: (SAMPLES,),
    Lead.STEPS: (SAMPLES, STEPS),
    Lead.HISTORY: (SAMPLES, ("_t", "time + 1")),
}
WHOLE = {Lead.NONE: "", Lead.BATCH: "[_s]", Lead.STEPS: "[_t][_s]", Lead.HISTORY: "[_t][_s]"}
LATER = (At.STEP_AFTER, At.STEPS_AFTER)
OVER_ALL = "sum({} for _t in range(time) for _s in range(batch))"
_number = itertools.count(1)


def over(size, term):
    """The sum of terms over an index."""
    name = f"_i{next(_number)}"
    return f"sum({term(name)} for {name} in range({size}))"


def element(e, *at):
    """The code of one element of an expression."""
    return RULES[type(e).__name__](e, at)


def read(e, at):
    name = f"{e.buffer.record}[{e.buffer.name!r}]" if e.buffer.record else e.buffer.name
    return (
        name
        + (WHOLE[e.lead] if e.at is At.WHOLE else f"[_t + {e.at in LATER:d}][_s]")
        + f"[{']['.join(at)}]" * bool(at)
    )


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
    """The sum over all own axes."""
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
    "Number": lambda e, at: f"({e.value!r})",
    "Extent": lambda e, at: f"({e.size})",
    "Constant": lambda e, at: f"{e.record}[{e.name!r}]",
    "Local": lambda e, at: e.name + "[_s]" * (e.lead is Lead.BATCH) + f"[{']['.join(at)}]" * bool(at),
    "Read": read,
    "Fill": lambda e, at: f"{e.value!r}",
    **dict.fromkeys(("Expand", "Copy"), lambda e, at: element(e.arg, *at)),
    "Spread": lambda e, at: element(e.arg),
    "Total": lambda e, at: OVER_ALL.format(element(e.arg, *at)),
    "Product": product,
    "Apply": apply,
}


def array(e):
    """The code of a whole value."""
    names = [f"_i{next(_number)}" for _ in e.shape]
    code = element(e, *names)
    for name, size in (*reversed(list(zip(names, e.shape, strict=True))), *LOOPS[e.lead]):
        code = f"[{code} for {name} in range({size})]"
    return code


def stored(stores, value):
    return [f"{store.buffer.name}[_t + {store.after:d}] = {value}" for store in stores]


def returned(result):
    if not isinstance(result.type, Record):
        return array(result.values[0])
    pairs = zip(result.type.fields, result.values, strict=True)
    return f"{{{', '.join(f'{buffer.name!r}: {array(value)}' for buffer, value in pairs)}}}"


def function(dims, p):
    """A procedure as a function."""
    first = next(b for a in p.arguments for b in arrays_of(a) if b.lead is Lead.STEPS)
    name = f"{first.record}[{first.name!r}]" if first.record else first.name
    lines = [f"{dim} = sizes[{at}]" for at, dim in enumerate(dims)] + [f"time, batch = len({name}), len({name}[0])"]
    lines += [f"{a.target.name} = {array(a.value)}" for a in p.before]
    lines += [f"{c.target.name} = {array(c.first)}" for c in p.loop.carries]
    lines += [f"{a.buffer.name} = [{array(a.first) if a.first else None}] * (time + 1)" for a in p.allocations]
    lines += [f"{a.buffer.name}.pop()" for a in p.allocations if a.buffer.lead is Lead.STEPS]
    body = [line for a in p.loop.body
            for line in (f"{a.target.name} = {array(a.value)}", *stored(a.stores, a.target.name))]  # fmt: skip
    body += [line for c in p.loop.carries for line in stored(c.stores, array(c.after))]
    body += [
        f"{', '.join(c.target.name for c in p.loop.carries)}, = {', '.join(array(c.after) for c in p.loop.carries)},"
    ]
    lines += [f"for _t in {'reversed(range(time))' if p.loop.reverse else 'range(time)'}:", *(f"    {b}" for b in body)]
    lines += [f"{a.target.name} = {array(a.value)}" for a in p.after]
    lines += [f"return {', '.join(returned(result) for result in p.results)},"]
    return "\n    ".join([f"def {p.name}(sizes, {', '.join(a.name for a in p.arguments)}):", *lines, "", ""])


def plain(given):
    return {name: np.asarray(v).tolist() for name, v in given.items()} if isinstance(given, dict) else given.tolist()


def arrays(found):
    return {name: np.asarray(v) for name, v in found.items()} if isinstance(found, dict) else np.asarray(found)


class Lists:
    """The row of the table."""

    name, title, runtime, imports, devices = "lists", "lists", (), (), ("cpu",)

    def files(self, model, procedures):
        return {"lists.py": HEAD.format(model.name) + "\n".join(function(model.dims, p) for p in procedures)}

    def formatted(self, files):
        return dict(files)

    def verify(self, path, text):
        compile(text, path, "exec")

    def lacks(self, device):
        return ""

    def runner(self, package, folder, device="cpu"):
        module = importlib.import_module(f"{package}.{folder}.lists")
        return PassRunner(lambda name, sizes, given: [*map(arrays, getattr(module, name)(sizes, *map(plain, given)))])
