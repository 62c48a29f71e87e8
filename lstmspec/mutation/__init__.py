"""The checker on trial: faults of shape planted in cells, and a judge of shapes that knows nothing of the checker.

`population` makes mutants of systems, `judge` says by evaluation whether one is well-shaped, `tried` holds the findings
of the checker against it. The command is in `lstmspec.mutation.command`.
"""

from ._assignments import is_told_by_positivity as is_told_by_positivity
from ._judge import Judgement as Judgement
from ._judge import Shaped as Shaped
from ._judge import judge as judge
from ._judge import primes_above as primes_above
from ._mutation import Mutant as Mutant
from ._mutation import Mutation as Mutation
from ._mutation import applied as applied
from ._mutation import dimensions as dimensions
from ._population import KINDS as KINDS
from ._population import catalogue as catalogue
from ._population import in_turn as in_turn
from ._population import mutations_of as mutations_of
from ._population import originals as originals
from ._population import population as population
from ._population import sample as sample
from ._report import Counts as Counts
from ._report import Miss as Miss
from ._report import TrialReport as TrialReport
from ._report import percent as percent
from ._rules import RULES as RULES
from ._trial import tried as tried
from ._trial import unsound as unsound
