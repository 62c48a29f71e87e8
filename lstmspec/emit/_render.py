"""A model as the text of a module: a backend's template, filled in, with a header, formatted, and compiled once."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import jinja2
from ruff import find_ruff_bin

from ..language import order
from ..nodes import text
from . import _passes
from ._context import Context
from ._first import First
from ._header import digest
from ._model import Field
from ._spelling import Spelling

LINE_LENGTH = 120


def render(model: Context, template: Path, spelling: Spelling, array: str) -> str:
    """The module's source, formatted, without its header."""
    flats = [
        make(model, spelling) for make in (_passes.outputs, _passes.forward, _passes.backward, _passes.double_backward)
    ]
    code = "\n".join(line for flat in flats for line in (*flat.body, *(result for result, _ in flat.results)))
    first = First(model, spelling)
    code += "".join([*first.statements(), *(first.value(array) for array in model.stored)])
    code += "part(" if model.views else ""
    states = [f'Float[{array}, "{field.axes}"]' for field in model.layer_states]
    return _template(template).render(
        m=model,
        flats=flats,
        helpers=[source.strip("\n") for name, source in spelling.helpers.items() if f"{name}(" in code],
        hint=lambda field: f'Float[{array}, "{field.axes}"]',
        names=_names,
        join=lambda many, parts, prefix: _join(many, [part.format(prefix) if prefix else part for part in parts]),
        first=first,
        state_hint=states[0] if len(states) == 1 else f"tuple[{', '.join(states)}]",
        state_text=model.states[0].name if len(states) == 1 else f"({_names(model.states)})",
    )


@functools.cache
def _template(path: Path) -> jinja2.Template:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["escaped"] = _escaped
    environment.filters["typed"] = lambda name, kind: f"{name}: {kind}"
    return environment.from_string(path.read_text(encoding="utf-8"))


def _names(fields: Iterable[Field], pattern: str = "%s", trailing: bool = False) -> str:
    text_ = ", ".join(pattern % field.name for field in fields)
    return f"{text_}, " if trailing and text_ else text_


def _join(many: str, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else many % ", ".join(parts)


def documented(model: Context, body: str, backend: str) -> str:
    """The body under its docstring: the cell, its equations, shapes and first values."""
    prose = "\n".join(line.rstrip() for line in model.system.doc.strip().split("\n"))
    equations = "\n".join(f"    {line}" for line in _equations(model))
    first_values = f"First values: {', '.join(_starts(model))}.\n\n" if model.declared else ""
    docstring = (
        f"{model.system.name} in {backend}.\n\n{prose}\n\nEquations:\n\n{equations}\n\n"
        f"Shapes: {', '.join(_shapes(model))}.\n\n{first_values}"
        "In the comments below, dL/df is the adjoint of f, upL(h.next) the cotangent of h.next that comes from the\n"
        "step after it, and upL(output) that of what is emitted; dM and upM are those of the backward pass itself.\n"
    )
    return "\n".join([f'"""{_escaped(docstring)}"""', "", body])


def spec_digest(model: Context) -> str:
    """The digest of what is declared: it is the same for all backends."""
    return digest("\n".join([model.system.doc, *_equations(model), *_shapes(model), *_starts(model)]))


def _equations(model: Context) -> list[str]:
    return [f"{equation.name} = {text(equation.expr)}" for equation in order(model.system)]


def _shapes(model: Context) -> list[str]:
    return [f"{name} ({', '.join(str(size) for size in shape)})" for name, shape in model.spec.of.items()]


def _starts(model: Context) -> list[str]:
    return [f"{name} {start}" for name, start in model.declared.items()]


def _escaped(docstring: str) -> str:
    """Text that cannot end a docstring, start an escape in one, or break a line where it has no line break."""
    text_ = docstring.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    plain = (c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in text_)
    return "".join(plain)


def formatted(sources: Mapping[str, str]) -> dict[str, str]:
    """Relative path → Python source, as ruff formats it; one run for all files, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="lstmspec-") as place:
        paths = {name: Path(place, name) for name in sources}
        for name, path in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sources[name].encode())
        command = [
            find_ruff_bin(),
            "format",
            "--isolated",
            "--quiet",
            "--no-cache",
            f"--line-length={LINE_LENGTH}",
            place,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"internal error: generated text does not parse: {done.stdout}{done.stderr}")
        return {name: path.read_bytes().decode() for name, path in paths.items()}
