"""Makes the generated models importable: they are a folder of the repository, not a part of the installed package."""

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("generated") is None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
