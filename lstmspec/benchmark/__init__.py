"""Times: values first, then medians of what is compared, taken by turns in one run. Nothing here is ever a test.

It needs PyTorch; the command is in `lstmspec.benchmark.command`.
"""

from ._counterpart import Row as Row
from ._counterpart import TheirCode as TheirCode
from ._counterpart import sizes_of as sizes_of
from ._counterpart import their_code as their_code
from ._counterpart import their_codes as their_codes
from ._models import checks as checks
from ._models import speeds as speeds
from ._pairs import Pair as Pair
from ._pairs import pair as pair
from ._pairs import verify as verify
from ._pipeline import chain as chain
from ._pipeline import check_anew as check_anew
from ._pipeline import growth as growth
from ._pipeline import stages as stages
from ._subject import NoModels as NoModels
from ._subject import Subject as Subject
from ._subject import subjects as subjects
from ._timing import Different as Different
from ._timing import Plan as Plan
from ._timing import Timing as Timing
from ._timing import agree as agree
from ._timing import excess as excess
from ._timing import exponent as exponent
from ._timing import medians as medians
from ._timing import turns as turns
