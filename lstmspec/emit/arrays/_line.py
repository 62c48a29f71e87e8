"""Lines of code that know which arrays they make, so that whoever asks for shapes need not read the code."""

from __future__ import annotations

from dataclasses import dataclass

from ...procedure import Buffer, Expr

INDENT = "    "
Pieces = tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Value:
    """An array in code.

    Attributes:
        code: How it is read.
        declared: The axes and the shape that the procedure says it has.
        pieces: What was printed to compute it: code and the expression that it is of, operands before what is made of
            them.

    """

    code: str
    declared: Buffer
    pieces: Pieces = ()


@dataclass(frozen=True)
class Line:
    """A line.

    Attributes:
        code: Its text, without indentation.
        depth: How deep it is indented.
        needs: Arrays that it passes on as they are, which exist before it.
        makes: Variables that exist after it.
        stores: Entries of buffers that it writes.
        carries: The variables that the loop which it opens carries from step to step.

    """

    code: str
    depth: int = 0
    needs: tuple[Value, ...] = ()
    makes: tuple[Value, ...] = ()
    stores: tuple[Value, ...] = ()
    carries: tuple[Value, ...] = ()

    @property
    def text(self) -> str:
        """The code, indented."""
        return INDENT * self.depth + self.code
