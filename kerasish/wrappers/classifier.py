"""A model as a classifier of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kerasish import activations
from kerasish.backend import convert_to_numpy
from kerasish.backend.host_arrays import as_numpy
from kerasish.models import Model
from kerasish.typing import TensorLike
from kerasish.wrappers.estimator import ModelEstimator, loss_name
from kerasish.wrappers.sklearn_parts import ClassifierMixin, check_classification_targets, validate_data


class SKLearnClassifier(ClassifierMixin, ModelEstimator):
    """A model as a classifier of scikit-learn: for `Pipeline`, `GridSearchCV`, `cross_val_score` and the like.

    Labels are of any type: numbers, texts, bools. The model has one output a class (its targets are then one-hot, or
    class numbers where its loss is a sparse one), or a single output for two classes.

    Args:
        model: a compiled model, which is cloned for every `fit`; or a function that takes `X` and `y` (by these names;
            `y` one-hot, shape (samples, classes)) and returns a compiled model.
        warm_start: bool. Whether `fit` goes on with the weights of the last `fit`, or with `model` itself, uncloned.
        model_kwargs: dict of further arguments for the function.
        fit_kwargs: dict of arguments for the model's `fit`; those given to this `fit` come first.

    Attributes:
        model_: the trained model.
        history_: the `History` of its training.
        classes_: array of the labels, sorted, in the order of the outputs.
        n_features_in_: how many columns X had.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> def small_model(X, y, units=8):
        ...     keras.utils.set_random_seed(0)
        ...     inputs = keras.Input(X.shape[1:])
        ...     hidden = keras.layers.Dense(units, activation="relu")(inputs)
        ...     model = keras.Model(inputs, keras.layers.Dense(y.shape[1], activation="softmax")(hidden))
        ...     model.compile(keras.optimizers.Adam(0.1), "categorical_crossentropy")
        ...     return model
        >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> y = np.array(["cold", "cold", "warm", "warm"])
        >>> classifier = keras.wrappers.SKLearnClassifier(small_model, fit_kwargs={"epochs": 50, "verbose": 0})
        >>> classifier.fit(X, y).predict(X).tolist()
        ['cold', 'cold', 'warm', 'warm']
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
        tags.classifier_tags.poor_score = True  # a model may be given too few epochs for scikit-learn's bounds
        return tags

    def fit(self, X: TensorLike, y: TensorLike, **kwargs: Any) -> SKLearnClassifier:
        """Train a model.

        Args:
            X: inputs, shape (samples, features) or with more axes.
            y: labels, shape (samples,).
            **kwargs: arguments for the model's `fit`, such as `epochs` or `sample_weight`.

        Returns:
            The classifier itself.
        """
        X, y = validate_data(self, X, y, allow_nd=True)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        _check_weighted_classes(self.classes_, numbers, kwargs.get("sample_weight"))
        one_hot = np.eye(len(self.classes_))[numbers]
        return self._fit_model(X, one_hot, lambda model: numbers if _takes_numbers(model) else one_hot, kwargs)

    def predict(self, X: TensorLike) -> np.ndarray:
        """The most likely label of each sample.

        Args:
            X: inputs, as in `fit`.

        Returns:
            Labels, shape (samples,).
        """
        outputs = self._outputs(X)
        if outputs.shape[-1] == 1 and len(self.classes_) == 2:
            threshold = 0.0 if _gives_logits(self.model_) else 0.5
            return self.classes_[(outputs[:, 0] > threshold).astype("int64")]
        return self.classes_[np.argmax(outputs, axis=-1)]

    def predict_proba(self, X: TensorLike) -> np.ndarray:
        """How likely each label is for each sample.

        Args:
            X: inputs, as in `fit`.

        Returns:
            Probabilities, float64 of shape (samples, classes), a column for each of `classes_`.

        Raises:
            ValueError: where the model's outputs are neither probabilities nor, by its loss, logits.
        """
        outputs = self._outputs(X).astype("float64")
        if _gives_logits(self.model_):
            squash = activations.sigmoid if outputs.shape[-1] == 1 else activations.softmax
            outputs = convert_to_numpy(squash(outputs))
        elif outputs.min(initial=0) < 0 or outputs.max(initial=0) > 1 + 1e-6:
            raise ValueError(
                "The outputs of the model are no probabilities. Let its last activation be 'softmax' or 'sigmoid', or "
                "its loss have `from_logits=True`."
            )
        if outputs.shape[-1] == 1 and len(self.classes_) == 2:
            outputs = np.concatenate([1 - outputs, outputs], axis=1)
        return outputs / outputs.sum(axis=1, keepdims=True)

    def decision_function(self, X: TensorLike) -> np.ndarray:
        """The model's outputs; for two classes how much more the second has than the first, as scikit-learn expects.

        Args:
            X: inputs, as in `fit`.

        Returns:
            Scores, shape (samples, classes); for two classes shape (samples,), positive for the second.
        """
        outputs = self._outputs(X)
        if len(self.classes_) != 2:
            return outputs
        outputs = outputs.astype("float64")
        if outputs.shape[-1] == 1:
            return outputs[:, 0] if _gives_logits(self.model_) else 2 * outputs[:, 0] - 1
        return outputs[:, 1] - outputs[:, 0]


def _check_weighted_classes(classes, numbers, sample_weight):
    """Refuse weights that leave one class of several."""
    if sample_weight is None or len(classes) < 2:
        return
    weighted = np.unique(numbers[as_numpy(sample_weight) != 0])
    if len(weighted) < 2:
        raise ValueError("`sample_weight` leaves samples of one class only: there is nothing to tell apart.")


def _takes_numbers(model):
    """Whether a model is trained on class numbers, by its loss or because one output tells two classes."""
    shape = getattr(model, "output_shape", None) if model.built else None
    is_single = isinstance(shape, tuple) and shape[-1] == 1
    return is_single or loss_name(model) in ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy")


def _gives_logits(model):
    return bool(getattr(model.loss, "from_logits", False))
