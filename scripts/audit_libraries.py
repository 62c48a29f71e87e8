"""Cells of libraries, audited: `python scripts/audit_libraries.py --help` says how, `lstmspec.audit_trial` has it."""

from lstmspec.audit_trial.libraries_command import main

if __name__ == "__main__":
    main()
