"""Embedding 128 + LSTM 128, T = 80, batch 32.

Sentiment of film reviews: 20,000 words, the last 80 of each review.
"""

BATCH = 32
STEPS = 20
WORDS = 20_000
TIMES = 80


def build(keras):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((TIMES,), dtype="int32"),
            layers.Embedding(WORDS, 128),
            layers.LSTM(128),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    return model


def data(rng, samples):
    return rng.integers(0, WORDS, (samples, TIMES), dtype="int32"), rng.integers(0, 2, (samples, 1)).astype("float32")
