"""Training steps on the device in use: microseconds a step, launches a step, and whether they are one CUDA graph.

`KERASISH_BACKEND=cupy python -m benchmarks.gpu_steps` on a machine with a card; `gpu_check.sh` runs it last.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import kerasish as keras
from kerasish import backend

layers = keras.layers


def mlp():
    """The smallest: what a launch costs."""
    return keras.Sequential([keras.Input((32,)), layers.Dense(64, "relu"), layers.Dense(10, "softmax")])


def convnet():
    """MNIST's."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, "softmax"),
        ]
    )


def lstm():
    """A loop of 64 turns."""
    return keras.Sequential([keras.Input((64, 32)), layers.LSTM(128), layers.Dense(10, "softmax")])


def transformer():
    """One block."""
    x = inputs = keras.Input((64, 128))
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, 32)(x, x))
    x = layers.LayerNormalization()(x + layers.Dense(128)(layers.Dense(512, "gelu")(x)))
    return keras.Model(inputs, layers.Dense(10, "softmax")(layers.GlobalAveragePooling1D()(x)))


def table():
    """Rows of a table of 800,000, of which a step of Adam is to touch those of the batch alone."""
    ids = keras.Input((20,), dtype="int32")
    x = layers.GlobalAveragePooling1D()(layers.Embedding(ROWS, 64)(ids))
    return keras.Model(ids, layers.Dense(10, "softmax")(x))


MODELS = {"mlp": mlp, "convnet": convnet, "lstm": lstm, "transformer": transformer, "table": table}
ROWS = 800_000


def measured(make, batch: int, steps: int) -> tuple[float, str]:
    """(microseconds a step, how the step is launched)."""
    keras.utils.set_random_seed(0)
    model = make()
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    shape = (batch, *model.input_shape[1:])
    names_rows = "int" in str(model.inputs[0].dtype)
    x = rng.integers(0, ROWS, shape, "int32") if names_rows else rng.standard_normal(shape).astype("float32")
    y = rng.integers(0, 10, (batch,))
    for _ in range(3):
        model.train_on_batch(x, y)
    backend.device().synchronize()
    before = time.perf_counter()
    model.fit(np.repeat(x, steps, 0), np.repeat(y, steps), batch_size=batch, shuffle=False, verbose=0)
    backend.device().synchronize()
    seconds = time.perf_counter() - before
    return seconds / steps * 1e6, model.explain(x, y, kind="train", repeat=1).launch or ""


def main(arguments: list[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=list(MODELS))
    options = parser.parse_args(arguments)
    print(f"{backend.backend()}, batch {options.batch}")
    for name in options.models:
        time_a_step, launch = measured(MODELS[name], options.batch, options.steps)
        print(f"{name:12} {time_a_step:10.0f} us  {launch}", flush=True)


if __name__ == "__main__":
    main()
