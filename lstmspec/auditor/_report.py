"""The report of an audit: a value, the findings in it, and its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..checker import check, shown
from ..convert import Layout
from ..diagnostics import Code, Diagnostic
from ..language import System
from ..nodes import brief
from ._edits import Edit, Kind
from ._parts_and_slots import Shape

EVERYWHERE = (Kind.NO_BIASES, Kind.MORE_BIASES)


@dataclass(frozen=True)
class Audit:
    """The result of an audit. `print` shows it; `report.agrees` is the verdict.

    Attributes:
        system: The cell.
        code: The name of the code.
        sizes: The sizes of the dimension symbols at which both were run.
        call: How the code is called, in words; empty when it could not be.
        places: For each parameter where it lies in the code's arrays, in words.
        layout: The same as something that converts weights, `layout.to_spec(arrays)`; None where none can say it.
        errors: The largest difference of each result at random points, in float64, relative to its largest value or 1.
        gradients: The same of the gradients of each parameter, input and state; None where the code has none.
        edits: The difference of the code: one edit, after one of all biases where there is that too.
        unused: Slots of the code's arrays that nothing depends on.
        findings: Its faults, as diagnostics.

    """

    system: System
    code: str
    sizes: Mapping[str, int] = field(default_factory=dict)
    call: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    layout: Layout | None = None
    errors: Mapping[str, float] = field(default_factory=dict)
    gradients: Mapping[str, float] | None = None
    edits: tuple[Edit, ...] = ()
    unused: tuple[str, ...] = ()
    findings: tuple[Diagnostic, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the code computes the cell's equations and their gradients."""
        return not self.findings

    @property
    def equation(self) -> str:
        """The equation that differs; empty where none does, or none is known."""
        return next((finding.equation for finding in self.findings), "")

    @property
    def summary(self) -> str:
        """Verdict, call, places and differences, as text."""
        edited = " edited so" if self.edits else ""
        lines = [f"{self.code} computes the equations of {self.system.name}{edited}"]
        lines += [f"  called as {self.call}; {', '.join(f'{dim} = {size}' for dim, size in self.sizes.items())}"]
        width = max(map(len, self.places), default=0)
        lines += [f"  {name.ljust(width)}  {place}" for name, place in self.places.items()]
        lines += [f"  nothing depends on {', '.join(self.unused)}"] if self.unused else []
        results = f"results agree within {max(self.errors.values()):.0e}"
        if self.gradients is None:
            slopes = "gradients were not compared: it is no PyTorch module"
        else:
            slopes = f"gradients within {max(self.gradients.values()):.0e}"
        return "\n".join([*lines, f"  {results}, {slopes}, at random points in float64"])

    def __str__(self) -> str:
        return "\n\n".join([*(str(finding) for finding in self.findings), *([self.summary] if self.errors else [])])


def differing(report: Audit) -> Audit:
    """The finding for a difference that one edit explains."""
    system, edit = report.system, report.edits[-1]
    equation = system.equations[edit.equation]
    message = f"`{report.code}` does not compute equation `{edit.equation}`: {edit.kind.value}"
    notes = [f"the equation: {edit.equation} = {brief(equation.expr)}", f"the code:     {edit.line}"]
    notes += [f"besides, {other.kind.value} in the code" for other in report.edits[:-1]]
    notes += [f"with this edit all results agree within {max(report.errors.values()):.0e}"]
    # A name stands where it is declared; and an edit of all layers stands nowhere.
    site = equation.site if edit.kind in EVERYWHERE or edit.before.op == "ref" else edit.before.site
    help_ = "mend the code; or, where it is what you want, let a variant of the cell say so"
    finding = Diagnostic(
        Code.LS401, message, site or equation.site, system.name, edit.equation, notes=tuple(notes), help=help_
    )
    return replace(report, findings=(finding, *report.findings))


def wrong_gradient(report: Audit, names: Sequence[str], failure: str) -> Audit:
    """The finding for values that agree and gradients that do not, or that could not be had."""
    errors = report.gradients or {}
    message = f"`{report.code}` has another gradient than its values have, of {', '.join(f'`{n}`' for n in names)}"
    notes = tuple(f"<dL/d{name}, v> differs by {errors[name]:.1e} from a complex step" for name in names)
    notes = (f"its gradients cannot be had: {failure}",) if failure else notes
    help_ = "look for detach(), no_grad(), data of tensors, or a backward() of its own"
    finding = Diagnostic(Code.LS403, message, report.system.site, report.system.name, notes=notes, help=help_)
    return replace(report, findings=(*report.findings, finding))


def not_carried(report: Audit, taken: Sequence[str] = (), returned: Sequence[str] = ()) -> Audit:
    """The finding for states that a next call cannot go on from, or that are not looked at."""
    if returned:
        message = (
            f"`{report.code}` takes its states as ({', '.join(taken)}) and returns them as ({', '.join(returned)})"
        )
        help_ = "return them in the order in which they are taken, so that a call can go on from another"
    else:
        message = f"`{report.code}` does not start from the states that it is given"
        help_ = "use them; or take none, where every call is meant to start from zeros"
    finding = Diagnostic(Code.LS405, message, report.system.site, report.system.name, help=help_)
    return replace(report, findings=(*report.findings, finding))


def unexplained(system: System, name: str, sizes: Mapping[str, int], words: Sequence[str]) -> Audit:
    """The finding for code that differs in more than one place."""
    message = f"`{name}` does not compute {system.name}, and no single edit of an equation makes both agree"
    notes = [f"it can be called as {word}" for word in words[:3]]
    help_ = (
        "say which variant it is meant to be: declare its equations as a cell and audit that one; "
        "parameters={…} says where weights lie"
    )
    finding = Diagnostic(Code.LS402, message, system.site, system.name, notes=tuple(notes), help=help_)
    return Audit(system, name, sizes, findings=(finding,))


def impossible(system: System, name: str, why: str, shapes: Mapping[str, Shape] | None = None) -> Audit:
    """The finding for what cannot be compared at all."""
    of = check(system).require().of
    notes = [f"it has {', '.join(f'{key} {value}' for key, value in (shapes or {}).items()) or 'no arrays'}"]
    notes += [f"{system.name} has {', '.join(f'{key} {shown(of[key])}' for key in system.parameters)}"]
    help_ = "give sizes={…}, and parameters={…} where an array is stored in a way of its own"
    finding = Diagnostic(
        Code.LS404,
        f"`{name}` cannot be audited against {system.name}: {why}",
        system.site,
        system.name,
        notes=tuple(notes) if shapes is not None else (),
        help=help_ if shapes is not None else "give an nn.Module, or a function with arrays={name: array}",
    )
    return Audit(system, name, findings=(finding,))


def uncallable(
    system: System, name: str, sizes: Mapping[str, int], shapes: Mapping[str, Shape], refusals: Mapping[str, str]
) -> Audit:
    """The finding for code that takes none of the forms of a call."""
    notes = [f"{form}: {error}" for form, error in list(refusals.items())[:4]]
    finding = Diagnostic(
        Code.LS404,
        f"`{name}` cannot be audited against {system.name}: it can be called in none of the usual forms",
        system.site,
        system.name,
        notes=tuple(notes),
        help="wrap it in a function of (arrays, inputs, states) that returns the output and the new states",
    )
    return Audit(system, name, sizes, findings=(finding,))
