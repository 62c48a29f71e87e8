"""Names that a class body reads and nothing defines: what to say of them.

Python would stop at the first one; here each becomes a finding, and the rest of the body is still read.
"""

from __future__ import annotations

import builtins
import difflib
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

from ..nodes import Name, Node
from ._system import Role

CLOSE = 0.75  # likeness from which a name of Python's or of the package may be meant


def is_defined_outside(name: str, frame: FrameType) -> bool:
    """Whether a name means something to Python where a class body stands: Python itself looks there next."""
    return name in frame.f_globals or name in frame.f_code.co_freevars or hasattr(builtins, name)


def help_for(
    name: str, base: str, inherited: Mapping[Name, Role | None], body: Mapping[str, Any], frame: FrameType
) -> str:
    """The name that was meant, as far as one can tell. `inherited` has the roles of a base's names."""
    if inherited.get(Name(name)) is Role.STATE:
        again = f"to give it another new value, declare it again: {name} = State(…), {name}.next = …"
        return f"it is inherited; a variant reads it as `{base}.{name}`; {again}"
    if name in inherited:
        return f"it is inherited; a variant reads it as `{base}.{name}`"
    if near := difflib.get_close_matches(name, [own for own, value in body.items() if isinstance(value, Node)], 1):
        return f"did you mean `{near[0]}`?"
    outside = [own for own in frame.f_globals if not own.startswith("_")]
    if near := difflib.get_close_matches(name, outside, 1, CLOSE):
        return f"did you mean `{near[0]}`?"
    public = vars(sys.modules[__name__.partition(".")[0]])  # what users import from: the package itself
    functions = [own for own, value in public.items() if not own.startswith("_") and callable(value)]
    if name in functions:
        return f"import it: from lstmspec import {name}"
    if near := difflib.get_close_matches(name, functions, 1, CLOSE):
        return f"did you mean `{near[0]}`? from lstmspec import {near[0]}"
    if near := difflib.get_close_matches(name, inherited, 1):
        return f"did you mean `{base}.{near[0]}`?"
    return f'declare it above: an Input, State, Weight, … or an equation; a dimension is {name}, = dims("{name}")'
