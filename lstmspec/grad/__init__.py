"""Derivatives: the adjoint of a system is again a system, and so can be checked, printed and differentiated again."""

from ._adjoint import adjoint as adjoint
from ._adjoint import depending_on as depending_on
from ._cancel import cancelled as cancelled
from ._conditions import conditions_in_place as conditions_in_place
from ._jacobian import Jacobian as Jacobian
from ._jacobian import jacobian as jacobian
from ._name import Lifter as Lifter
from ._name import Names as Names
from ._name import is_atom as is_atom
from ._name import is_constant as is_constant
from ._name import is_function as is_function
from ._name import name_concats as name_concats
from ._name import name_preactivations as name_preactivations
from ._name import sum_terms as sum_terms
from ._repeated import name_repeated as name_repeated
