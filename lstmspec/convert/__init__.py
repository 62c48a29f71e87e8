"""Weights of other implementations, under the names of the equations and back: layouts are data."""

from ._array import Array as Array
from ._array import LayoutError as LayoutError
from ._array import Part as Part
from ._layout import Layout as Layout
from ._pieces import Pieces as Pieces
from ._pieces import pieces as pieces
from ._read import Table as Table
from ._read import described as described
from ._tables import layout as layout
from ._tables import layouts as layouts
from ._tables import tables as tables
