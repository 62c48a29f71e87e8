"""Shapes of generated code by a static checker that knows nothing of lstmspec, and faults that it has to refuse.

The command is in `lstmspec.static_shapes.command`.
"""

from ._check import Checked as Checked
from ._check import Trial as Trial
from ._check import checked as checked
from ._check import checkers as checkers
from ._check import subjects as subjects
from ._check import tried as tried
from ._edits import RULES as RULES
from ._edits import Around as Around
from ._edits import edited as edited
from ._faults import KINDS as KINDS
from ._faults import Fault as Fault
from ._faults import faults as faults
