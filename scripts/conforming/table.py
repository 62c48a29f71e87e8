"""The table: a row a built-in cell, with its transcription, its oracles, and where the paper's parameters are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import torch
from torch import Tensor

from . import papers_gated as gated
from . import papers_lstm as lstms
from . import papers_memory as memory
from . import papers_scan as scan
from .libraries import SHARES, biases, blocks, stacked, torch_nn, torchrecurrent_cell
from .onnx_runtime import onnx_runtime
from .papers import run
from .rows import UNSTABILISED, Finals, Oracle, Row, Source, columns, gates, renamed, same, whole

P = SimpleNamespace
PEEPHOLES = same("p_i p_f p_o")


# -- what libraries are given where it is no stack of gates ------------------------------------------------------------


def _peephole(p: P) -> dict[str, Tensor]:
    return {**blocks("i f g o")(p), "weight_ph": torch.cat([p.p_i, p.p_f, p.p_o])}


def _multiplicative(p: P) -> dict[str, Tensor]:
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


def _janet(p: P) -> dict[str, Tensor]:
    return {**blocks("f c")(p), "beta": torch.tensor(p.beta)}


def _ran(p: P) -> dict[str, Tensor]:
    return {**blocks("i f")(p), "weight_ih": stacked(p, "W", "c i f")}


def _nas(p: P) -> dict[str, Tensor]:
    names = "0 1 2 3 4 5 6 7"
    none = p.W_0.new_zeros(8 * len(p.W_0))
    return {"weight_ih": stacked(p, "W", names), "weight_hh": stacked(p, "U", names), "bias_ih": none, "bias_hh": none}


def _mut1(p: P) -> dict[str, Tensor]:
    """The library has W x where the paper has x: W is 1 here. Its bias of r and the paper's are sums of two."""
    one, none = torch.eye(len(p.b_h), dtype=p.b_h.dtype), torch.zeros_like(p.b_h)
    return {
        "weight_ih": torch.cat([p.W_z, p.W_r, one]),
        "weight_hh": torch.cat([p.U_r, p.U_h]),
        "bias_ih": torch.cat([p.b_z, SHARES[0] * p.b_r, none]),
        "bias_hh": torch.cat([SHARES[1] * p.b_r, p.b_h]),
    }


def _mut2(p: P) -> dict[str, Tensor]:
    """The library has W x where the paper has x: W is 1 here."""
    one = torch.eye(len(p.b_h), dtype=p.b_h.dtype)
    inner, outer = biases(p, "z r h")
    weights = {"weight_ih": torch.cat([p.W_z, one, p.W_h]), "weight_hh": stacked(p, "U", "z r h")}
    return weights | {"bias_ih": inner, "bias_hh": outer}


def _indrnn(p: P) -> dict[str, Tensor]:
    return {"weight_ih": p.W, "vector_u": p.u, "bias_ih": SHARES[0] * p.b, "bias_hh": SHARES[1] * p.b}


def _trnn(p: P) -> dict[str, Tensor]:
    """The library also has a bias in W x, which the paper has not."""
    return {"weight_ih": torch.cat([p.W, p.W_f]), "bias_ih": torch.cat([torch.zeros_like(p.b_f), p.b_f])}


# -- the same output from states in other units ------------------------------------------------------------------------


def _slstm_plain(p: P, inputs: Sequence[Tensor], states: Sequence[Tensor]) -> tuple[Tensor, Finals]:
    h, c, n, m = states
    ys, _ = run(memory.slstm_plain, p, inputs, (h, c * torch.exp(m), n * torch.exp(m)))
    return ys, None


def _mlstm_plain(p: P, inputs: Sequence[Tensor], states: Sequence[Tensor]) -> tuple[Tensor, Finals]:
    C, n, m = states  # noqa: N806
    by = torch.exp(m)[:, None]
    ys, _ = run(memory.mlstm_plain, p, inputs, (C * by[:, :, None], n * by))
    return ys, None


def _mlstm_key_bias(at: Mapping[str, Tensor]) -> Tensor:
    """The paper divides W_k x by the root of d, the spec its bias too."""
    return at["b_key"] / len(at["b_key"]) ** 0.5


def _layer_normed() -> dict[str, Source]:
    """The paper's two norms of gates have a bias each, and their sum another; the spec has one, which is all three."""
    parts = {"b": whole("b", 0.25), "bias_x": whole("b", 0.5), "bias_h": whole("b", 0.25)}
    return renamed(W="W_x", U="W_h", bias_c="shift_c") | same("gain_x gain_h gain_c") | parts


NN_LSTM = torch_nn("LSTM", "i f g o")
ONNX_LSTM = onnx_runtime("LSTM", "i o f g")
ELMAN = gates(".=h")

ROWS: dict[str, Row] = {
    # -- LSTM family
    "Elman": Row(lstms.elman, "h", ELMAN, (torch_nn("RNN", "."),)),
    "ElmanRelu": Row(lstms.elman_relu, "h", ELMAN, (torch_nn("RNN", ".", nonlinearity="relu"),)),
    "LSTM": Row(lstms.lstm, "h c", gates("i f g o"), (NN_LSTM, ONNX_LSTM)),
    "OriginalLSTM": Row(
        lstms.original,
        "h c",
        gates("i g o"),
        (torchrecurrent_cell("OriginalLSTMCell", blocks("i g o")),),
    ),
    "Peephole": Row(
        lstms.peephole,
        "h c",
        gates("i f g o") | PEEPHOLES,
        (ONNX_LSTM, torchrecurrent_cell("PeepholeLSTMCell", _peephole)),
    ),
    "NoInputGate": Row(lstms.no_input_gate, "h c", gates("f g o") | same("p_f p_o")),
    "NoForgetGate": Row(lstms.no_forget_gate, "h c", gates("i g o") | same("p_i p_o")),
    "NoOutputGate": Row(lstms.no_output_gate, "h c", gates("i f g") | same("p_i p_f")),
    "NoInputActivation": Row(lstms.no_input_activation, "h c", gates("i f g o") | PEEPHOLES),
    "NoOutputActivation": Row(lstms.no_output_activation, "h c", gates("i f g o") | PEEPHOLES),
    "CIFG": Row(lstms.coupled, "h c", gates("i g o"), (onnx_runtime("LSTM", "i o f g", input_forget=1),)),
    "FullGateRecurrence": Row(
        lstms.full_gate_recurrence,
        "h c i f o",
        gates("g")
        | PEEPHOLES
        | {f"W_{b}": columns(f"W_{b}", "x", "x h i f o") for b in "ifo"}
        | {f"U_{b}": columns(f"W_{b}", "h", "x h i f o") for b in "ifo"}
        | {f"R_{a}{b}": columns(f"W_{b}", a, "x h i f o") for a in "ifo" for b in "ifo"}
        | same("b_i b_f b_o"),
    ),
    "LSTMP": Row(
        lstms.projected,
        "h c",
        gates("i f g o") | renamed(W_r="W_h"),
        (torch_nn("LSTM", "i f g o", projection="W_r"),),
    ),
    "LayerNormLSTM": Row(lstms.layer_normed, "h c", _layer_normed()),
    "LayerNormCarriedLSTM": Row(lstms.layer_normed_carried, "h c", _layer_normed()),
    "MultiplicativeLSTM": Row(
        lstms.multiplicative,
        "h c",
        gates("i f g o") | renamed(W_m="W_mx", U_m="W_mh"),
        (torchrecurrent_cell("MultiplicativeLSTMCell", _multiplicative),),
    ),
    "JANET": Row(
        memory.janet,
        "h",
        gates("f c=g"),
        (torchrecurrent_cell("JANETCell", _janet, twice=True),),
        constants={"beta": 1.0},
    ),
    "RAN": Row(
        memory.ran,
        "h c",
        gates("i f") | same("W_c"),
        (torchrecurrent_cell("RANCell", _ran),),
    ),
    "NAS": Row(
        memory.nas,
        "h c",
        gates("0=l0 1=l1 2=l2 4=l4 5=l5 6=l6 7=l7", bias=False) | renamed(W_3="W_u3", U_3="W_v3"),
        (torchrecurrent_cell("NASCell", _nas, differs="l3 = relu(u3 + v3)"),),
    ),
    "ONLSTM": Row(memory.ordered, "h c", gates("i f g o mf=keep mi=write")),
    "PhasedLSTM": Row(
        memory.phased,
        "h c",
        gates("i f g o") | same("tau shift r_on"),
        inputs="x t",
        constants={"alpha": 0.001},
        ranges={"t": (0, 20), "tau": (4, 8), "shift": (0, 2), "r_on": (0.3, 0.7)},
    ),
    "SLSTM": Row(
        memory.slstm,
        "h c total m",
        gates("i f z o"),
        (Oracle(UNSTABILISED, _slstm_plain),),
        ranges={"total": (0.5, 1.5)},
    ),
    "MLSTM": Row(
        memory.mlstm,
        "C total m",
        same("w_i w_f b_i b_f W_q b_q W_v b_v W_o b_o") | renamed(W_k="W_key") | {"b_k": _mlstm_key_bias},
        (Oracle(UNSTABILISED, _mlstm_plain),),
    ),
    "MinLSTM": Row(memory.min_lstm, "h", same("W_f b_f W_i b_i W_h b_h")),
    # -- GRU family and other gated cells
    "GRU": Row(
        gated.gru_reset_after,
        "h",
        gates("z r") | renamed(W_m="W_m", b_m="b_m", U_m="W_u", b_u="b_u"),
        (torch_nn("GRU", "r z m"), onnx_runtime("GRU", "z r m", linear_before_reset=1)),
    ),
    "GRUResetBefore": Row(
        gated.gru_reset_before,
        "h",
        gates("z r m"),
        (onnx_runtime("GRU", "z r m", linear_before_reset=0),),
    ),
    "AUGRU": Row(
        gated.augru_reset_after,
        "h",
        gates("z r") | renamed(W_m="W_m", b_m="b_m", U_m="W_u", b_u="b_u"),
        inputs="x a",
        ranges={"a": (0, 1)},
    ),
    "MGU": Row(gated.mgu, "h", gates("f m"), (torchrecurrent_cell("MGUCell", blocks("f m")),)),
    "MUT1": Row(
        gated.mut1,
        "h",
        gates("r") | renamed(W_z="W_z", b_z="b_z", U_h="W_h", b_h="b_h"),
        (torchrecurrent_cell("MUT1Cell", _mut1, note=" with W = 1"),),
    ),
    "MUT2": Row(
        gated.mut2,
        "h",
        gates("z h") | renamed(U_r="W_r", b_r="b_r"),
        (torchrecurrent_cell("MUT2Cell", _mut2, note=" with W = 1"),),
    ),
    "MUT3": Row(gated.mut3, "h", gates("z r h"), (torchrecurrent_cell("MUT3Cell", blocks("z r h")),)),
    "UGRNN": Row(gated.ugrnn, "h", gates("m g"), (torchrecurrent_cell("UGRNNCell", blocks("m g")),)),
    "IntersectionRNN": Row(
        gated.intersection,
        "h",
        gates("y=y_in h=h_in gy=g_y gh=g_h"),
        (torchrecurrent_cell("IntersectionRNNCell", blocks("y h gy gh")),),
    ),
    "LiGRU": Row(gated.ligru, "h", gates("z m"), (torchrecurrent_cell("LiGRUCell", blocks("z m")),)),
    "MiRU": Row(
        gated.miru,
        "h",
        gates("r m"),
        (torchrecurrent_cell("MiRU1Cell", blocks("r m"), update_coefficient=0.5),),
        constants={"lam": 0.5},
    ),
    # -- diagonal and scan-parallel cells
    "IndRNN": Row(
        scan.indrnn,
        "h",
        renamed(W="W_h", u="u", b="b_h"),
        (torchrecurrent_cell("IndRNNCell", _indrnn, nonlinearity="relu"),),
    ),
    "SRU": Row(scan.sru, "c", same("W_f v_f b_f W_r v_r b_r") | renamed(W="W_c")),
    "SRUProjected": Row(
        scan.sru_projected,
        "c",
        same("W_f v_f b_f W_r v_r b_r") | renamed(W="W_c", W_4="W_skip"),
    ),
    "QRNN": Row(scan.qrnn, "last c", gates("z f o", "last x", "W1 W2")),
    "MinGRU": Row(scan.min_gru, "h", same("W_z b_z W_h b_h")),
    "TRNN": Row(scan.trnn, "h", renamed(W="W_h") | same("W_f b_f"), (torchrecurrent_cell("TRNNCell", _trnn),)),
}
