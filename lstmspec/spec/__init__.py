"""A cell as data: symbols and equations, linked by name, and the declarations that make them."""

from ._affine import affine as affine
from ._affine import linear as linear
from ._declare import Bias as Bias
from ._declare import Constant as Constant
from ._declare import Declaration as Declaration
from ._declare import Input as Input
from ._declare import Output as Output
from ._declare import State as State
from ._declare import Weight as Weight
from ._marks import allow as allow
from ._marks import shaped as shaped
from ._names import RESERVED as RESERVED
from ._names import sequence_name as sequence_name
from ._names import spelled as spelled
from ._namespace import Namespace as Namespace
from ._order import ancestors as ancestors
from ._order import cycle_diagnostic as cycle_diagnostic
from ._order import order as order
from ._order import sort as sort
from ._system import Allowance as Allowance
from ._system import DeclaredShape as DeclaredShape
from ._system import Equation as Equation
from ._system import Role as Role
from ._system import Symbol as Symbol
from ._system import System as System
from ._system import is_own as is_own
