"""The graphs of canned models: linear ones, and deep ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kerasish import layers
from kerasish.feature_column import DenseFeatures, FeatureColumn, LinearModel


def linear_logits(features: Any, columns: Sequence[Any], units: int, sparse_combiner: str) -> tuple[Any, list[Any]]:
    """The logits of a linear model, and the variables that are its own.

    Args:
        features: dict from name to symbolic tensor.
        columns: list of columns.
        units: int.
        sparse_combiner: as of `LinearModel`.
    """
    layer = LinearModel(columns, units, sparse_combiner, name="linear")
    return layer(features), layer.trainable_variables


def deep_logits(
    features: Any,
    columns: Sequence[Any],
    hidden_units: Sequence[int],
    units: int,
    activation: Any,
    dropout: float | None,
    batch_norm: bool,
) -> tuple[Any, list[Any]]:
    """The logits of a network on columns, and the variables that are its own.

    Args:
        features: dict from name to symbolic tensor.
        columns: list of columns of vectors.
        hidden_units: list of ints.
        units: int, how many logits there are.
        activation: name or function, behind each hidden layer.
        dropout: float, the rate behind each activation; None for none.
        batch_norm: bool, whether batch normalization stands behind each hidden layer.
    """
    inputs = DenseFeatures(columns, name="dnn_features")
    net, made = inputs(features), [inputs]

    def through(layer, net):
        made.append(layer)
        return layer(net)

    for number, size in enumerate(hidden_units):
        net = through(layers.Dense(size, activation=activation, name=f"dnn_hidden_{number}"), net)
        if dropout:
            net = through(layers.Dropout(dropout, name=f"dnn_dropout_{number}"), net)
        if batch_norm:
            norm = layers.BatchNormalization(momentum=0.999, epsilon=0.001, name=f"dnn_batch_norm_{number}")
            net = through(norm, net)
    logits = through(layers.Dense(units, name="dnn_logits"), net)
    return logits, [variable for layer in made for variable in layer.trainable_variables]


def checked_hidden(hidden_units: Any, columns: Any) -> tuple[list[int], list[Any]]:
    """Sizes and columns as lists. Raises ValueError where one is missing or no list of sizes."""
    sizes = list(hidden_units) if isinstance(hidden_units, Iterable) else []
    if not sizes or any(isinstance(size, bool) or not isinstance(size, int) or size < 1 for size in sizes):
        raise ValueError(f"`hidden_units` must be a list of sizes of hidden layers, got {hidden_units!r}.")
    return sizes, checked_some(columns)


def checked_some(columns: Any) -> list[Any]:
    """A column, or columns, as a list. Raises ValueError where there are none, TypeError for what is none."""
    found = [columns] if isinstance(columns, FeatureColumn) else list(columns or ())
    if not found:
        raise ValueError("`feature_columns` must hold at least one column, got none.")
    for column in found:
        if not isinstance(column, FeatureColumn):
            raise TypeError(f"`feature_columns` must hold columns, got {type(column).__name__}: {column!r:.80}.")
    return found
