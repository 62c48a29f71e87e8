"""The static check of generated PyTorch: each function has a twin in Pyrefly's words, judged by statements."""

from ._checker import Pyrefly as Pyrefly
from ._judge import Outcome as Outcome
from ._judge import outcome as outcome
from ._pyrefly import Message as Message
from ._support import UNSHAPED as UNSHAPED
from ._support import WORDS as WORDS
from ._twin import Kind as Kind
from ._twin import Question as Question
from ._twin import Statement as Statement
from ._twin import Twin as Twin
from ._twin import twin as twin
