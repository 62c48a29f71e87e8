"""The table: a row a built-in cell, with its transcription and other counterparts, and the paper's parameters."""

from __future__ import annotations

from . import _parts as parts
from . import papers_gated as gated
from . import papers_lstm as lstms
from . import papers_memory as memory
from . import papers_scan as scan
from ._libraries import blocks, torch_nn, torchrecurrent_cell
from ._onnx_runtime import onnx_runtime
from ._parameters import columns, gates, renamed, same
from ._row import UNSTABILISED, Counterpart, Row

PEEPHOLES = same("p_i p_f p_o")


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
        (ONNX_LSTM, torchrecurrent_cell("PeepholeLSTMCell", parts.peephole)),
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
    "LayerNormLSTM": Row(lstms.layer_normed, "h c", parts.layer_normed()),
    "LayerNormCarriedLSTM": Row(lstms.layer_normed_carried, "h c", parts.layer_normed()),
    "MultiplicativeLSTM": Row(
        lstms.multiplicative,
        "h c",
        gates("i f g o") | renamed(W_m="W_mx", U_m="W_mh"),
        (torchrecurrent_cell("MultiplicativeLSTMCell", parts.multiplicative),),
    ),
    "JANET": Row(
        memory.janet,
        "h",
        gates("f c=g"),
        (torchrecurrent_cell("JANETCell", parts.janet, twice=True),),
        constants={"beta": 1.0},
    ),
    "RAN": Row(
        memory.ran,
        "h c",
        gates("i f") | same("W_c"),
        (torchrecurrent_cell("RANCell", parts.ran),),
    ),
    "NAS": Row(
        memory.nas,
        "h c",
        gates("0=l0 1=l1 2=l2 4=l4 5=l5 6=l6 7=l7", bias=False) | renamed(W_3="W_u3", U_3="W_v3"),
        (torchrecurrent_cell("NASCell", parts.nas, differs="l3 = relu(u3 + v3)"),),
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
        (Counterpart(UNSTABILISED, parts.slstm_plain),),
        ranges={"total": (0.5, 1.5)},
    ),
    "MLSTM": Row(
        memory.mlstm,
        "C total m",
        same("w_i w_f b_i b_f W_q b_q W_v b_v W_o b_o") | renamed(W_k="W_key") | {"b_k": parts.mlstm_key_bias},
        (Counterpart(UNSTABILISED, parts.mlstm_plain),),
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
        (torchrecurrent_cell("MUT1Cell", parts.mut1, note=" with W = 1"),),
    ),
    "MUT2": Row(
        gated.mut2,
        "h",
        gates("z h") | renamed(U_r="W_r", b_r="b_r"),
        (torchrecurrent_cell("MUT2Cell", parts.mut2, note=" with W = 1"),),
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
        (torchrecurrent_cell("MiRU1Cell", blocks("r m"), options=lambda p: {"update_coefficient": p.lam}),),
        constants={"lam": 0.5},
    ),
    # -- diagonal and scan-parallel cells
    "IndRNN": Row(
        scan.indrnn,
        "h",
        renamed(W="W_h", u="u", b="b_h"),
        (torchrecurrent_cell("IndRNNCell", parts.indrnn, options=lambda p: {"nonlinearity": "relu"}),),
    ),
    "SRU": Row(scan.sru, "c", same("W_f v_f b_f W_r v_r b_r") | renamed(W="W_c")),
    "SRUProjected": Row(
        scan.sru_projected,
        "c",
        same("W_f v_f b_f W_r v_r b_r") | renamed(W="W_c", W_4="W_skip"),
    ),
    "QRNN": Row(scan.qrnn, "last c", gates("z f o", "last x", "W1 W2")),
    "MinGRU": Row(scan.min_gru, "h", same("W_z b_z W_h b_h")),
    "TRNN": Row(scan.trnn, "h", renamed(W="W_h") | same("W_f b_f"), (torchrecurrent_cell("TRNNCell", parts.trnn),)),
}
