"""Declarations as users write them in a class body: `x = Input(n)`, `h, c = State(k), State(k)`, `W = Weight(k, n)`.

A declaration is a node that has no name yet; the assignment in the class body gives it one (see `_namespace`).
"""

from __future__ import annotations

import difflib
from typing import Any

from ..diagnostics import Code, Site, SpecError, fitting, here, refused
from ..nodes import Name, Node, Operand, Reference, as_node, dimension
from ._initialisers import Given, Initial, initial, number
from ._system import Allowance, DeclaredShape, Role

_ASSIGNABLE = frozenset({*Node.__slots__, "allowed", "initial", "owner", "role", "shape", "number", "next"})


class Declaration(Node):
    """A symbol with its role and declared shape; usable in equations once it has a name."""

    __slots__ = ("allowed", "initial", "number", "owner", "role", "shape")
    ROLE: Role

    def __init__(
        self,
        shape: DeclaredShape | None,
        *,
        role: Role | None = None,
        number: float | None = None,
        initial: Initial = None,
        name: str = "",
        site: Site | None = None,
        allowed: tuple[Allowance, ...] = (),
    ) -> None:
        super().__init__("ref", (), (Name(name),), site)
        self.allowed = allowed
        self.owner: Any = None  # the namespace of the cell that it belongs to, once it has a name
        self.role = role or self.ROLE
        self.shape = shape
        self.number = number
        self.initial = initial

    @property
    def next(self) -> Node:
        """Only states have a new value. Raises SpecError."""
        raise self._stateless()

    @next.setter
    def next(self, value: Operand) -> None:
        raise self._stateless()

    @property
    def prev(self) -> Node:
        """Only states have an old value. Raises SpecError."""
        raise self._stateless()

    def _stateless(self) -> SpecError:
        message = f"`{self.name}` is declared as {self.role.value}; only a State has a previous and a next value"
        name = self.name or "x"
        help_ = f"the value of the step before is a state of its own: {name}p = State(…), {name}p.next = {name}"
        return refused(Code.LS207, message, help=help_)

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _ASSIGNABLE:
            near = "did you mean `.next`? " if difflib.get_close_matches(name, ["next"], 1, 0.5) else ""
            help_ = f"{near}a state's new value is `.next`; everything else is a name of the body"
            raise refused(Code.LS207, f"`{self.name}` has no `.{name}` to be set", help_)
        object.__setattr__(self, name, value)

    def named(self, name: str, owner: Any) -> Declaration:
        """The same declaration under its name."""
        made = Declaration(
            self.shape,
            role=self.role,
            number=self.number,
            initial=self.initial,
            name=name,
            site=self.site,
            allowed=self.allowed,
        )
        made.owner = owner
        return made


class Input(Declaration):
    """What the cell reads at each step: `Input(n)` a vector, `Input(())` a scalar. Several are allowed."""

    __slots__ = ()
    ROLE = Role.INPUT

    @fitting
    def __init__(self, *shape: object) -> None:
        given = _given(shape, "Input")
        super().__init__((None,) if given is None else given)


class State(Declaration):
    """What the cell carries from step to step: `State(k)`; `State(d, d)` a matrix, `State(())` a scalar.

    `c` is the previous value, `c.next` the new one; every state needs an equation `c.next = ...`.
    """

    __slots__ = ()
    ROLE = Role.STATE

    @fitting
    def __init__(self, *shape: object) -> None:
        super().__init__(_given(shape, "State"))

    def named(self, name: str, owner: Any) -> State:
        """The same state under its name; `owner` takes the equation of its new value."""
        state = State.__new__(State)
        Declaration.__init__(state, self.shape, role=self.role, name=name, site=self.site, allowed=self.allowed)
        state.owner = owner
        return state

    @property
    def next(self) -> Node:
        """The new value; assigning to it declares its equation."""
        if not self.name:
            raise _unnamed("State")
        return Reference(self.name.next, self.owner)

    @next.setter
    def next(self, value: Operand) -> None:
        if self.owner is None:
            raise _unnamed("State")
        self.owner.define(self.name.next, as_node(value), here())

    @property
    def prev(self) -> Node:
        """The previous value, as `c` is; where the new one could be meant, this says that it is not (LS303)."""
        if not self.name:
            raise _unnamed("State")
        return Node("previous", (Reference(self.name, self.owner),))


class Weight(Declaration):
    """A learned matrix `Weight(k, n + k)`, vector `Weight(k)` or scalar `Weight(())`; `Weight()` is inferred.

    `init` is what it starts from: a number, or an initialiser of `lstmspec.init`; of a matrix that acts on several
    vectors, `W @ concat(x, h)`, also a tuple with one for each. By default it is drawn uniformly from ±1/sqrt(k), k the
    size of the first state, as torch.nn.LSTM does.

    Raises:
        SpecError: LS205 for what is no shape; LS211 for what is no initialiser.

    """

    __slots__ = ()
    ROLE = Role.WEIGHT

    @fitting
    def __init__(self, *shape: object, init: Given | tuple[Given, ...] = None) -> None:
        super().__init__(_given(shape, "Weight"), initial=initial(init))


class Bias(Declaration):
    """A learned vector `Bias(k)` or scalar `Bias(())`; `Bias()` is inferred. `init` as for Weight."""

    __slots__ = ()
    ROLE = Role.BIAS

    @fitting
    def __init__(self, *shape: object, init: Given = None) -> None:
        super().__init__(_given(shape, "Bias"), initial=initial(init))


class Constant(Declaration):
    """A number that users can set when they construct the model: `beta = Constant(1.0)`. It has no gradient."""

    __slots__ = ()
    ROLE = Role.CONSTANT

    @fitting
    def __init__(self, value: float) -> None:
        super().__init__((), number=number(value, "value"))


class Output(Node):
    """`y = Output(expression)`: what the cell emits at each step, instead of the first state's new value."""

    __slots__ = ()

    @fitting
    def __init__(self, value: Operand) -> None:
        super().__init__("output", (as_node(value),))


def _given(sizes: tuple[object, ...], what: str) -> DeclaredShape | None:
    if not sizes:
        return None
    flat: tuple[object, ...] = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple) else sizes
    if len(flat) > 2:
        message = f"{what} with {len(flat)} dimensions; expected a scalar, a vector or a matrix"
        raise refused(Code.LS205, message)
    return tuple(None if size is None else dimension(size, what) for size in flat)


def _unnamed(what: str) -> SpecError:
    message = f"a {what} is used before it has a name"
    return refused(Code.LS207, message, help="assign it in the class body first: `c = State(k)`")
