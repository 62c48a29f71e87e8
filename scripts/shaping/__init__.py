"""The parts of `static_shapes.py`: generated modules in Pyrefly's words, what Pyrefly makes of them, planted faults."""
