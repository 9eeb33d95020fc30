"""`keras.losses`: what a model minimises, as classes and as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.configs.catalog import Catalog
from kerasish.lazy import says_what_is_missing
from kerasish.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from kerasish.losses.ctc import CTC, ctc
from kerasish.losses.divergence import (
    CategoricalGeneralizedCrossEntropy,
    KLDivergence,
    Poisson,
    categorical_generalized_cross_entropy,
    kl_divergence,
    poisson,
)
from kerasish.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from kerasish.losses.loss import Loss, LossFunctionWrapper
from kerasish.losses.margin import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from kerasish.losses.metric_learning import Circle, circle
from kerasish.losses.overlap import Dice, Tversky, dice, tversky
from kerasish.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from kerasish.typing import Config, CustomObjects

__all__ = [
    "BCE",
    "CTC",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLD",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "bce",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "ctc",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "kld",
    "kullback_leibler_divergence",
    "log_cosh",
    "logcosh",
    "mae",
    "mape",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mse",
    "msle",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]

# Short names, and the ones that Keras 1 and 2 used.
mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
bce = BCE = binary_crossentropy
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh

_CLASSES = [
    CTC,
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    CategoricalHinge,
    Circle,
    CosineSimilarity,
    Dice,
    Hinge,
    Huber,
    KLDivergence,
    LogCosh,
    Loss,
    LossFunctionWrapper,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
    Tversky,
]
_FUNCTIONS = [
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    circle,
    cosine_similarity,
    ctc,
    dice,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
    tversky,
]
_ALIASES = {
    "mse": mse,
    "MSE": mse,
    "mae": mae,
    "MAE": mae,
    "mape": mape,
    "MAPE": mape,
    "msle": msle,
    "MSLE": msle,
    "bce": bce,
    "BCE": bce,
    "kld": kld,
    "KLD": kld,
    "kullback_leibler_divergence": kld,
    "logcosh": log_cosh,
    "cosine_proximity": cosine_similarity,
}
CATALOG = Catalog("loss", _FUNCTIONS + _CLASSES, aliases=_ALIASES)


def get(identifier: str | Config | Callable[..., Any] | None) -> Any:
    """A loss from whatever `compile(loss=...)` takes.

    Args:
        identifier: name ("mse", "MeanSquaredError"), config dict, class, function of (y_true, y_pred), `Loss` or None.

    Returns:
        A function for a function's name, a `Loss` for a class or its name; a function, a `Loss` and None as they are.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    Example:
        >>> import kerasish as keras
        >>> keras.losses.get("mse") is keras.losses.mean_squared_error
        True
    """
    return CATALOG.get(identifier)


def serialize(loss: Loss | Callable[..., Any]) -> Config | str:
    """The config of a loss, as plain data.

    Args:
        loss: `Loss`, or function of the library or registered by the user.

    Returns:
        A dict with "class_name" and "config" for a `Loss`, the name for a function of the library.

    Example:
        >>> import kerasish as keras
        >>> keras.losses.serialize(keras.losses.Huber())["class_name"]
        'Huber'
    """
    return CATALOG.serialize(loss)


def deserialize(name: str | Config, custom_objects: CustomObjects = None) -> Any:
    """The loss that `serialize` described, or that has that name.

    Args:
        name: config dict or string.
        custom_objects: dict from name to class or function of the user's own.

    Returns:
        A `Loss`, or a function for a function's name.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    Example:
        >>> import kerasish as keras
        >>> keras.losses.deserialize(keras.losses.serialize(keras.losses.Huber())).name
        'huber_loss'
    """
    return CATALOG.deserialize(name, custom_objects)


__getattr__ = says_what_is_missing(__name__)
