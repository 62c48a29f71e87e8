"""The parts of `bench.py`: values first, then medians of what is compared, taken by turns in one run."""
