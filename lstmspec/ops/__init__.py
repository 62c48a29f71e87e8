"""Operations: one row each in `TABLE`, and the functions by which users reach them."""

from . import _build as build  # noqa: F401
from . import _elementwise as _elementwise
from . import _features as _features
from . import _linear as _linear
from ._interval import ANY as ANY
from ._interval import Interval as Interval
from ._interval import point as point
from ._interval import power as power
from ._lambda import expand as expand
from ._lambda import is_condition as is_condition
from ._lambda import is_elementwise as is_elementwise
from ._lambda import partial_derivative as partial_derivative
from ._op import TABLE as TABLE
from ._op import AnyShape as AnyShape
from ._op import Mismatch as Mismatch
from ._op import Op as Op
from ._op import ShapeOf as ShapeOf
from ._op import Solver as Solver
from ._op import Unranked as Unranked
from ._op import register as register
from ._pointwise import elementwise_row as elementwise_row
