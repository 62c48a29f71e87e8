"""The checker: proves shapes, says why, and returns diagnostics as values."""

from ._assume import Assumption as Assumption
from ._assume import assume as assume
from ._check import Shapes as Shapes
from ._check import check as check
from ._columns import columns as columns
from ._cost import Cost as Cost
from ._cost import cost as cost
from ._cost import formula as formula
from ._explicit import explicit as explicit
from ._expression_shapes import shapes_within as shapes_within
from ._initialisers import InitialPart as InitialPart
from ._initialisers import initial_parts as initial_parts
from ._kernel import Kernel as Kernel
from ._kernel import kernel as kernel
from ._operands import Columns as Columns
from ._reasons import Chain as Chain
from ._reasons import Fact as Fact
from ._reasons import Link as Link
from ._reasons import shown as shown
from ._reasons import told as told
