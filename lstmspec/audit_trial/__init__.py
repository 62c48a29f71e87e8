"""The audit on trial: faults planted in implementations with its score on them, and cells of libraries.

It needs PyTorch, and nothing imports it but the commands, `faults_command` and `libraries_command`.
"""

from ._faults import Fault as Fault
from ._faults import faults as faults
from ._faults import sample as sample
from ._implementation import computed as computed
from ._implementation import module as module
from ._libraries import LibraryAudit as LibraryAudit
from ._libraries import audited as audited
from ._library_rows import LibraryRow as LibraryRow
from ._library_rows import LibraryRowError as LibraryRowError
from ._library_rows import library_rows as library_rows
from ._rules import KINDS as KINDS
from ._score import Outcome as Outcome
from ._score import Score as Score
from ._score import Scores as Scores
from ._score import scored as scored
from ._score import tried as tried
