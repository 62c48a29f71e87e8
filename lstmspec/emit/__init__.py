"""Programs to source files: closed spelling tables, a template for each backend, formatted, compiled, written whole."""

from ._backends import BACKENDS as BACKENDS
from ._backends import Backend as Backend
from ._door import source as source
from ._generate import Generated as Generated
from ._generate import generate as generate
from ._write import differences as differences
from ._write import write as write
