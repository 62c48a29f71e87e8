"""Findings for readers other than people: one function for each format, from diagnostics to text."""

from ._formats import FORMATS as FORMATS
