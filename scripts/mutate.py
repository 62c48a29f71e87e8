"""The checker against mutants: `python scripts/mutate.py --help` says how, `lstmspec.mutation` has the parts."""

from lstmspec.mutation.command import main

if __name__ == "__main__":
    main()
