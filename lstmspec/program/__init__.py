"""From equations to ordered, shaped assignments: splitting, packing, hoisting, deferring."""

from ._layout import Block as Block
from ._layout import Stored as Stored
from ._lower import lower as lower
from ._pack import pack as pack
from ._program import Line as Line
from ._program import Program as Program
from ._program import Section as Section
from ._recurrence import Passes as Passes
from ._recurrence import Recurrence as Recurrence
from ._recurrence import passes as passes
from ._schedule import schedule as schedule
