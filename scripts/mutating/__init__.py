"""The parts of `scripts/mutate.py`: the slow oracle of shapes, the kinds of mutations, the comparison."""
