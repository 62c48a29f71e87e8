"""The class body of a cell: every assignment declares a symbol or an equation.

Findings are collected and raised together when the body ends, so that one mistake does not hide the next.
"""

from __future__ import annotations

import dataclasses
import numbers
import sys
import types
from types import CodeType
from typing import Any

from ..diagnostics import Code, Diagnostic, Site, SpecError, here, where
from ..nodes import Name, Node, Reference, UnknownName, as_node, names_in, occurrences, real, subnodes
from ._declarations import Declaration, Output
from ._dense_layers import elaborate
from ._marks import unmarked
from ._name_rules import ill_named
from ._order import cycle_diagnostic, sort
from ._system import Equation, Role, Symbol, System
from ._unknown_names import help_for, is_defined_outside


class Namespace(dict[str, Any]):
    """The mapping that a class body runs in; `finish` turns it into a system."""

    def __init__(self, cell: str, base: System | None, lineage: tuple[Namespace, ...] = ()) -> None:
        super().__init__()
        self.cell = cell
        self.site = here()
        self.body: CodeType | None = None  # the code of the class body, known from its first assignment
        self.findings: list[Diagnostic] = []
        self.symbols: dict[Name, Symbol] = dict(base.symbols) if base else {}
        self.equations: dict[Name, Equation] = dict(base.equations) if base else {}
        self.output = base.output if base and base.own_output else Name("")
        self.own: dict[Name, Site | None] = {}  # what this body declares itself, and where
        self.made_in: dict[Name, Name] = {}  # parameter of a dense layer → the equation that it stands in
        self.unknown: dict[Name, Site | None] = {}  # names that were read before anything defined them
        self.base = base.name if base else ""
        self.lineage = (self, *lineage)  # the bodies whose names this one may read
        self.inherited: dict[Name, Role | None] = {name: symbol.role for name, symbol in self.symbols.items()}
        self.inherited |= dict.fromkeys(name for name in self.equations if not name.is_next)
        self.inherited_unread = self._unread()
        self.foreign: set[Name] = set()  # equations that read another cell's names; membership only
        self.finished = False

    def __missing__(self, key: str) -> Node:
        """What Python asks for a name that the body has not defined; KeyError sends it on to look outside."""
        name, frame = Name(key), sys._getframe(1)
        if self.finished or name.startswith("__") or is_defined_outside(name, frame):
            raise KeyError(name)
        if name not in self.unknown:
            self.unknown[name] = site = here()
            help_ = help_for(name, self.base, self.inherited, self, frame)
            self._report(Code.LS207, f"`{name}` is not defined", site, "", help_=help_)
        return UnknownName("ref", (), (Name(name),))

    def __setitem__(self, key: str, value: Any) -> None:
        name = Name(key)
        if self.body is None:  # Python itself assigns __module__ first
            self.body = sys._getframe(1).f_code
        dunder = name.startswith("__") and not isinstance(value, Node)
        if dunder or isinstance(value, types.FunctionType | property | classmethod | staticmethod):
            super().__setitem__(name, value)
        elif isinstance(value, Declaration) and not value.name:
            self._declare(name, value)
        elif isinstance(value, Output):
            if self.output in self.own:
                self._report(Code.LS206, f"`{name}` is a second output; `{self.output}` is one already", here(), name,
                             help_="emit one vector: Output(concat(a, b))")  # fmt: skip
            self.define(name, value.args[0], here())
            self.output = name
            super().__setitem__(name, Reference(name, self))
        elif isinstance(value, Node | numbers.Real) or real(value) is not None:
            self.define(name, as_node(value), here())
            super().__setitem__(name, Reference(name, self))
        else:
            self._report(
                Code.LS208,
                f"`{name}` is a {type(value).__name__}, which is not part of a cell",
                here(),
                name,
                help_="a cell's body has declarations, equations and functions",
            )
            super().__setitem__(name, UnknownName("ref", (), (Name(name),)))
            self.unknown[name] = None  # what reads it is its echo

    def _declare(self, name: Name, declaration: Declaration) -> None:
        site = here() or declaration.site
        if self._claim(name, site):
            self._drop_state(name)
            self.equations.pop(name, None)
            self.symbols[name] = Symbol(
                name,
                declaration.role,
                declaration.shape,
                declaration.number,
                declaration.site,
                declaration.allowed,
                initial=declaration.initial,
            )
        super().__setitem__(name, declaration.named(name, self))

    def _drop_state(self, name: Name) -> None:
        """Forget the new value that the base cell gives a state that is declared anew."""
        if name in self.symbols and self.symbols[name].role is Role.STATE:
            self.equations.pop(name.next, None)

    def define(self, name: Name, expr: Node, site: Site | None) -> None:
        """Take the equation `name = expr`."""
        if self.finished:
            message = f"cell `{self.cell}` is finished: `{name}` cannot be set any more"
            help_ = f"write a variant: class Mine({self.cell}): …"
            raise SpecError([Diagnostic(Code.LS209, message, site, self.cell, name, help=help_)])
        if not self._claim(name, site):
            return
        self._check_owners(name, expr, site)
        marks = unmarked(expr)
        expr, parameters = elaborate(name, marks.expr)
        # A layer that takes the name of one declared before is one fault, though it has two parameters.
        if taken := next((symbol for symbol in parameters if symbol.name in self.own), None):
            self._report(Code.LS206, f"parameter `{taken.name}` is declared twice", site, name,
                         (f"it has its first meaning at {where(self.own[taken.name])}",),
                         "give one of the layers another name: affine(…, name=…)")  # fmt: skip
        for symbol in parameters:
            self.own[symbol.name] = symbol.site
            self.symbols[symbol.name] = symbol
            self.made_in[symbol.name] = name
            super().__setitem__(symbol.name, Reference(symbol.name, self, symbol.site))
        if not name.is_next:
            self._drop_state(name)
            self.symbols.pop(name, None)
        self.equations[name] = Equation(name, expr, site, marks.shape, marks.previous, marks.allowed)

    def _check_owners(self, name: Name, expr: Node, site: Site | None) -> None:
        """Names of a cell that this one does not vary are not its own, though it may have some that are spelled so."""
        for node in occurrences(expr):
            owner: Any = node.owner if isinstance(node, Reference | Declaration) else None
            if owner is not None and not any(owner is known for known in self.lineage):
                inner = node.name
                help_ = f"declare it in the body, or derive from the cell that has it: class {self.cell}({owner.cell})"
                self._report(Code.LS207, f"`{owner.cell}.{inner}` is not part of this cell", site, name, help_=help_)
                self.foreign.add(name)
                return

    def _claim(self, name: Name, site: Site | None) -> bool:
        """Whether this body may still say what `name` is; it may once."""
        if name in self.own:
            state = name in self.symbols and self.symbols[name].role is Role.STATE
            self._report(
                Code.LS206,
                f"`{name}` is declared twice",
                site,
                name,
                (f"it has its first meaning at {where(self.own[name])}",),
                f"its new value is `{name}.next = …`" if state else "each name has one meaning in a cell; use another",
            )
            return False
        self.own[name] = site
        return True

    def finish(self, doc: str) -> System:
        """The system that the body declares.

        Raises:
            SpecError: with every finding.

        """
        self.finished = True
        self._remove_unused()
        states = [symbol for symbol in self.symbols.values() if symbol.role is Role.STATE]
        self.findings += ill_named(self.cell, self.site, self.symbols, self.equations)
        self._check_references()
        self._check_states(states)
        self._check_inherited_layers()
        _, cycle = sort(self.equations) if not self.findings else ((), ())
        if cycle:
            self.findings.append(cycle_diagnostic(self.cell, self.equations, cycle, self.body))
        if self.findings:
            raise SpecError(self.findings)
        own_output = self.output in self.equations  # a variant may have declared the name anew
        output = self.output if own_output else states[0].name.next
        return System(self.cell, doc, self.symbols, self.equations, output, own_output, (), self.site, self.body)

    def _remove_unused(self) -> None:
        """What only replaced equations read disappears with them; what this body declares stays."""
        kept = self.inherited_unread  # the base's own affair
        while unread := [name for name in self._unread() if name not in self.own and name not in kept]:
            for name in unread:
                del self.equations[name]
        used = {name for equation in self.equations.values() for name in names_in(equation.expr)}
        for name in [name for name, symbol in self.symbols.items() if symbol.role.is_parameter]:
            if name not in used and name not in self.own:
                del self.symbols[name]

    def _unread(self) -> list[Name]:
        """Equations that are neither read, nor emitted, nor a state's new value."""
        used = {name for equation in self.equations.values() for name in names_in(equation.expr)}
        return [name for name in self.equations if name not in used | {self.output} and not name.is_next]

    def _check_states(self, states: list[Symbol]) -> None:
        if not states:
            self._report(Code.LS210, "a recurrent cell needs a state", self.site, "",
                         help_="declare one, `h = State(k)`, and its new value, `h.next = …`")  # fmt: skip
        for state in states:
            if state.name.next not in self.equations:
                self._report(Code.LS201, f"state `{state.name}` has no next value", state.site, "",
                             help_=f"say how it goes on: `{state.name}.next = …`")  # fmt: skip

    def _check_inherited_layers(self) -> None:
        """A layer of this body must not take the parameters of an inherited equation that is still there."""
        for equation in self.equations.values():
            for name in names_in(equation.expr) if equation.name not in self.own else ():
                if name in self.made_in:
                    self._report(Code.LS206, f"parameter `{name}` is declared twice", self.own[name],
                                 self.made_in[name],
                                 (f"the inherited equation `{equation.name}` has it at {where(equation.site)}",),
                                 "give the layer another name: affine(…, name=…)")  # fmt: skip
                    break

    def _check_references(self) -> None:
        later = {site: name for name, site in self.unknown.items() if name in self.own}  # they come later in the body
        self.findings = [
            dataclasses.replace(
                found,
                message=f"`{later[found.site]}` is read above the line that defines it",
                help="Python reads a class body from top to bottom: move the definition up",
            )
            if found.site in later
            else found
            for found in self.findings
        ]
        for equation in [equation for equation in self.equations.values() if equation.name not in self.foreign]:
            for node in subnodes(equation.expr):
                name = node.name if node.op == "ref" else None
                if name is None or name in self.symbols or name in self.equations or name in self.unknown:
                    continue
                if name.is_next and name.base in self.symbols:
                    continue  # reported as a state without a next value
                shown = f"`{name}` is not part of this cell" if name else "a declaration is used before it has a name"
                # A reference knows where its name was declared, in another cell perhaps; the fault is where it is read.
                mend = "declare it in the body, or inherit from the cell that has it"
                self._report(Code.LS207, shown, equation.site, equation.name,
                             help_=mend if name else "name it on a line of its own: W = Weight(k, n)")  # fmt: skip

    def _report(
        self, code: Code, message: str, site: Site | None, equation: str, notes: tuple[str, ...] = (), help_: str = ""
    ) -> None:
        equation = "" if equation in self.symbols else equation
        self.findings.append(Diagnostic(code, message, site, self.cell, equation, notes=notes, help=help_))
