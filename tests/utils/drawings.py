"""A model with all that a picture can have, and the words of SVG."""

import kerasish as keras
from kerasish import layers

SVG = "{http://www.w3.org/2000/svg}"


def siamese():
    """Nested models, shared layers, several inputs and outputs."""
    image = keras.Input((8, 8, 3), name="image")
    features = layers.BatchNormalization(name="norm")(layers.Conv2D(4, 3, activation="relu", name="conv")(image))
    backbone = keras.Model(
        image,
        [layers.GlobalAveragePooling2D(name="mean")(features), layers.GlobalMaxPooling2D(name="largest")(features)],
        name="backbone",
    )
    head = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, "relu", name="hidden"), layers.Dense(4, name="scores")], name="head"
    )
    left, right = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")
    shared = layers.Dense(3, name="shared")
    (a, b), (c, d) = backbone(left), backbone(right)
    joined = layers.Concatenate(name="joined")([shared(a), shared(b)])
    other = layers.Concatenate(name="other")([shared(c), shared(d)])
    total = layers.Add(name="total")([head(joined), head(other)])
    return keras.Model([left, right], [total, layers.Activation("softmax", name="chances")(total)], name="siamese")
