"""A model as a regressor of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kerasish.models import Model
from kerasish.typing import TensorLike
from kerasish.wrappers.estimator import ModelEstimator
from kerasish.wrappers.sklearn_parts import RegressorMixin, validate_data

if TYPE_CHECKING:
    import numpy as np


class SKLearnRegressor(RegressorMixin, ModelEstimator):
    """A model as a regressor of scikit-learn: for `Pipeline`, `GridSearchCV`, `cross_val_score` and the like.

    Args:
        model: a compiled model, which is cloned for every `fit`; or a function that takes `X` and `y` (by these names;
            `y` of shape (samples, targets)) and returns a compiled model.
        warm_start: bool. Whether `fit` goes on with the weights of the last `fit`, or with `model` itself, uncloned.
        model_kwargs: dict of further arguments for the function.
        fit_kwargs: dict of arguments for the model's `fit`; those given to this `fit` come first.

    Attributes:
        model_: the trained model.
        history_: the `History` of its training.
        n_features_in_: how many columns X had.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
        >>> model.compile(keras.optimizers.SGD(0.1), "mse")
        >>> X = np.array([[-1.0], [0.0], [1.0]])
        >>> regressor = keras.wrappers.SKLearnRegressor(model, fit_kwargs={"epochs": 200, "verbose": 0})
        >>> regressor.fit(X, 2 * X[:, 0] + 1).predict(X).round(2).tolist()
        [-1.0, 1.0, 3.0]
    """

    def __init__(
        self,
        model: Model | Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: Mapping[str, Any] | None = None,
        fit_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(model, warm_start, model_kwargs, fit_kwargs)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # a model may be given too few epochs for scikit-learn's bounds
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: TensorLike, y: TensorLike, **kwargs: Any) -> SKLearnRegressor:
        """Train a model.

        Args:
            X: inputs, shape (samples, features) or with more axes.
            y: numbers, shape (samples,) or (samples, targets).
            **kwargs: arguments for the model's `fit`, such as `epochs` or `sample_weight`.

        Returns:
            The regressor itself.
        """
        X, y = validate_data(self, X, y, allow_nd=True, multi_output=True, y_numeric=True)
        targets = y.reshape(len(y), -1)
        return self._fit_model(X, targets, lambda model: targets, kwargs)

    def predict(self, X: TensorLike) -> np.ndarray:
        """The number (or numbers) that the model expects for each sample.

        Args:
            X: inputs, as in `fit`.

        Returns:
            Numbers, shape (samples,), or (samples, targets) where there are several.
        """
        outputs = self._outputs(X)
        if outputs.ndim == 2 and outputs.shape[1] == 1:
            return outputs[:, 0]
        return outputs.astype("float64")  # as scikit-learn's checks of several targets want it
