"""The built-in cells beside papers and libraries: `python scripts/conform.py --help` says how."""

from lstmspec.conformance.command import main

if __name__ == "__main__":
    main()
