"""The closed list of codes. A code is stable: its number is never given to another finding."""

from __future__ import annotations

import enum


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
