"""Errors that fit the shapes: a rule for each, one file a rule; what public collections of cells get wrong."""

from ._lint import RULES as RULES
from ._lint import lint as lint
