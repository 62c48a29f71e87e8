"""The built-in cells beside their counterparts: the papers' equations, torch.nn, ONNX Runtime, torchrecurrent.

What a cell's generated models compute, in every backend, is compared with something that knows nothing of its spec.
It needs PyTorch; the command is in `lstmspec.conformance.command`.
"""

from ._cases import BATCH as BATCH
from ._cases import TIME as TIME
from ._cases import cases as cases
from ._document import DOCUMENT as DOCUMENT
from ._document import rounded as rounded
from ._document import table as table
from ._equivalent import Reason as Reason
from ._equivalent import why_equivalent as why_equivalent
from ._expectation import Expectation as Expectation
from ._expectation import expectation as expectation
from ._expectation import gradients as gradients
from ._expectation import tensors as tensors
from ._planting import TriedEdit as TriedEdit
from ._planting import tried_edits as tried_edits
from ._trial import EXACT as EXACT
from ._trial import KINDS as KINDS
from ._trial import SECOND as SECOND
from ._trial import SINGLE as SINGLE
from ._trial import Compared as Compared
from ._trial import compared as compared
