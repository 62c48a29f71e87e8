"""What all generated models share: tables of a cell, checks at the boundary, parameters, and a file for each backend.

It imports NumPy, PyTorch, jaxtyping and beartype, and nothing of the project that generated it.
"""

from .messages import ShapeError as ShapeError
