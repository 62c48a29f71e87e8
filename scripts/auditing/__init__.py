"""What the scripts about audits share: faults that are planted and how audits of them score, and libraries' cells."""

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("generated") is None:  # a folder of the checkout, not installed
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
