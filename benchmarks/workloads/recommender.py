"""Wide and deep recommender, embeddings of 100,000 rows, batch 256.

Will this user click on this item? One number a row for the wide part, 32 numbers a row for the deep part, 13 plain
features. A step touches at most 256 of 100,000 rows of each table.
"""

BATCH = 256
STEPS = 20
ROWS = 100_000
FEATURES = 13


def build(keras):
    layers = keras.layers
    user, item, features = keras.Input((), dtype="int32"), keras.Input((), dtype="int32"), keras.Input((FEATURES,))
    wide = layers.Add()([layers.Embedding(ROWS, 1)(user), layers.Embedding(ROWS, 1)(item)])
    deep = layers.Concatenate()([layers.Embedding(ROWS, 32)(user), layers.Embedding(ROWS, 32)(item), features])
    for units in (128, 64):
        deep = layers.Dense(units, activation="relu")(deep)
    score = layers.Add()([wide, layers.Dense(1)(deep)])
    model = keras.Model([user, item, features], layers.Activation("sigmoid")(score))
    model.compile("adam", "binary_crossentropy")
    return model


def data(rng, samples):
    user, item = (rng.integers(0, ROWS, samples, dtype="int32") for _ in range(2))
    return [user, item, rng.standard_normal((samples, FEATURES), dtype="float32")], rng.integers(
        0, 2, (samples, 1)
    ).astype("float32")
