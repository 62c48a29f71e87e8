"""An example: next year's sunspot number, forecast with an LSTM that is generated from its equations.

"If x_t is one number and h_t is the prediction, is every gate of an LSTM one number too?" The shape table answers
first, then the answer is trained beside torch.nn.LSTM: same first weights, same readout, same budget. The command is
in `lstmspec.zoo.forecast.command`; it needs PyTorch and what `LIBRARIES` names.
"""

from ._explain import explain as explain
from ._explain import shape_table as shape_table
from ._models import Model as Model
from ._models import from_torch as from_torch
from ._models import models as models
from ._readout import with_readout as with_readout
from ._report import COLLAPSED as COLLAPSED
from ._report import OURS as OURS
from ._report import THEIRS as THEIRS
from ._report import plot as plot
from ._report import report as report
from ._series import LIBRARIES as LIBRARIES
from ._series import Array as Array
from ._series import mae as mae
from ._series import persistence as persistence
from ._series import rmse as rmse
from ._series import scale as scale
from ._series import series as series
from ._series import split_at as split_at
from ._training import Budget as Budget
from ._training import Run as Run
from ._training import train as train
