"""The NumPy backend: pure functions over annotated dataclasses, words in `_spelling`, page in the template."""

from ._spelling import SPELLING as SPELLING
