"""Edits of specs that compute the same though no proof is at hand, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

GUARD = "a guard for 0 / 0, which needs a sum of positive terms to be 0"
GATE = "a time gate lies between 0 and 1: it rises while phi < r_on / 2, and falls until phi = r_on"
KT = "where(phi < r_on / 2, rise, where(phi < r_on, 2 - rise, alpha * phi))"
SHARED = "w = keep * write is not larger than keep or write"

# cell, equation, the expression that stood there, the one that took its place
EQUIVALENT: Mapping[tuple[str, str, str, str], str] = {
    ("SLSTM", "h.next", "by", "total.next"): GUARD,
    **{
        ("PhasedLSTM", equation, was, f"relu({was})"): GATE
        for equation in ("c.next", "h.next")
        for was in ("kt", "1 - kt")
    },
    ("PhasedLSTM", "kt", KT, f"relu({KT})"): GATE,
    **{("ONLSTM", "c.next", was, f"relu({was})"): SHARED for was in ("f * w + (keep - w)", "i * w + (write - w)")},
}
# cell, equation: whatever is not seen in it
EQUIVALENT_IN: Mapping[tuple[str, str], str] = {("SLSTM", "by"): GUARD}
