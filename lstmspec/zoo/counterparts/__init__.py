"""Counterparts of the built-in cells: the papers' equations, written out anew, and cells that libraries have.

The papers' equations know nothing of the specs in the folder above, nor of lstmspec. Nothing here is a spec, and
loading the built-in cells imports none of it; it needs PyTorch, and runs what `LIBRARIES` names.
"""

from ._libraries import LIBRARIES as LIBRARIES
from ._parameters import At as At
from ._parameters import Source as Source
from ._parameters import renamed as renamed
from ._parameters import same as same
from ._parameters import whole as whole
from ._row import PAPER as PAPER
from ._row import UNSTABILISED as UNSTABILISED
from ._row import Counterpart as Counterpart
from ._row import Ranges as Ranges
from ._row import Row as Row
from ._steps import pre as pre
from .equivalents import EQUIVALENT as EQUIVALENT
from .equivalents import EQUIVALENT_IN as EQUIVALENT_IN
from .table import ROWS as ROWS
