"""The NumPy backend: pure functions over annotated dataclasses. Its words are in `_spelling`, its page in the template."""

from ._spelling import SPELLING as SPELLING
