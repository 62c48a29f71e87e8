"""Programs to source files: closed spelling tables, a template for each backend, formatted, compiled, written whole."""

from ._backends import BACKENDS as BACKENDS
from ._backends import Backend as Backend
from ._compare import Comparison as Comparison
from ._compare import compare as compare
from ._compare import difference as difference
from ._generate import Generated as Generated
from ._generate import generate as generate
from ._leftovers import Leftover as Leftover
from ._sources import Sources as Sources
from ._survey import Found as Found
from ._survey import Standing as Standing
from ._write import Refused as Refused
from ._write import Written as Written
from ._write import write as write
