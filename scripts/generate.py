"""`lstmspec generate`, runnable from a checkout: `python scripts/generate.py [SPEC]... [--out DIR] [--check]`."""

import sys

from lstmspec.cli import main

if __name__ == "__main__":
    main(["generate", *sys.argv[1:]])
