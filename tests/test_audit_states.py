"""Audits of code that agrees in what it emits and does not carry its states on, and of what cannot be audited."""

import pytest
import torch
from audited import CELLS, K, N

from lstmspec import Code, audit

LSTM = CELLS["LSTM"]


class Around(torch.nn.Module):
    """torch.nn.LSTM with something done to its states."""

    def __init__(self, before=lambda state: state, after=lambda state: state):
        super().__init__()
        self.inner, self.before, self.after = torch.nn.LSTM(N, K), before, after

    def forward(self, x, state=None):
        ys, last = self.inner(x, self.before(state))
        return ys, self.after(last)


def only(report):
    (finding,) = report.findings
    return finding


def test_states_that_are_carried_on_agree():
    assert audit(LSTM, Around()).agrees


def test_states_that_come_back_in_another_order_are_found():
    finding = only(audit(LSTM, Around(after=lambda state: state[::-1])))
    assert finding.code is Code.LS405
    assert "takes its states as (h, c) and returns them as (c, h)" in finding.message


def test_states_that_are_given_and_not_used_are_found():
    finding = only(audit(LSTM, Around(before=lambda state: None)))
    assert finding.code is Code.LS405
    assert "does not start from the states that it is given" in finding.message


def test_a_module_without_states_agrees_from_zeros():
    class Without(Around):
        def forward(self, x):
            return self.inner(x)[0]

    report = audit(LSTM, Without())
    assert report.agrees
    assert report.call == "a sequence: (x)"


def leave(state):
    raise SystemExit(0)


@pytest.mark.parametrize(
    ("module", "options", "said"),
    [
        (Around(before=leave), {}, "none of the usual forms"),
        (torch.nn.LSTM, {}, "is a class: make one"),
        (torch.nn.LSTM(1, 1), {}, "at a size of 1"),
        (torch.nn.LSTM(N, K), {"sizes": {"n": N, "k": K, "q": 4}}, "no size `q`; it has n, k"),
        (torch.nn.LSTM(N, K), {"sizes": {"n": N}}, "lacks k"),
        (torch.nn.LSTM(N, K), {"constants": {"lam": 0.5}}, "no constant `lam`; it has none"),
    ],
)
def test_what_cannot_be_audited_is_told(module, options, said):
    finding = only(audit(LSTM, module, **options))
    assert finding.code is Code.LS404
    assert said in finding.message


def test_what_is_no_cell_is_refused():
    with pytest.raises(TypeError, match="is no cell"):
        audit("LSTM", torch.nn.LSTM(N, K))
