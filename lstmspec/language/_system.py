"""A system of equations: what a cell is, what its adjoint is, and what every later stage reads and writes.

Invariant: every name that an equation refers to is a symbol or an equation of the same system, no name is both, and the
equations have an order. Symbols and equations keep the order in which they were declared.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import CodeType
from typing import Any, Protocol, TypeVar, cast

from ..diagnostics import Code, Diagnostic, Site, where, written, wrong_type
from ..nodes import Name, Node
from ..sizes import Size
from ._initialisers import Initial

T = TypeVar("T")


class Role(enum.Enum):
    """What a symbol is to the cell."""

    INPUT = "input"
    STATE = "state"
    WEIGHT = "weight"
    BIAS = "bias"
    CONSTANT = "constant"
    VALUE = "value"  # a value of the primal step, in an adjoint
    COTANGENT = "cotangent"  # what comes from outside into an adjoint

    @property
    def is_parameter(self) -> bool:
        """Whether it is learned: shared by all steps and all samples, with a gradient."""
        return self in (Role.WEIGHT, Role.BIAS)


DeclaredShape = tuple[Size | None, ...]


@dataclass(frozen=True, slots=True)
class Allowance:
    """A lint that is allowed where it stands, with the reason."""

    code: Code
    reason: str
    site: Site | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that no equation defines.

    `shape` has None where a dimension is to be inferred, and is None when nothing was said, not even the rank.
    `value` is a constant's number, `initial` what a parameter starts from; None means the default. `layer` is set for
    the parameters that a dense layer made, which stand nowhere in the source.
    """

    name: Name
    role: Role
    shape: DeclaredShape | None
    value: float | None = None
    site: Site | None = field(default=None, compare=False)
    allowed: tuple[Allowance, ...] = field(default=(), compare=False)
    layer: bool = field(default=False, compare=False)
    initial: Initial = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", Name(self.name))


@dataclass(frozen=True, slots=True)
class Equation:
    """`name = expr`.

    Attributes:
        name: The name on the left.
        expr: The right side.
        site: Where it stands.
        shape: The shape that was declared for it, if one was; None in it where a dimension is to be inferred.
        previous: States that it reads as `c.prev`: their old value, on purpose.
        allowed: Lints that are allowed in it.

    """

    name: Name
    expr: Node
    site: Site | None = field(default=None, compare=False)
    shape: DeclaredShape | None = field(default=None, compare=False)
    previous: tuple[str, ...] = field(default=(), compare=False)
    allowed: tuple[Allowance, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", Name(self.name))


@dataclass(frozen=True)
class System:
    """Symbols and equations, linked by name.

    Attributes:
        name: The cell's name.
        doc: Its docstring.
        symbols: What no equation defines, in declared order.
        equations: In declared order; the order of evaluation is `order(system)`.
        output: The equation that the cell emits.
        own_output: Whether that was declared by `Output`; otherwise it is the first state's new value.
        dims: Dimension symbols in the order in which sizes are written, where another system gives it.
        site: The class statement.
        body: The code of the class body; what stands elsewhere was inherited.

    """

    name: str
    doc: str
    symbols: Mapping[Name, Symbol]
    equations: Mapping[Name, Equation]
    output: Name = field(default_factory=lambda: Name(""))
    own_output: bool = False
    dims: tuple[str, ...] = ()
    site: Site | None = field(default=None, compare=False)
    body: CodeType | None = field(default=None, compare=False)
    _known: dict[object, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Names are names, whoever made the system."""
        object.__setattr__(self, "symbols", {symbol.name: symbol for symbol in self.symbols.values()})
        object.__setattr__(self, "equations", {equation.name: equation for equation in self.equations.values()})
        object.__setattr__(self, "output", Name(self.output))

    def having(self, *roles: Role) -> tuple[Name, ...]:
        """The names of the symbols with these roles, in declared order."""
        return tuple(symbol.name for symbol in self.symbols.values() if symbol.role in roles)

    @property
    def inputs(self) -> tuple[Name, ...]:
        """The inputs of a step."""
        return self.having(Role.INPUT)

    @property
    def states(self) -> tuple[Name, ...]:
        """The states; the new value of `c` is the equation `c.next`."""
        return self.having(Role.STATE)

    @property
    def parameters(self) -> tuple[Name, ...]:
        """Weights and biases."""
        return self.having(Role.WEIGHT, Role.BIAS)

    @property
    def equations_alone(self) -> System:
        """The same cell with nothing said of what parameters start from.

        That is told by what matrices act on; who rewrites equations, and wants their shapes alone, begins with this.
        """
        symbols = {name: replace(symbol, initial=None) for name, symbol in self.symbols.items()}
        return replace(self, symbols=symbols)


class HasSystem(Protocol):
    """A cell class."""

    @property
    def system(self) -> System:
        """The cell as data."""


def system_of(cell: System | HasSystem) -> System:
    """The cell as data, of a cell class or of such data itself. Raises SpecError, LS208, for anything else."""
    system = cell if isinstance(cell, System) else getattr(cell, "system", None)
    if not isinstance(system, System):
        help_ = "give the class that declares its equations: class Mine(Cell): …"
        raise wrong_type(f"{written(cell)} is no cell", help_)
    return system


def once(function: Callable[[System], T]) -> Callable[[System | HasSystem], T]:
    """A function of a system that is computed once: its result is kept with the system, and goes with it."""

    @functools.wraps(function)
    def known(cell: System | HasSystem) -> T:
        results = system_of(cell)._known
        if function not in results:
            results[function] = function(system_of(cell))
        return cast(T, results[function])

    return known


def placed(system: System, finding: Diagnostic) -> Diagnostic:
    """A finding about what was inherited, at the variant that brings it about; a note has the place."""
    named: Equation | Symbol | None = system.equations.get(Name(finding.equation))
    if named is None:  # about a symbol, whose declaration it points at
        named = next((symbol for symbol in system.symbols.values() if symbol.site is finding.site), None)
    if system.body is None or system.site is None or named is None or is_own(system, named.site):
        return finding
    notes = (f"the inherited `{named.name}` stands at {where(named.site)}", *finding.notes)
    return replace(finding, site=system.site, notes=notes)


def is_own(system: System, site: Site | None) -> bool:
    """Whether something stands in the cell's own body, not in that of the cell that it is a variant of."""
    return site is not None and system.body is not None and site.code is system.body
