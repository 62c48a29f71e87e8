"""Makes generated models importable: `generated` is a folder of the repository, not installed."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if importlib.util.find_spec("generated") is None:
    sys.path.insert(0, str(ROOT))
