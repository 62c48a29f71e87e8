"""Weights of other implementations, under the names of the equations and back: layouts are data."""

from ._foreign_arrays import Array as Array
from ._foreign_arrays import LayoutError as LayoutError
from ._foreign_arrays import Part as Part
from ._layout import Layout as Layout
from ._parameters import Parameters as Parameters
from ._parameters import parameters_of as parameters_of
from ._read import Table as Table
from ._read import described as described
from ._tables import layout as layout
from ._tables import layouts as layouts
from ._tables import tables as tables
