"""Oracles of the built-in cells: the papers' equations, written out anew, and cells that others wrote."""

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("generated") is None:  # a folder of the checkout, not installed
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

MISSING = [name for name in ("torchrecurrent", "onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
if MISSING:
    hint = ".venv/bin/pip install -c constraints.txt -e '.[test]'"
    print(f"error: the oracles need {', '.join(MISSING)}: {hint}", file=sys.stderr)
    raise SystemExit(2)
