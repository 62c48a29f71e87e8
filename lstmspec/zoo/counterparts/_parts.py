"""Pieces of rows that are no stacks of gates: for libraries, for states in other units, for other biases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import torch
from torch import Tensor

from . import papers_memory as memory
from ._libraries import SHARES, biases, blocks, stacked
from ._parameters import Source, renamed, same, whole
from ._row import Finals
from ._steps import run

P = SimpleNamespace


# -- the parameters of torchrecurrent's cells --------------------------------------------------------------------------


def peephole(p: P) -> dict[str, Tensor]:
    """The peepholes are one vector, i f o."""
    return {**blocks("i f g o")(p), "weight_ph": torch.cat([p.p_i, p.p_f, p.p_o])}


def multiplicative(p: P) -> dict[str, Tensor]:
    """The library also has biases in m, which the paper has not."""
    inner, outer = biases(p, "i f g o")
    none = torch.zeros_like(p.b_i)
    return {
        "weight_ih": torch.cat([p.W_m, stacked(p, "W", "i f g o")]),
        "weight_hh": p.U_m,
        "weight_mh": stacked(p, "U", "i f g o"),
        "bias_ih": torch.cat([none, inner]),
        "bias_hh": none,
        "bias_mh": outer,
    }


def janet(p: P) -> dict[str, Tensor]:
    """beta is a parameter there."""
    return {**blocks("f c")(p), "beta": p.b_f.new_tensor(p.beta)}


def ran(p: P) -> dict[str, Tensor]:
    """What is added has a matrix only."""
    return {**blocks("i f")(p), "weight_ih": stacked(p, "W", "c i f")}


def nas(p: P) -> dict[str, Tensor]:
    """The paper has no biases."""
    names = "0 1 2 3 4 5 6 7"
    none = p.W_0.new_zeros(8 * len(p.W_0))
    return {"weight_ih": stacked(p, "W", names), "weight_hh": stacked(p, "U", names), "bias_ih": none, "bias_hh": none}


def mut1(p: P) -> dict[str, Tensor]:
    """The library has W x where the paper has x: W is 1 here. Its bias of r and the paper's are sums of two."""
    one, none = torch.eye(len(p.b_h), dtype=p.b_h.dtype), torch.zeros_like(p.b_h)
    return {
        "weight_ih": torch.cat([p.W_z, p.W_r, one]),
        "weight_hh": torch.cat([p.U_r, p.U_h]),
        "bias_ih": torch.cat([p.b_z, SHARES[0] * p.b_r, none]),
        "bias_hh": torch.cat([SHARES[1] * p.b_r, p.b_h]),
    }


def mut2(p: P) -> dict[str, Tensor]:
    """The library has W x where the paper has x: W is 1 here."""
    one = torch.eye(len(p.b_h), dtype=p.b_h.dtype)
    inner, outer = biases(p, "z r h")
    weights = {"weight_ih": torch.cat([p.W_z, one, p.W_h]), "weight_hh": stacked(p, "U", "z r h")}
    return weights | {"bias_ih": inner, "bias_hh": outer}


def indrnn(p: P) -> dict[str, Tensor]:
    """One layer, and a vector."""
    return {"weight_ih": p.W, "vector_u": p.u, "bias_ih": SHARES[0] * p.b, "bias_hh": SHARES[1] * p.b}


def trnn(p: P) -> dict[str, Tensor]:
    """The library also has a bias in W x, which the paper has not."""
    return {"weight_ih": torch.cat([p.W, p.W_f]), "bias_ih": torch.cat([torch.zeros_like(p.b_f), p.b_f])}


# -- the same output from states in other units ------------------------------------------------------------------------


def slstm_plain(p: P, inputs: Sequence[Tensor], states: Sequence[Tensor]) -> tuple[Tensor, Finals]:
    """States without exp(-m), from those with it."""
    h, c, n, m = states
    ys, _ = run(memory.slstm_plain, p, inputs, (h, c * torch.exp(m), n * torch.exp(m)))
    return ys, None


def mlstm_plain(p: P, inputs: Sequence[Tensor], states: Sequence[Tensor]) -> tuple[Tensor, Finals]:
    """States without exp(-m), from those with it."""
    C, n, m = states
    by = torch.exp(m)[:, None]
    ys, _ = run(memory.mlstm_plain, p, inputs, (C * by[:, :, None], n * by))
    return ys, None


def mlstm_key_bias(at: Mapping[str, Tensor]) -> Tensor:
    """The paper divides W_k x by the root of d, the spec its bias too."""
    return at["b_key"] / math.sqrt(len(at["b_key"]))


def layer_normed() -> dict[str, Source]:
    """The paper's two norms of gates have a bias each, and their sum another; the spec has one, which is all three."""
    parts = {"b": whole("b", 0.25), "bias_x": whole("b", 0.5), "bias_h": whole("b", 0.25)}
    return renamed(W="W_x", U="W_h", bias_c="shift_c") | same("gain_x gain_h gain_c") | parts
