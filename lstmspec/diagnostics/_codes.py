"""The closed list of codes. A code is stable: its number is never given to another finding.

LS1xx are shapes, LS2xx declarations and files: errors, which stop generation. LS3xx are lints: they fit the shapes, but
are seldom meant; each can be allowed where it stands, with a reason. LS4xx are about other people's code, LS5xx about
models that were generated.
"""

from __future__ import annotations

import enum


class Severity(enum.Enum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"


class Code(enum.Enum):
    """Each finding's code with its title."""

    LS101 = "operands of an elementwise operation do not agree"
    LS102 = "inner dimensions of a product do not agree"
    LS103 = "the equation's shape is not the declared one"
    LS104 = "a state and its next value do not agree"
    LS105 = "a dimension is not determined"
    LS106 = "an operand has the wrong rank"
    LS107 = "a slice is out of bounds"
    LS108 = "a dimension would not be a whole number"
    LS109 = "a dimension is forced to a value that it cannot have"
    LS110 = "operands agree only by accident"
    LS111 = "two equations force one size to two values"
    LS112 = "a condition where a number is needed, or a number where a condition is"

    LS201 = "a state has no next value"
    LS202 = "a name that cannot be used"
    LS203 = "two names collide"
    LS204 = "equations form a cycle"
    LS205 = "not a dimension"
    LS206 = "declared twice"
    LS207 = "an unknown name"
    LS208 = "not an expression of the language"
    LS209 = "a finished cell is immutable"
    LS210 = "a cell without a state"
    LS211 = "an initial value that cannot be used"
    LS212 = "code that cannot be generated"
    LS213 = "a specification that cannot be loaded"
    LS214 = "a wrong number of operands"

    LS301 = "a parameter without a gradient"
    LS302 = "an input or a state that no output depends on"
    LS303 = "a state's old value is read after its new one is used"
    LS304 = "weights of an interpolation do not sum to one"
    LS305 = "a dense layer feeds another with nothing between"
    LS306 = "a gate without bounds"
    LS307 = "a function may leave its domain"
    LS308 = "a name that nothing reads"
    LS309 = "a lint is allowed that does not fire"

    LS401 = "code does not compute an equation"
    LS402 = "code differs from the equations in several places"
    LS403 = "code has another gradient than its values have"
    LS404 = "code that cannot be audited"
    LS405 = "code does not carry its states on"

    LS501 = "a generated model does not compute its cell"
    LS502 = "a cell that cannot be verified"
    LS503 = "planted faults are not seen"

    @property
    def severity(self) -> Severity:
        """A lint is a warning; all else is an error."""
        return Severity.WARNING if self.is_lint else Severity.ERROR

    @property
    def is_lint(self) -> bool:
        """Whether it is about something that fits the shapes and can be allowed."""
        return self.name.startswith("LS3")
