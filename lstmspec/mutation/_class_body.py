"""A system as the class of a user, so that mutants meet the class body too."""

from __future__ import annotations

from ..cell import Cell, CellMeta
from ..language import Bias, Constant, Declaration, Input, Output, Role, State, Symbol, System, Weight


def as_class(system: System) -> CellMeta:
    """The class with these declarations and equations. Raises SpecError where the class body does."""
    name = system.name.partition(" ")[0]
    body = CellMeta.__prepare__(name, (Cell,))
    for symbol in system.symbols.values():
        body[symbol.name] = _declaration(symbol)
    for equation in system.equations.values():
        state = equation.name.state
        if state in system.states:
            body[state].next = equation.expr
        else:
            is_output = system.own_output and equation.name == system.output
            body[equation.name] = Output(equation.expr) if is_output else equation.expr
    return CellMeta(name, (Cell,), body)


def _declaration(symbol: Symbol) -> Declaration:
    if symbol.role is Role.CONSTANT:
        return Constant(symbol.value or 0.0)
    shape: tuple[object, ...] = symbol.shape or ()
    if symbol.shape == ():
        shape = ((),)  # a scalar is declared by `Weight(())`, and `Weight()` says nothing
    makers = {Role.INPUT: Input, Role.STATE: State, Role.WEIGHT: Weight, Role.BIAS: Bias}
    return makers[symbol.role](*shape)
