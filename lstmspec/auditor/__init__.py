"""The audit: whether somebody else's implementation computes a cell's equations; if not, which it breaks, and how."""

from ._audit import audit as audit
from ._edit_rules import edits as edits
from ._edits import Edit as Edit
from ._edits import Kind as Kind
from ._report import Audit as Audit
