"""An example, sunspots forecast: `python scripts/forecast.py --help` says how, `lstmspec.zoo.forecast` has it."""

import sys

from lstmspec.zoo.forecast.command import run

if __name__ == "__main__":
    sys.exit(run())
