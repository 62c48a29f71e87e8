"""Names of a system: what a name is the name of, and of which other name it is the new value, the adjoint, and so on.

A name is equal to its text, so that `system.equations["c.next"]` finds it; nothing but this file takes the text apart.
"""

from __future__ import annotations

import enum
import re

from ..diagnostics import Code, refused, written


class Kind(enum.Enum):
    """What a name is of its base."""

    PLAIN = "a name that a user gave"
    NEXT = "the new value of a state"  # c.next
    PREVIOUS = "the value of one step before"  # f.prev
    ADJOINT = "the adjoint"  # dL/df, of an adjoint again dM/d(dL/df)
    UPSTREAM = "the cotangent that comes from outside"  # upL(h.next)
    SEED = "a cotangent that is given for every step"  # seed(f)
    PROBE = "what its adjoint is multiplied with, where a gradient is differentiated again"  # probe(W_h)


_FORM = re.compile(
    r"d(?P<a>[A-Z])/d\((?P<of_a>.+)\)\Z|d(?P<b>[A-Z])/d(?P<of_b>.+)\Z|up(?P<c>[A-Z])\((?P<of_c>.+)\)\Z"
    r"|seed\((?P<seeded>.+)\)\Z|probe\((?P<probed>.+)\)\Z",
    re.DOTALL,
)
_known: dict[str, Name] = {}


class Name(str):
    """A name with its parts.

    Attributes:
        kind: What it is of its base.
        base: The name that it was made of; a plain name is its own.
        letter: Of an adjoint and of what comes from outside: of the scalar that is differentiated, L, M, …

    """

    __slots__ = ("base", "kind", "letter")
    kind: Kind
    base: Name
    letter: str

    def __new__(cls, text: str) -> Name:
        """The name that is written so."""
        if isinstance(text, Name):
            return text
        if not isinstance(text, str):
            raise refused(Code.LS207, f"{written(text)} is no name", help='a name is text, "f" or "c.next"')
        if (known := _known.get(text)) is not None:
            return known
        match = _FORM.match(text)
        if match is not None and (match["a"] or match["b"]):
            return _made(text, Kind.ADJOINT, match["of_a"] or match["of_b"], match["a"] or match["b"])
        if match is not None and match["seeded"]:
            return _made(text, Kind.SEED, match["seeded"])
        if match is not None and match["probed"]:
            return _made(text, Kind.PROBE, match["probed"])
        if match is not None:
            return _made(text, Kind.UPSTREAM, match["of_c"], match["c"])
        for kind, ending in _ENDINGS.items():
            if text.endswith(ending) and text != ending:
                return _made(text, kind, text.removesuffix(ending))
        return _made(text, Kind.PLAIN)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # what users keep in files can be read without this package

    def __deepcopy__(self, memo: object) -> Name:
        return self

    @property
    def next(self) -> Name:
        """The new value of a state of this name."""
        return Name(f"{self}.next")

    @property
    def previous(self) -> Name:
        """The value of one step before, of an equation of this name."""
        return Name(f"{self}.prev")

    @property
    def is_next(self) -> bool:
        """Whether it is a state's new value."""
        return self.kind is Kind.NEXT

    @property
    def state(self) -> Name:
        """The state whose new value it is; itself when it is none."""
        return self.base if self.is_next else self

    def adjoint(self, letter: str = "L") -> Name:
        """The adjoint: `dL/df`; of an adjoint again: `dM/d(dL/df)`."""
        inner = f"({self})" if self.kind in (Kind.ADJOINT, Kind.UPSTREAM, Kind.SEED, Kind.PROBE) else self
        return Name(f"d{letter}/d{inner}")

    def upstream(self, letter: str = "L") -> Name:
        """The cotangent that comes from outside: `upL(h.next)`."""
        return Name(f"up{letter}({self})")

    @property
    def seed(self) -> Name:
        """The cotangent that is given for every step: `seed(f)`."""
        return Name(f"seed({self})")

    @property
    def probe(self) -> Name:
        """What its adjoint is multiplied with, where a gradient is differentiated again: `probe(W_h)`."""
        return Name(f"probe({self})")


_ENDINGS = {Kind.NEXT: ".next", Kind.PREVIOUS: ".prev"}


def _made(text: str, kind: Kind, base: str = "", letter: str = "") -> Name:
    name = str.__new__(Name, text)
    name.kind, name.letter = kind, letter
    name.base = Name(base) if base else name
    _known[text] = name
    return name
