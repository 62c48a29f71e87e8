"""The stages of the package, in order: each imports only what stands before it. What lists them follows this table.

A test holds the imports of every file, CONTRIBUTING.md and the package's docstring against this table.
"""

from __future__ import annotations

from collections.abc import Mapping

STAGES: Mapping[str, str] = {
    "stages": "this list",
    "interruption": "Ctrl-C while all the rest is imported",
    "diagnostics": "findings as values, their codes and places",
    "sizes": "polynomials over dimension symbols",
    "nodes": "expressions over names",
    "ops": "operations, a row each",
    "language": "declarations, dense layers, systems of equations",
    "init": "initialisers, the door for users",
    "checker": "shapes solved and explained, what a step costs",
    "linter": "what fits the shapes and is seldom meant",
    "oracle": "the slow float64 evaluation of equations",
    "symbolic": "equations in SymPy",
    "grad": "the adjoint of a system, which is a system",
    "program": "recurrences, packed and scheduled",
    "procedure": "programs as typed statements over buffers",
    "runtime": "what generated models share, which is copied beside them",
    "emit": "procedures as files of a backend",
    "cell": "`Cell`, the class that users derive from",
    "convert": "weights of other implementations",
    "auditor": "whether other people's code computes a cell",
    "files": "files that are written whole, or left as they were",
    "terminal": "progress bars and tables of commands that run long",
    "zoo": "the built-in cells, a file each; they import the package as users do",
    "render": "findings as text, JSON, SARIF, annotations",
    "loading": "the cells that files, folders and modules declare",
    "documents": "tables of measurements in documents",
    "mutation": "the checker on trial: planted faults of shape, and their judge",
    "audit_trial": "the audit on trial: planted faults, cells of libraries",
    "proofs": "generated models proved: beside the oracle, at all sizes, with planted faults seen",
    "static_shapes": "generated models under static checkers of shapes, and faults planted in them",
    "conformance": "the built-in cells beside papers and libraries",
    "benchmark": "times, after values",
    "cli": "the command line",
    "pytest_plugin": "cells as tests",
}
