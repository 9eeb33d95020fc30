"""The models: from sparse rows to the probability of a click.

A row is a list of features, `ids`, and what each is worth, `values`. An `Embedding` looks up only what is there, so
that millions of features cost what the row's few cost.
"""

import kerasish as keras
from kerasish import layers, ops


def linear(row, options):
    """A weight for each feature, summed. The bias is the weight of feature 0."""
    weights = layers.Embedding(options.features, 1, embeddings_initializer="zeros", name="weights")(row["ids"])
    return ops.sum(weights[..., 0] * row["values"], axis=1, keepdims=True)


def vectors(row, options):
    """A vector for each feature, times its value: (batch, features of the row, width)."""
    table = layers.Embedding(options.features, options.width, name="vectors")
    return table(row["ids"]) * ops.expand_dims(row["values"], -1)


def pairs(features):
    """Factorization machine: the products of all pairs of vectors, by (sum² - sum of squares) / 2."""
    return ops.sum(ops.square(ops.sum(features, axis=1)) - ops.sum(ops.square(features), axis=1), -1, keepdims=True) / 2


def hidden(x, options):
    """The hidden layers, with what the flags say."""
    for units in options.units:
        x = layers.Dense(units, use_bias=not options.batch_normalization)(x)
        if options.batch_normalization:
            x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        if options.dropout:
            x = layers.Dropout(options.dropout)(x)
    return x


def deep(features, options):
    """The features' vectors, summed, through the hidden layers."""
    x = hidden(ops.sum(features, axis=1), options)
    return layers.Dense(1)(x)


def crossed(x, depth):
    """Deep & cross: each layer multiplies with the input once more."""
    first = x
    for _ in range(depth):
        x = first * layers.Dense(first.shape[-1])(x) + x
    return x


def lr(row, options):
    """Logistic regression."""
    return linear(row, options)


def dnn(row, options):
    """Hidden layers on the sum of the vectors."""
    return deep(vectors(row, options), options)


def wide_and_deep(row, options):
    """A linear model and a deep one, which learn together (Cheng et al. 2016)."""
    return linear(row, options) + deep(vectors(row, options), options)


def fm(row, options):
    """Factorization machine (Rendle 2010)."""
    return linear(row, options) + pairs(vectors(row, options))


def deepfm(row, options):
    """Both on the same vectors (Guo et al. 2017; the deep part takes their sum, as rows differ in length)."""
    features = vectors(row, options)
    return linear(row, options) + pairs(features) + deep(features, options)


def dcn(row, options):
    """Deep & cross network (Wang et al. 2021, the version with full matrices)."""
    x = ops.sum(vectors(row, options), axis=1)
    both = layers.Concatenate()([crossed(x, depth=2), hidden(x, options)])
    return layers.Dense(1)(both)


MODELS = {"dcn": dcn, "deepfm": deepfm, "dnn": dnn, "fm": fm, "lr": lr, "wide_and_deep": wide_and_deep}


def build(options):
    """The model that the flags describe; `options.features` is the number of ids."""
    row = {"ids": keras.Input((None,), dtype="int32", name="ids"), "values": keras.Input((None,), name="values")}
    options.units = [int(units) for units in options.layers.split(",") if units]
    click = layers.Activation("sigmoid", name="click")(MODELS[options.model](row, options))
    return keras.Model(row, click, name=options.model)
