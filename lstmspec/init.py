"""What parameters start from: `from lstmspec import init`, then `Weight(k, k, init=init.orthogonal())`.

A plain number is a constant: `Bias(k, init=1.0)`. What is not said is drawn uniformly from ±1/sqrt(k), where k is the
size of the first state, as torch.nn.LSTM does. A matrix that acts on several vectors, as that of `affine(x, h)` does,
is initialised in blocks, the columns that act on x and those that act on h each by themselves: one initialiser is for
every block, a tuple has one for each, `affine(x, h, init=(init.glorot_uniform(), init.orthogonal()), bias_init=0.0)`.
"""

from .language import Initialiser as Initialiser
from .language import chrono as chrono
from .language import glorot_uniform as glorot_uniform
from .language import identity as identity
from .language import lecun_uniform as lecun_uniform
from .language import log_uniform as log_uniform
from .language import normal as normal
from .language import orthogonal as orthogonal
from .language import spread as spread
from .language import uniform as uniform
