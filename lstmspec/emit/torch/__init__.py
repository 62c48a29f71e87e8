"""The PyTorch backend: an nn.Module over autograd functions. Its words are in `_spelling`, its page in the template."""

from ._spelling import SPELLING as SPELLING
