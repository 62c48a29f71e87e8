"""Oracles of the built-in cells: the papers' equations, written out anew, and cells that others wrote."""

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("generated") is None:  # a folder of the checkout, not installed
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
