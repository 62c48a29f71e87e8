"""Shapes by a static checker: `python scripts/static_shapes.py --help` says how, `lstmspec.static_shapes` has it."""

from lstmspec.static_shapes.command import main

if __name__ == "__main__":
    main()
