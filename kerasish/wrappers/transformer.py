"""A model as a transformer of scikit-learn: a step of a pipeline that makes new features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kerasish.models import Model
from kerasish.typing import TensorLike
from kerasish.wrappers.estimator import ModelEstimator
from kerasish.wrappers.sklearn_parts import ClassNamePrefixFeaturesOutMixin, TransformerMixin, validate_data

if TYPE_CHECKING:
    import numpy as np


class SKLearnTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ModelEstimator):
    """A model as a transformer of scikit-learn (no attention here): a step of a pipeline that makes new features.

    For a model that is trained already, use `warm_start=True` inside of scikit-learn's `FrozenEstimator`.

    Args:
        model: a compiled model, which is cloned for every `fit`; or a function that takes `X` and `y` (by these names)
            and returns a compiled model.
        warm_start: bool. Whether `fit` goes on with the weights of the last `fit`, or with `model` itself, uncloned.
        model_kwargs: dict of further arguments for the function.
        fit_kwargs: dict of arguments for the model's `fit`; those given to this `fit` come first.

    Attributes:
        model_: the trained model.
        history_: the `History` of its training.
        n_features_in_: how many columns X had.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        >>> model.compile("sgd", "mse")
        >>> features = keras.wrappers.SKLearnTransformer(model, fit_kwargs={"verbose": 0})
        >>> features.fit(np.ones((4, 3)), np.ones((4, 2))).transform(np.ones((5, 3))).shape
        (5, 2)
        >>> features.get_feature_names_out().tolist()
        ['sklearntransformer0', 'sklearntransformer1']
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
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def fit(self, X: TensorLike, y: TensorLike | None = None, **kwargs: Any) -> SKLearnTransformer:
        """Train a model.

        Args:
            X: inputs, shape (samples, features) or with more axes.
            y: targets, shape (samples,) or (samples, targets); None for a model that needs none.
            **kwargs: arguments for the model's `fit`, such as `epochs` or `sample_weight`.

        Returns:
            The transformer itself.
        """
        if y is None:
            X = validate_data(self, X, allow_nd=True)
        else:
            X, y = validate_data(self, X, y, allow_nd=True, multi_output=True, y_numeric=True)
            y = y.reshape(len(y), 1) if y.ndim == 1 else y
        return self._fit_model(X, y, lambda model: y, kwargs)

    def transform(self, X: TensorLike) -> np.ndarray:
        """The model's outputs.

        Args:
            X: inputs, as in `fit`.

        Returns:
            Features, shape (samples, ...).
        """
        return self._outputs(X)

    @property
    def _n_features_out(self):
        return self.model_.output_shape[-1]
