"""Times of lstmspec and of generated models: `python scripts/bench.py --help` says how."""

from lstmspec.benchmark.command import run

if __name__ == "__main__":
    run()
