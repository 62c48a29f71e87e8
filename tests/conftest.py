"""Makes generated models and the parts of scripts importable: they are folders of the repository, not installed."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if importlib.util.find_spec("generated") is None:
    sys.path.insert(0, str(ROOT))
sys.path.append(str(ROOT / "scripts"))  # tests and conform.py run generated models in the same ways
