"""`python -m lstmspec.zoo.forecast` runs the example."""

import sys

from .command import run

if __name__ == "__main__":
    sys.exit(run())
