"""What backends of array libraries share: printer, statements and page; each adds its words and its template."""

from ._backend import ArrayBackend as ArrayBackend
from ._body import Body as Body
from ._body import printed as printed
from ._code import is_number as is_number
from ._line import INDENT as INDENT
from ._line import Line as Line
from ._line import Value as Value
from ._page import Page as Page
from ._printer import CannotPrint as CannotPrint
from ._printer import Printer as Printer
from ._spelling import ATOM as ATOM
from ._spelling import COMPARISON as COMPARISON
from ._spelling import OPERATORS as OPERATORS
from ._spelling import POWER as POWER
from ._spelling import PRODUCT as PRODUCT
from ._spelling import SUM as SUM
from ._spelling import UNARY as UNARY
from ._spelling import Spelling as Spelling
from ._spelling import Word as Word
from ._spelling import call as call
from ._structure import STRUCTURAL as STRUCTURAL
