"""Refusals while a cell's body runs: raised at once, with the cell's name and what was found in it before."""

from __future__ import annotations

import difflib
import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from ._codes import Code
from ._diagnostic import Diagnostic, SpecError
from ._site import here

P = ParamSpec("P")
R = TypeVar("R")


def refused(code: Code, message: str, help: str = "") -> SpecError:  # noqa: A002  it is the diagnostic's field
    """The error to raise for something that cannot be taken as part of a cell."""
    body = _running_body()
    cell = body.cell if body is not None else ""
    return SpecError([*found_before(), Diagnostic(code, message, here(), cell, help=help)])


class WrongTypeError(SpecError, TypeError):
    """A SpecError for something of another type than is taken."""


def wrong_type(message: str, help_: str) -> WrongTypeError:
    """The error for something of another type than is taken: LS208."""
    return WrongTypeError(refused(Code.LS208, message, help_).diagnostics)


class UnknownNameError(SpecError, AttributeError):
    """A SpecError that `hasattr` understands."""


def unknown_name(owner: str, name: str, near: Sequence[str]) -> UnknownNameError:
    """The error for an attribute that a cell does not have."""
    help_ = f"did you mean `{owner}.{near[0]}`?" if near else ""
    return UnknownNameError(refused(Code.LS207, f"`{owner}` has no `{name}`", help_).diagnostics)


def unknown_attribute(message: str, name: str, known: Sequence[str], help_: str) -> UnknownNameError:
    """The error for an attribute that a value of a cell does not have, with the one that may be meant."""
    near = difflib.get_close_matches(name, [other for other in known if other != name], 1)
    return UnknownNameError(
        refused(Code.LS207, message, f"did you mean `.{near[0]}`? {help_}" if near else help_).diagnostics
    )


def found_before() -> list[Diagnostic]:
    """What was found so far in the class body that is being run."""
    body = _running_body()
    return list(body.findings) if body is not None else []


def fitting(function: Callable[P, R]) -> Callable[P, R]:
    """The function, with a call that does not fit its signature refused as a finding: LS214."""
    # The wrapper stands in the frame of the caller, so that a TypeError from inside keeps its own traceback.
    name = function.__qualname__.removesuffix(".__init__")

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            # Raised by the call itself, not by something in the function.
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                raise refused(Code.LS214, *unfitting(name, function, args, kwargs)) from None
            raise

    return wrapper


def unfitting(
    name: str, function: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]
) -> tuple[str, str]:
    """What to say of a call that does not fit a signature, and its help: for LS214."""
    parameters = inspect.signature(function).parameters.values()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    shown = inspect.Signature([p.replace(annotation=p.empty) for p in parameters if p.name != "self"])
    usage = f"it is called so: {name}{shown}"
    if unknown := [key for key in kwargs if key not in named]:
        near = difflib.get_close_matches(unknown[0], named, 1)
        return f"{name} has no option `{unknown[0]}`", f"did you mean `{near[0]}`? {usage}" if near else usage
    count = sum(1 for _ in args) - ("self" in named)
    wanted = sum(p.kind in positional and p.default is p.empty and p.name != "self" for p in parameters)
    return f"{name} takes {wanted} operand{'' if wanted == 1 else 's'}, got {count}", usage


def _running_body() -> Any:
    """The namespace of the class body that is being run, if one is: the locals of its frame."""
    frame = sys._getframe(1)
    while frame is not None:
        if hasattr(frame.f_locals, "findings") and hasattr(frame.f_locals, "cell"):
            return frame.f_locals
        frame = frame.f_back  # type: ignore[assignment]
    return None
