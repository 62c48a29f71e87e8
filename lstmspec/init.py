"""What parameters start from: `from lstmspec import init`, then `Weight(k, k, init=init.orthogonal())`.

A plain number is a constant: `Bias(k, init=1.0)`. What is not said is drawn uniformly from ±1/sqrt(k), where k is the
size of the first state, as torch.nn.LSTM does. A matrix that acts on several vectors, as that of `affine(x, h)` does,
is initialised in blocks, the columns that act on x and those that act on h each by themselves: one initialiser is for
every block, a tuple has one for each, `affine(x, h, init=(init.glorot_uniform(), init.orthogonal()), bias_init=0.0)`.
"""

from .spec import Initialiser as Initialiser
from .spec import chrono as chrono
from .spec import glorot_uniform as glorot_uniform
from .spec import identity as identity
from .spec import lecun_uniform as lecun_uniform
from .spec import log_uniform as log_uniform
from .spec import normal as normal
from .spec import orthogonal as orthogonal
from .spec import spread as spread
from .spec import uniform as uniform
