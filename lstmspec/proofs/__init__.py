"""Proofs of generated models: values, derivatives and shapes beside independent ones, and planted faults seen."""
