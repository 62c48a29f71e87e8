"""`Cell`: the class that users derive from. Its body is a specification, and the class gives answers about it."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import sympy

from .checker import Shapes, check
from .diagnostics import Code, Diagnostic, SpecError, here, refused, said, unknown_name
from .grad import Jacobian, adjoint, jacobian, name_concats, name_preactivations, name_repeated
from .language import Equation, Namespace, System
from .nodes import Name, Node, text
from .sizes import Shape
from .symbolic import sympy_equation


@dataclass(frozen=True)
class BoundEquation:
    """An equation of a system with its shape. `print` shows it as it was written."""

    equation: Equation
    system: System

    @property
    def name(self) -> Name:
        """The name on the left."""
        return self.equation.name

    @property
    def expr(self) -> Node:
        """The right side, with dense layers written out."""
        return self.equation.expr

    @property
    def shape(self) -> Shape:
        """The shape of both sides. Raises SpecError when the system is ill-shaped."""
        return check(self.system).require().of[self.name]

    @property
    def sympy(self) -> sympy.Eq:
        """The equation as an unevaluated SymPy Eq. Raises SpecError when the system is ill-shaped."""
        return sympy_equation(self.equation, check(self.system).require().of)

    def __str__(self) -> str:
        return f"{self.name} = {text(self.expr)}"

    __repr__ = __str__


@dataclass(frozen=True)
class Derivative:
    """The adjoint of a step: one equation for each adjoint, `dL/df`, in the order of evaluation.

    `upL(h.next)` is the cotangent of `h.next` that comes from outside: from the loss, or from the step that follows.
    """

    system: System
    primal: System
    letter: str = "L"

    @property
    def equations(self) -> Mapping[str, BoundEquation]:
        """Name → equation."""
        return {name: BoundEquation(equation, self.system) for name, equation in self.system.equations.items()}

    @property
    def shapes(self) -> Shapes:
        """The checker's table; each adjoint has the shape of its primal."""
        return check(self.system)

    @property
    def adjoint(self) -> Derivative:
        """The adjoint of the adjoint: second derivatives. `dM/d(dL/df)` is the cotangent of `dL/df`."""
        letter = chr(ord(self.letter) + 1)
        seeds = {name.upstream(letter): name for name in self._results()}
        return Derivative(adjoint(self.system, seeds, tuple(self.system.symbols), letter), self.system, letter)

    def _results(self) -> tuple[Name, ...]:
        symbols = (name.adjoint(self.letter) for name in self.primal.symbols)
        return tuple(name for name in symbols if name in self.system.equations)

    def __str__(self) -> str:
        return "\n".join(str(equation) for equation in self.equations.values())


class CellMeta(type):
    """What a cell class is made by: it turns the class body into a system of equations."""

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **options: Any) -> Namespace:
        """The mapping that the class body runs in, with the declarations of the base cell.

        Raises:
            SpecError: LS208 for two bases, or for options of the class statement.

        """
        if options:
            message = f"`{name}` has the option {next(iter(options))}=; a cell's class statement has none"
            raise refused(Code.LS208, message, help=f"class {name}(Cell): …")
        systems = [base.system for base in bases if isinstance(base, CellMeta) and base.is_spec]
        if len(systems) > 1:
            message = f"a cell is a variant of one cell, not of {' and '.join(system.name for system in systems)}"
            raise SpecError([Diagnostic(Code.LS208, message, here(), name)])
        lineage = next((base._body.lineage for base in bases if isinstance(base, CellMeta) and base.is_spec), ())
        return Namespace(name, systems[0] if systems else None, lineage)

    def __new__(cls, name: str, bases: tuple[type, ...], body: Namespace, /) -> CellMeta:
        """The finished class. Raises SpecError with every finding about its declarations."""
        if bases and not isinstance(body, Namespace):
            raise refused(Code.LS208, "a cell is declared by a class statement", help="class Mine(Cell): …")
        try:
            made = super().__new__(cls, name, bases, dict(body))
        except TypeError as error:  # Python's rules for several bases
            raise refused(
                Code.LS208, f"`{name}` cannot be made: {said(error)}", help=f"class {name}(Cell): …"
            ) from error
        if bases:
            type.__setattr__(made, "_body", body)
            type.__setattr__(made, "_system", body.finish(inspect.cleandoc(body.get("__doc__") or "")))
        return made

    _body: Namespace

    def __getattr__(cls, name: str) -> Any:
        """Refuse a name that the cell does not have, with the one that may be meant."""
        if name.startswith("_") or not cls.is_spec:
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        near = difflib.get_close_matches(name, [*cls.system.symbols, *cls.system.equations], 1)
        raise unknown_name(cls.__name__, name, near)

    @property
    def is_spec(cls) -> bool:
        """Whether the class declares a cell; `Cell` itself does not."""
        return "_system" in cls.__dict__

    def __setattr__(cls, name: str, value: object) -> None:
        message = f"cell `{cls.__name__}` is finished: `{name}` cannot be set any more"
        help_ = f"write a variant: class Mine({cls.__name__}): …"
        raise SpecError([Diagnostic(Code.LS209, message, here(), cls.__name__, name, help=help_)])

    def __delattr__(cls, name: str) -> None:
        message = f"cell `{cls.__name__}` is finished: `{name}` cannot be deleted"
        raise SpecError([Diagnostic(Code.LS209, message, here(), cls.__name__, name)])

    def __call__(cls, *args: object, **kwargs: object) -> Any:
        """Refuse: a cell is a specification; its models are generated."""
        message = f"`{cls.__name__}` is a specification, not a model"
        help_ = f"generate the model: lstmspec generate FILE:{cls.__name__}"
        raise SpecError([Diagnostic(Code.LS208, message, here(), cls.__name__, help=help_)])

    @property
    def system(cls) -> System:
        """The cell as data: symbols and equations."""
        if not cls.is_spec:
            message = f"`{cls.__name__}` itself declares no cell"
            raise refused(Code.LS208, message, help=f"derive from it: class Mine({cls.__name__}): …")
        system: System = cls.__dict__["_system"]
        return system

    @property
    def equations(cls) -> Mapping[str, BoundEquation]:
        """Name → equation, in the order declared: `LSTM.equations["f"].sympy`."""
        return {name: BoundEquation(equation, cls.system) for name, equation in cls.system.equations.items()}

    @property
    def shapes(cls) -> Shapes:
        """The checker's table: name → shape → reason, or diagnostics."""
        return check(cls.system)

    @property
    def adjoint(cls) -> Derivative:
        """The adjoint of one step, equation by equation.

        Raises:
            SpecError: the cell is ill-shaped.

        """
        primal = name_concats(name_preactivations(name_repeated(cls.system)))
        outputs = [state.next for state in primal.states]
        if primal.own_output:
            outputs.append(primal.output)
        wanted = [*primal.inputs, *primal.states, *primal.parameters]
        return Derivative(adjoint(primal, {name.upstream(): name for name in outputs}, wanted), primal)

    def jacobian(cls, target: str, source: str) -> Jacobian:
        """How one step carries a state on: `LSTM.jacobian("c.next", "c")` is diag(f) plus the path through h.

        Raises:
            SpecError: a name is unknown, the cell is ill-shaped, or something on the way is no vector.

        """
        return jacobian(cls.system, Name(target), Name(source))


class Cell(metaclass=CellMeta):
    """A recurrent cell: derive from it and declare inputs, states and equations in the class body.

    Raises:
        SpecError: the declarations are wrong; the message has every finding with its place.

    """


def cells_of(module: ModuleType) -> list[CellMeta]:
    """The cells that a module declares itself, in order."""
    values = vars(module).values()
    own = (value for value in values if isinstance(value, CellMeta) and value.__module__ == module.__name__)
    return list(dict.fromkeys(cell for cell in own if cell.is_spec))
