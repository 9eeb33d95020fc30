"""Transformer encoder, 2 layers of width 128, 4 heads, T = 128, batch 32.

Classifies texts: token and position embeddings, two blocks that normalise after each sum, the mean over time.
"""

BATCH = 32
STEPS = 10
WORDS = 20_000
TIMES = 128
WIDTH = 128
HEADS = 4


def block(keras, x):
    """Attention and a feed-forward network, each added to what came in and normalised."""
    layers = keras.layers
    attended = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=0.1)(x, x)
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.1)(attended))
    fed = layers.Dense(WIDTH)(layers.Dense(4 * WIDTH, activation="gelu")(x))
    return layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.1)(fed))


def positions(keras):
    """A layer that adds one learned vector to each position."""

    class Positions(keras.layers.Layer):
        def build(self, input_shape):
            self.table = self.add_weight(shape=input_shape[1:], initializer="uniform", name="table")

        def call(self, inputs):
            return inputs + self.table

    return Positions()


def build(keras):
    layers = keras.layers
    words = keras.Input((TIMES,), dtype="int32")
    x = positions(keras)(layers.Embedding(WORDS, WIDTH)(words))
    for _ in range(2):
        x = block(keras, x)
    x = layers.GlobalAveragePooling1D()(x)
    model = keras.Model(words, layers.Dense(2, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def data(rng, samples):
    return rng.integers(0, WORDS, (samples, TIMES), dtype="int32"), rng.integers(0, 2, samples)
