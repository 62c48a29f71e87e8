"""lstmspec: declare a recurrent cell once; get its shapes proved, its gradients derived, its code generated.

Two doors: what users need is here; who adds operations, backends or rules finds them in the folders of the stages,
of which each imports only what stands before it:

stages → interruption → diagnostics → sizes → nodes → ops → language → init → checker → linter → oracle → symbolic →
grad → program → procedure → runtime → emit → cell → convert → auditor → files → terminal → zoo → render → loading →
documents → mutation → audit_trial → proofs → static_shapes → conformance → benchmark → cli → pytest_plugin
"""

from .interruption import end_quietly as _end_quietly

_end_quietly()  # before what takes its time

from . import init as init
from .auditor import Audit as Audit
from .auditor import audit as audit
from .cell import Cell as Cell
from .cell import CellMeta as CellMeta
from .checker import Assumption as Assumption
from .checker import assume as assume
from .checker import check as check
from .convert import Layout as Layout
from .convert import LayoutError as LayoutError
from .convert import layout as layout
from .convert import layouts as layouts
from .diagnostics import Code as Code
from .diagnostics import Diagnostic as Diagnostic
from .diagnostics import SpecError as SpecError
from .language import Bias as Bias
from .language import Constant as Constant
from .language import Input as Input
from .language import Output as Output
from .language import State as State
from .language import Weight as Weight
from .language import affine as affine
from .language import allow as allow
from .language import linear as linear
from .language import shaped as shaped
from .linter import lint as lint
from .nodes import dims as dims
from .ops.user import concat as concat
from .ops.user import cos as cos
from .ops.user import cumsum as cumsum
from .ops.user import dot as dot
from .ops.user import elementwise as elementwise
from .ops.user import exp as exp
from .ops.user import hard_sigmoid as hard_sigmoid
from .ops.user import identity as identity
from .ops.user import layer_norm as layer_norm
from .ops.user import log as log
from .ops.user import log_sigmoid as log_sigmoid
from .ops.user import maximum as maximum
from .ops.user import mean as mean
from .ops.user import minimum as minimum
from .ops.user import mod as mod
from .ops.user import ones as ones
from .ops.user import outer as outer
from .ops.user import relu as relu
from .ops.user import repeat as repeat
from .ops.user import sigmoid as sigmoid
from .ops.user import sin as sin
from .ops.user import size as size
from .ops.user import softmax as softmax
from .ops.user import softplus as softplus
from .ops.user import softsign as softsign
from .ops.user import split as split
from .ops.user import sqrt as sqrt
from .ops.user import sum as sum
from .ops.user import tanh as tanh
from .ops.user import where as where
from .ops.user import zeros as zeros

__version__ = "0.1.0"
