"""A module as its template sees it: words for the docstring, records with annotations, signatures and bodies."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from ...procedure import Argument, Buffer, Lead, Model, Procedure, Record, Result
from .._python import escaped
from ._body import WIDTH, Body

LEADS = {Lead.NONE: "", Lead.BATCH: "batch", Lead.STEPS: "time batch", Lead.HISTORY: "time+1 batch"}
LEGEND = """\
In the comments below, dL/df is the adjoint of f, upL(h.next) the one that comes from the step after it, and seed(f)
the cotangent of f that the caller gives for every step. In the tangent pass, M is the scalar product of all gradients
with probe. dM/d(dL/df), the adjoint of dL/df, is also the change of f along probe; upM(dL/dh) comes from the step
before. dM/df is what goes back to f itself: the seed of f in a second adjoint pass, which ends the double backward
pass. As names, these are d_f, up_h_next, dd_d_f, upup_d_h and dd_f. What stands inside an equation is named after it:
a_f is what the function in f is applied to, f_term1 a term, f_divisor a divisor, f_part1 some other part, and
d_f_part1 a part of dL/df. Σ is the sum over all steps and samples."""


@dataclass(frozen=True)
class Page:
    """The words of a template."""

    model: Model
    title: str
    array: str
    bodies: tuple[Body, ...]

    @property
    def docstring(self) -> str:
        """The cell's own words, its equations and shapes, and how to read the labels."""
        model = self.model
        prose = "\n".join(line.rstrip() for line in model.doc.split("\n"))
        equations = "\n".join(_wrapped(line, "    ", "        ") for line in model.equations)
        shapes = ", ".join(f"{name} ({', '.join(map(str, shape))})" for name, shape in model.spec.of.items())
        starts = ", ".join(f"{name} {start}" for name, start in model.declared_starts.items())
        first = f"{_wrapped(f'First values: {starts}.')}\n\n" if starts else ""
        head = f"{model.name} in {self.title}.\n\n{prose}\n\nEquations:\n\n{equations}\n\n"
        return escaped(f"{head}{_wrapped(f'Shapes: {shapes}.')}\n\n{first}{LEGEND}\n")

    @property
    def doc(self) -> str:
        """The first line of the cell's docstring."""
        return escaped(self.model.doc.split("\n")[0])

    @property
    def records(self) -> tuple[Record, ...]:
        """The types of arguments and results."""
        model = self.model
        return (model.params, model.state, model.tape, model.seeds, model.adjoints)

    @property
    def record_names(self) -> str:
        """Their names, as arguments."""
        return ", ".join(record.name for record in self.records)

    @property
    def pass_names(self) -> str:
        """The names of the passes, as arguments."""
        return ", ".join(f"_{body.procedure.name}" for body in self.bodies)

    @property
    def helpers(self) -> tuple[str, ...]:
        """The functions of the runtime that the passes call, in alphabetical order."""
        return tuple(sorted({name for body in self.bodies for name in body.helpers}))

    def hint(self, buffer: Buffer) -> str:
        """The annotation of an array."""
        return f'Float[{self.array}, "{axes(buffer)}"]'

    def signature(self, procedure: Procedure) -> str:
        """The arguments and results of a pass."""
        given = ", ".join(f"{argument.name}: {self._type(argument)}" for argument in procedure.arguments)
        results = ", ".join(self._type(result) for result in procedure.results)
        return f"(sizes: tuple[int, ...], {given}) -> tuple[{results}]"

    def _type(self, what: Argument | Result) -> str:
        return what.type.name if isinstance(what.type, Record) else self.hint(what.type)


def _wrapped(line: str, margin: str = "", hanging: str = "    ") -> str:
    return textwrap.fill(
        line, WIDTH, initial_indent=margin, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )


def axes(buffer: Buffer) -> str:
    """The axes of an array in jaxtyping's words: `time batch 4*k`."""
    return " ".join(part for part in (LEADS[buffer.lead], *(str(size) for size in buffer.shape)) if part)
