"""Findings for readers of all kinds: one function for each format, from a report to text."""

from collections.abc import Callable, Mapping

from ._github import github
from ._json import as_json
from ._json import dumped as dumped
from ._json import schema as schema
from ._report import Report as Report
from ._report import counted as counted
from ._sarif import sarif
from ._text import shown as shown
from ._text import text as text

FORMATS: Mapping[str, Callable[[Report], str]] = {"text": text, "json": as_json, "github": github, "sarif": sarif}
