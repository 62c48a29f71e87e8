"""Dimensions: SymPy symbols at the door, canonical integer polynomials inside."""

from ._size import Size as Size
from ._size import Verdict as Verdict
from ._size import compare as compare
from ._size import is_at_least as is_at_least
from ._symbols import NotADimension as NotADimension
from ._symbols import NotWhole as NotWhole
from ._symbols import dims as dims
from ._symbols import size_from as size_from
from ._symbols import sympy_from as sympy_from
from ._whole import scalar_in as scalar_in
from ._whole import whole as whole

Shape = tuple[Size, ...]
