"""The audit: whether somebody else's implementation computes a cell's equations; if not, which it breaks, and how."""

from ._audit import audit as audit
from ._code_name import CodeName as CodeName
from ._code_name import UnreadableCode as UnreadableCode
from ._code_name import code_name as code_name
from ._edit_rules import edits as edits
from ._edits import Edit as Edit
from ._edits import Kind as Kind
from ._report import Audit as Audit
from ._report import impossible as impossible
