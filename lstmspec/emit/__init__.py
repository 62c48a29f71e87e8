"""Procedures to files: a folder a backend, tables of a cell, the runtime that models share; written whole."""

from ._backend import Backend as Backend
from ._backend import CannotGenerate as CannotGenerate
from ._backends import BACKENDS as BACKENDS
from ._case import Arrays as Arrays
from ._case import Case as Case
from ._case import Prepared as Prepared
from ._case import Runner as Runner
from ._cell_table import cell_of as cell_of
from ._cell_table import source_of as source_of
from ._compare import Comparison as Comparison
from ._compare import compare as compare
from ._compare import difference as difference
from ._generate import Generated as Generated
from ._generate import drafted as drafted
from ._generate import generate as generate
from ._import import imported as imported
from ._import import package_of as package_of
from ._leftovers import Leftover as Leftover
from ._pass_runner import PassRunner as PassRunner
from ._python import PythonFiles as PythonFiles
from ._sources import Sources as Sources
from ._survey import Found as Found
from ._survey import Standing as Standing
from ._write import Refused as Refused
from ._write import Written as Written
from ._write import write as write
