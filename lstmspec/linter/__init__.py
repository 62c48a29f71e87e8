"""Errors that fit the shapes: a rule for each, one file a rule; what public collections of cells get wrong."""

from ._facts import bounds_of as bounds_of
from ._lint import RULES as RULES
from ._lint import lint as lint
