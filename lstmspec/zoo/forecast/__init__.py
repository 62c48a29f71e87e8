"""An example: next year's sunspot number, forecast with an LSTM that is generated from its equations.

"If x_t is one number and h_t is the prediction, is every gate of an LSTM one number too?" The shape table answers
first, then the answer is trained beside torch.nn.LSTM: same first weights, same readout, same budget. The command is
in `lstmspec.zoo.forecast.command`, which imports all that needs PyTorch: a folder is searched for cells without it.
"""

from ._readout import with_readout as with_readout
from ._series import LIBRARIES as LIBRARIES
from ._series import Array as Array
from ._series import mae as mae
from ._series import persistence as persistence
from ._series import rmse as rmse
from ._series import scale as scale
from ._series import series as series
from ._series import split_at as split_at
