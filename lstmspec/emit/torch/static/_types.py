"""Shapes, records and signatures in Pyrefly's words.

A record is a generic class over the symbols in its fields, a function is one over all symbols: `_Shaped[Tensor, "[4*k,
n]"]` is Pyrefly's Tensor[[4*k, n]]. No name here can be one of a cell's, which start with a letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....procedure import Buffer, Lead, Procedure, Record
from ....sizes import Shape
from ...arrays import INDENT

LEADS = {Lead.NONE: (), Lead.BATCH: ("batch",), Lead.STEPS: ("time", "batch"), Lead.HISTORY: ("time+1", "batch")}
TENSOR, LIKE = "torch.Tensor", "_Like"


def hint(lead: Lead, shape: Shape, kind: str = TENSOR) -> str:
    """An array's type."""
    return f'_Shaped[{kind}, "[{", ".join([*LEADS[lead], *map(str, shape)])}]"]'


class Signature:
    """The types of a procedure's arguments and results.

    Args:
        procedure: The procedure.
        dims: The dimension symbols, in declared order.

    Attributes:
        like: The argument, or the field of one, of whose kind new arrays are.

    """

    def __init__(self, procedure: Procedure, dims: Sequence[str]) -> None:
        self.procedure = procedure
        self.dims = tuple(dims)
        self.like = procedure.sequence

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols of the function."""
        return (*self.dims, "time", "batch")

    def field(self, record: Record, buffer: Buffer) -> str:
        """A field's type."""
        return hint(buffer.lead, buffer.shape, LIKE if self._is_like(record, buffer) else TENSOR)

    def _is_like(self, record: Record, buffer: Buffer) -> bool:
        holders = (one.name for one in self._given if self.like in one.fields)
        return record.name in holders and buffer.name == self.like.name

    def record(self, record: Record) -> str:
        """A record's type in the function."""
        return f'_Shaped[_{record.name}, "{", ".join(self._symbols_of(record))}"]'

    def _symbols_of(self, record: Record) -> list[str]:
        atoms = {atom for buffer in record.fields for size in buffer.shape for atom in size.atoms}
        most = max((buffer.lead for buffer in record.fields), default=Lead.NONE)
        atoms |= set(("time", "batch")[2 - min(most, 2) :])
        return [symbol for symbol in self.symbols if symbol in atoms] or ["batch"]  # without one it reads no shapes

    def of(self, what: Record | Buffer, kind: str = TENSOR) -> str:
        """The type of an argument or a result."""
        return self.record(what) if isinstance(what, Record) else hint(what.lead, what.shape, kind)

    def classes(self) -> Iterator[str]:
        """The classes of the records, line by line."""
        for record in {record.name: record for record in (*self._given, *self._returned)}.values():
            yield f'@_shape_vars("{", ".join(self._symbols_of(record))}")'
            yield f"class _{record.name}(_NamedTuple):"
            fields = [f"{buffer.name}: {self.field(record, buffer)}" for buffer in record.fields]
            fields += [f"{name}: float" for name, _ in record.constants]
            yield from (f"{INDENT}{field}" for field in fields or ["pass"])

    @property
    def _given(self) -> list[Record]:
        return [one.type for one in self.procedure.arguments if isinstance(one.type, Record)]

    @property
    def _returned(self) -> list[Record]:
        return [one.type for one in self.procedure.results if isinstance(one.type, Record)]

    def head(self) -> Iterator[str]:
        """The lines in front of the statements: the function's signature, and how it makes records.

        Pyrefly does not solve 4*k = 4*m for the symbols of a class: the constructors are those for the function's own.
        """
        yield f'@_shape_vars("{", ".join(self.symbols)}")'
        results = ", ".join(self.of(result.type) for result in self.procedure.results)
        yield f"def _{self.procedure.name}({', '.join(self._arguments())}) -> tuple[{results}]:"
        for record in self._returned:
            fields = [self.field(record, buffer) for buffer in record.fields] + ["float"] * len(record.constants)
            made = f"_Callable[[{', '.join(fields)}], {self.record(record)}]"
            yield f"{INDENT}{record.name} = _cast({made}, _{record.name})"

    def _arguments(self) -> Iterator[str]:
        ints = ", ".join(["int"] * len(self.dims))
        yield f'sizes: _Shaped[tuple[{ints}], "[{", ".join(self.dims)}]"]' if self.dims else "sizes: tuple[()]"
        for argument in self.procedure.arguments:
            yield f"{argument.name}: {self.of(argument.type, LIKE if argument.type == self.like else TENSOR)}"
