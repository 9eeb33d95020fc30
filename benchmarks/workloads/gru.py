"""GRU 128 over 32 readings, T = 80, batch 32.

A forecast from a window of sensor readings: no embedding, a regression.
"""

BATCH = 32
STEPS = 20
TIMES = 80
READINGS = 32


def build(keras):
    layers = keras.layers
    model = keras.Sequential([keras.Input((TIMES, READINGS)), layers.GRU(128), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def data(rng, samples):
    return rng.standard_normal((samples, TIMES, READINGS), dtype="float32"), rng.standard_normal(
        (samples, 1), dtype="float32"
    )
