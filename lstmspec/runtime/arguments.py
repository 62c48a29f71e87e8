"""Arguments as users give them: sizes, constants, records, parameters by name; refused with what is expected."""

import functools
import inspect
import math
import operator
import types
from collections.abc import Mapping, Sequence
from typing import Any

from .messages import ShapeError, array_words, kind_of, kind_words, named, problem_with, type_words
from .sizes import voted


def bound(owner: str, signature: inspect.Signature, given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name, defaults filled in. Raises TypeError with the name of what is called."""
    try:
        found = signature.bind(*given, **named)
    except TypeError as error:
        raise TypeError(f"{owner}: {error}; it is called so: {owner}{signature}") from None
    found.apply_defaults()
    return dict(found.arguments)


def signature_of(arguments: Sequence[str], defaults: Mapping[str, Any] | None = None) -> inspect.Signature:
    """Arguments by position or by name, those with defaults last."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind) for name in arguments]
    parameters += [inspect.Parameter(name, kind, default=value) for name, value in (defaults or {}).items()]
    return inspect.Signature(parameters)


def by_name(signature: inspect.Signature) -> inspect.Signature:
    """The same arguments, each of which has to be named."""
    parameters = (p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values())
    return signature.replace(parameters=list(parameters))


def signed(function: Any, first: Sequence[str], signature: inspect.Signature) -> Any:
    """A copy of a method that takes what it is given, with the arguments that help() shows of it."""
    copy = types.FunctionType(function.__code__, function.__globals__, function.__name__, None, function.__closure__)
    functools.update_wrapper(copy, function)
    copy.__kwdefaults__ = function.__kwdefaults__
    parameters = [*signature_of(first).parameters.values(), *signature.parameters.values()]
    copy.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    del copy.__wrapped__  # type: ignore[attr-defined]  # it is no other function that is called
    return copy


def sizes_given(owner: str, sizes: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes as users give them to a constructor, as integers. Raises ValueError for what is no positive integer."""
    found: dict[str, Any] = {}
    for name, size in sizes.items():
        found[name] = size
        if type(size).__name__ != "SymInt":  # symbolic sizes stay symbolic
            try:
                found[name] = operator.index(size)
            except TypeError:
                found[name] = 0
            if found[name] < 1 or isinstance(size, bool):
                raise ValueError(f"{owner}: {name} = {size!r} is no size; expected a positive integer")
    return found


def numbers_given(owner: str, numbers: Mapping[str, Any]) -> dict[str, float]:
    """Constants as users give them. Raises ValueError for what is no finite number, or is to be learned."""
    found: dict[str, float] = {}
    for name, number in numbers.items():
        is_learned = getattr(number, "requires_grad", False)  # no gradient would reach it
        try:
            found[name] = math.nan if is_learned or isinstance(number, bool | str) else float(number)
        except (TypeError, ValueError, OverflowError):
            found[name] = math.nan
        if not math.isfinite(found[name]):
            raise ValueError(f"{owner}: {name} = {number!r} is no constant; expected a finite number")
    return found


def is_a(owner: str, argument: str, value: Any, kind: type) -> None:
    """Raise ShapeError when an argument is no instance of a class."""
    if not isinstance(value, kind):
        what = f"a {named(kind)}" if kind.__module__.startswith("numpy") else f"this module's {kind.__name__}"
        raise ShapeError(f"{owner}: argument `{argument}` is {type_words(value)}; expected {what}")


def sizes_in_spec(
    owner: str, spec: Any, shapes: Mapping[str, str], kind: type, given: Mapping[str, int]
) -> dict[str, int]:
    """Check parameters given under the names of the equations; the sizes that they show, or that are given.

    Raises:
        ShapeError: a name is missing or unknown, or an array has a shape or a dtype that the others contradict.

    """
    if missing := [name for name in shapes if name not in spec]:
        raise ShapeError(f"{owner}: parameters {missing} are missing; expected {list(shapes)}")
    if unknown := [name for name in spec if name not in shapes]:
        raise ShapeError(f"{owner}: {unknown} are no parameters of this cell; expected {list(shapes)}")
    for name, axes in shapes.items():
        if not isinstance(spec[name], kind):
            raise ShapeError(f"{owner}: `{name}` is {type_words(spec[name])}; expected {array_words(kind, axes)}")
    known, origin = voted([(name, axes.split(), tuple(spec[name].shape)) for name, axes in shapes.items()], given)
    first = next(iter(shapes), "")
    for name, axes in shapes.items():
        if problem := problem_with(spec[name], axes, known, origin, name, all_known=True):
            raise ShapeError(f"{owner}: `{name}` {problem}")
        if kind_of(spec[name]) != kind_of(spec[first]):
            raise ShapeError(
                f"{owner}: `{name}` is {kind_words(spec[name])}; expected {kind_words(spec[first])}, as `{first}` is"
            )
    return known
