"""The audit against planted faults: `python scripts/audit_faults.py --help` says how, `lstmspec.audit_trial` has it."""

from lstmspec.audit_trial.faults_command import main

if __name__ == "__main__":
    main()
