"""Cells of libraries that have a spec, what an audit must say of each, and what was read in paper and source.

A note has two lines where paper and code differ: the paper's equation, and the line of the source that says otherwise.
Others say what was asked about an agreement: other options, or documentation that says something else than the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TORCH, RECURRENT = "torch.nn", "torchrecurrent"


@dataclass(frozen=True)
class Row:
    """A comparison.

    Attributes:
        cell: The built-in cell.
        code: What is compared with it, as `lstmspec audit` takes it.
        edits: What has to be found: the edited equations, what was done to all biases first; none if both agree.
        constants: Values of the cell's constants that the code is made with.
        notes: What was read where they differ, or asked where they agree.

    """

    cell: str
    code: str
    edits: tuple[str, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def _torch(cell: str, code: str, *notes: str) -> Row:
    return Row(cell, f"{TORCH}:{code}", notes=notes)


def _both(cell: str, kind: str, sizes: str, *edits: str, notes: tuple[str, ...] = ()) -> tuple[Row, Row]:
    """A cell, which takes a step, and the layer of it, which takes a sequence: one verdict."""
    step, sequence = (f"{RECURRENT}:{kind}{suffix}({sizes})" for suffix in ("Cell", ""))
    return Row(cell, step, edits, notes=notes), Row(cell, sequence, edits)


ROWS: tuple[Row, ...] = (
    _torch("Elman", "RNN(n, k)"),
    _torch("ElmanRelu", "RNN(n, k, nonlinearity='relu')"),
    _torch("Elman", "RNNCell(n, k)"),
    _torch("LSTM", "LSTM(n, k)"),
    _torch("LSTM", "LSTM(n, k, batch_first=True)"),
    _torch("LSTM", "LSTMCell(n, k)"),
    _torch("LSTMP", "LSTM(n, k, proj_size=p)"),
    _torch("GRU", "GRU(n, k)"),
    _torch("GRU", "GRUCell(n, k)"),
    Row(
        "GRUResetBefore",
        f"{TORCH}:GRU(n, k)",
        ("m = tanh(W_m[:, :n] @ x + r * (W_m[:, n:n+k] @ h + b_extra) + b_m)",),
        notes=(
            "paper (third version of the preprint): m = tanh(W x + U (r * h))",
            "its documentation: n = tanh(W_in x + b_in + r * (W_hn h + b_hn)), and it says that the paper's is another",
        ),
    ),
    *_both(
        "OriginalLSTM",
        "OriginalLSTM",
        "n, k",
        notes=("both have tanh where the paper has logistic functions scaled to (-2, 2) and (-1, 1)",),
    ),
    *_both("Peephole", "PeepholeLSTM", "n, k"),
    *_both(
        "MultiplicativeLSTM",
        "MultiplicativeLSTM",
        "n, k",
        "m = (W_mx @ x + b_extra1) * (W_mh @ h + b_extra2)",
        notes=(
            "paper: m = (W_mx x) * (W_mh h)",
            "code: multiplicative_state = gxs1 * (b_h @ weight_hh.t() + bias_hh), where gxs1 has bias_ih",
        ),
    ),
    Row(
        "MultiplicativeLSTM",
        f"{RECURRENT}:MultiplicativeLSTMCell(n, k, bias=False, recurrent_bias=False)",
        notes=("the biases of the gates are multiplicative_bias, which is left on",),
    ),
    *_both(
        "JANET",
        "JANET",
        "n, k",
        notes=(
            "agrees where its h and its c are one, as they are after any step; the first h and c may be given apart",
            "beta is learned in the code, a Parameter of shape (1), and a constant in the spec and in the paper",
        ),
    ),
    *_both(
        "RAN",
        "RAN",
        "n, k",
        notes=(
            "its documentation has a bias in the content, W x + b; the code has none there, and agrees with the paper",
            "the paper has h = g(c), with g the identity or tanh; spec and code have tanh",
        ),
    ),
    *_both(
        "NAS",
        "NAS",
        "n, k",
        "l0 = sigmoid(W_l0 @ concat(x, h) + b_extra1)",
        "l3 = relu(W_u3 @ x + b_extra4 + (W_v3 @ h + b_extra5))",
        notes=(
            "paper, and NASCell of TensorFlow 1: the fourth node is relu(u3 * v3), and no layer has a bias",
            "code: gates = x @ weight_ih.t() + bias_ih + h @ weight_hh.t() + bias_hh; layer1_3 = torch.relu(g3)",
            "its documentation has c = l1 * l2 where the code has c = tanh(l1 + c) * l2, as the paper",
        ),
    ),
    Row(
        "NAS",
        f"{RECURRENT}:NASCell(n, k, bias=False, recurrent_bias=False)",
        ("l3 = relu(W_u3 @ x + W_v3 @ h)",),
    ),
    *_both("MGU", "MGU", "n, k"),
    *_both(
        "MUT1",
        "MUT1",
        "k, k",
        "h.next = tanh(W_h @ (r * h) + b_h + tanh(W_extra @ x + b_extra)) * z + h * (1 - z)",
        notes=(
            "paper: h' = tanh(W_hh (r * h) + tanh(x) + b_h) * z + h * (1 - z)",
            "code: torch.tanh(gxs3), where gxs3 is a third of x @ weight_ih.t() + bias_ih",
        ),
    ),
    *_both(
        "MUT2",
        "MUT2",
        "k, k",
        "r = sigmoid(W_extra @ x + (W_r @ h + b_r))",
        notes=(
            "paper: r = sigm(x + W_hr h + b_r)",
            "code: torch.sigmoid(gxs2 + …), where gxs2 is a third of x @ weight_ih.t() + bias_ih",
        ),
    ),
    *_both(
        "MUT3",
        "MUT3",
        "n, k",
        notes=(
            "its documentation has h in z and x in r, as the second mutant; the code has tanh(h) and W x, as the paper",
        ),
    ),
    *_both("UGRNN", "UGRNN", "n, k", notes=("the paper leaves the candidate's activation open; both have tanh",)),
    *_both(
        "IntersectionRNN",
        "IntersectionRNN",
        "k, k",
        notes=("a step returns (y, h'), and y is compared with the output of the spec, not with h'",),
    ),
    *_both(
        "LiGRU",
        "LiGRU",
        "n, k",
        notes=("neither spec nor code has the paper's batch normalisation of W x, and both have biases in its place",),
    ),
    *_both("MiRU", "MiRU1", "n, k"),
    Row(
        "MiRU",
        f"{RECURRENT}:MiRU1Cell(n, k, update_coefficient=0.3)",
        constants={"lam": 0.3},
        notes=(
            "at 0.5, the default, lam and 1 - lam are one number, and which of them weighs the state does not show",
        ),
    ),
    *_both(
        "IndRNN",
        "IndRNN",
        "n, k",
        "h.next = tanh(W_h @ x + b_h + u * h)",
        notes=(
            "paper: h' = σ(W x + u * h + b), and the rectifier is the σ that it argues for; the spec has that one",
            'code: nonlinearity="tanh" is the default, and its documentation says so',
        ),
    ),
    Row("IndRNN", f"{RECURRENT}:IndRNNCell(n, k, nonlinearity='relu')"),
    *_both(
        "TRNN",
        "TRNN",
        "n, k",
        "h.next = f * h + (1 - f) * (W_h @ x + b_extra)",
        notes=(
            "paper: z = W x, f = σ(V x + b), h' = f * h + (1 - f) * z",
            "code: latent, forget_pre = (x @ weight_ih.t() + bias_ih).chunk(2, 1), so z has a bias too",
        ),
    ),
    Row(
        "TRNN",
        f"{RECURRENT}:TRNNCell(n, k, bias=False)",
        ("f = sigmoid(W_f @ x)",),
        notes=("bias=False takes the gate's bias too: with neither setting it is the paper's cell",),
    ),
)
