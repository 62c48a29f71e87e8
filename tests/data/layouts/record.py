"""Record what Keras and Flax compute: weights as their layers print them, one sequence, and every output.

Not run by the tests, which read the files: Keras, JAX and Flax are large. In an environment of their own:

    python -m venv .venv-record
    .venv-record/bin/pip install keras==3.15.1 flax==0.12.8 jax==0.10.2
    KERAS_BACKEND=jax .venv-record/bin/python tests/data/layouts/record.py

Each file is `Cell.layout.variant.npz`: `weight:NAME` are the layer's arrays, `x` is (time, batch, n) and `y`
(time, batch, k).
"""

import pathlib

import flax
import flax.linen as nn
import jax
import jax.numpy as jnp
import keras
import numpy as np

N, K, TIME, BATCH = 3, 5, 7, 2
HERE = pathlib.Path(__file__).parent
KERAS = {
    "LSTM.keras.LSTM": keras.layers.LSTM(K, return_sequences=True),
    "GRU.keras.GRU": keras.layers.GRU(K, return_sequences=True),
    "GRUResetBefore.keras.GRU": keras.layers.GRU(K, return_sequences=True, reset_after=False),
    "Elman.keras.SimpleRNN": keras.layers.SimpleRNN(K, return_sequences=True),
    "ElmanRelu.keras.SimpleRNN": keras.layers.SimpleRNN(K, return_sequences=True, activation="relu"),
}
FLAX = {
    "LSTM.flax.LSTMCell": nn.LSTMCell(K),
    "LSTM.flax.OptimizedLSTMCell": nn.OptimizedLSTMCell(K),
    "GRU.flax.GRUCell": nn.GRUCell(K),
    "Elman.flax.SimpleCell": nn.SimpleCell(K),
    "ElmanRelu.flax.SimpleCell": nn.SimpleCell(K, activation_fn=nn.relu),
}
rng = np.random.default_rng(0)


def drawn(*shape: int) -> np.ndarray:
    return rng.normal(0.1, 0.7, shape).astype("float32")


def write(name: str, weights: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> None:
    arrays = {f"weight:{key}": np.asarray(value) for key, value in weights.items()}
    np.savez_compressed(HERE / f"{name}.npz", x=x, y=np.asarray(y), **arrays)


def record_keras(name: str, layer: keras.layers.Layer) -> None:
    x = drawn(TIME, BATCH, N)
    layer.build((BATCH, TIME, N))
    layer.set_weights([drawn(*weight.shape) for weight in layer.get_weights()])
    weights = {weight.name: value for weight, value in zip(layer.weights, layer.get_weights(), strict=True)}
    write(name, weights, x, np.swapaxes(np.asarray(layer(np.swapaxes(x, 0, 1))), 0, 1))


def record_flax(name: str, cell: nn.RNNCellBase) -> None:
    x = drawn(TIME, BATCH, N)
    model = nn.RNN(cell, time_major=True)
    shapes = model.init(jax.random.key(0), jnp.asarray(x))["params"]
    params = jax.tree.map(lambda leaf: drawn(*leaf.shape), shapes)
    y = model.apply({"params": params}, jnp.asarray(x))
    (own,) = params.values() if len(params) == 1 else (params,)  # nn.RNN keeps the cell's below its name
    write(name, flax.traverse_util.flatten_dict(own, sep="/"), x, y)


if __name__ == "__main__":
    jax.config.update("jax_default_matmul_precision", "highest")
    for name, layer in KERAS.items():
        record_keras(name, layer)
    for name, cell in FLAX.items():
        record_flax(name, cell)
