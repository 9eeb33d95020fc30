"""`keras.wrappers.scikit_learn`: the wrappers of Keras 2, for programs that were written for them.

Today's are `SKLearnClassifier` and `SKLearnRegressor`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend.deprecation import warn_renamed
from kerasish.backend.host_arrays import as_numpy
from kerasish.callbacks import History
from kerasish.models import Model
from kerasish.suggestions import did_you_mean, in_backticks
from kerasish.typing import TensorLike
from kerasish.utils.numerical import to_categorical
from kerasish.wrappers.estimator import loss_name
from kerasish.wrappers.sklearn_parts import BaseEstimator, ClassifierMixin, RegressorMixin

__all__ = ["KerasClassifier", "KerasRegressor"]


class _Wrapper(BaseEstimator):
    """What both have in common: arguments of the builder, of `fit`, `predict` and `evaluate` in one bag."""

    _today = ""

    def __init__(self, build_fn: Callable[..., Model] | None = None, **sk_params: Any) -> None:
        warn_renamed("keras.wrappers.scikit_learn", type(self).__name__, f"keras.wrappers.{self._today}")
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    def check_params(self, params: dict[str, Any]) -> None:
        """Refuse a parameter that nobody takes.

        Args:
            params: dict of parameters.

        Raises:
            ValueError: for a name that is no argument of the builder, nor of the model's `fit`, `predict` and
                `evaluate`.
        """
        known = {
            name
            for function in (Model.fit, Model.predict, Model.evaluate, self._builder)
            for name in inspect.signature(function).parameters
        }
        takes_all = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(self._builder).parameters.values())
        for name in params:
            if name not in known and name != "nb_epoch" and not takes_all:
                raise ValueError(f"{name!r} is no legal parameter.{did_you_mean(name, known, quoted=in_backticks)}")

    @property
    def _builder(self):
        """The function that makes the model: `build_fn`, or a subclass's own `__call__`."""
        if self.build_fn is not None:
            return self.build_fn
        if not callable(self):
            raise ValueError("`build_fn` must be a function that returns a compiled model, got None.")
        return self.__call__

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters, as scikit-learn asks for them.

        Args:
            deep: has no effect.

        Returns:
            Dict of the `sk_params` and `build_fn`.
        """
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Any:
        """Change parameters.

        Args:
            **params: new values, `build_fn` among them or not.

        Returns:
            The wrapper itself.
        """
        params = dict(params)
        self.build_fn = params.pop("build_fn", self.build_fn)
        self.check_params(params)
        self.sk_params = {**self.sk_params, **params}
        return self

    def filter_sk_params(self, fn: Callable[..., Any], override: dict[str, Any] | None = None) -> dict[str, Any]:
        """Those of the parameters that a function takes.

        Args:
            fn: the function.
            override: dict of values that come before the parameters'.

        Returns:
            Dict of arguments.
        """
        taken = inspect.signature(fn).parameters
        return {**{name: value for name, value in self.sk_params.items() if name in taken}, **(override or {})}

    def fit(self, x: TensorLike, y: TensorLike, **kwargs: Any) -> History:
        """Build a model and train it.

        Args:
            x: inputs, shape (samples, ...).
            y: targets or labels.
            **kwargs: arguments for the model's `fit`, before those of the parameters.

        Returns:
            The `History` of the training.
        """
        self.model = self._builder(**self.filter_sk_params(self._builder))
        if loss_name(self.model) == "categorical_crossentropy" and np.ndim(y) != 2:
            y = to_categorical(y)
        return self.model.fit(x, y, **self.filter_sk_params(Model.fit, kwargs))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")


class KerasClassifier(ClassifierMixin, _Wrapper):
    """Keras 2's classifier for scikit-learn: a function that builds a model, and parameters for it and for `fit`.

    Args:
        build_fn: function that returns a compiled model; its arguments are parameters, too. None where a subclass has
            a `__call__` for it.
        **sk_params: arguments of `build_fn`, and of the model's `fit`, `predict` and `evaluate`.

    Attributes:
        model: the trained model.
        classes_: array of the labels, sorted.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> from kerasish.wrappers.scikit_learn import KerasClassifier
        >>> def build(units=3):
        ...     model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, activation="softmax")])
        ...     model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        ...     return model
        >>> classifier = KerasClassifier(build, epochs=2, verbose=0)
        >>> classifier.fit(np.ones((6, 2)), ["a", "b", "c"] * 2).epoch
        [0, 1]
        >>> classifier.predict_proba(np.ones((4, 2))).shape
        (4, 3)
    """

    _today = "SKLearnClassifier"

    def fit(self, x: TensorLike, y: TensorLike, **kwargs: Any) -> History:
        """Build a model and train it.

        Args:
            x: inputs, shape (samples, ...).
            y: labels of any type, shape (samples,) or (samples, 1), or one-hot, shape (samples, classes).
            **kwargs: arguments for the model's `fit`, before those of the parameters.

        Returns:
            The `History` of the training.
        """
        y = as_numpy(y)
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        elif y.ndim == 1 or y.ndim == 2:
            self.classes_ = np.unique(y)
            y = np.searchsorted(self.classes_, y)
        else:
            raise ValueError(f"`y` must have shape (samples,) or (samples, classes), got {y.shape}.")
        self.n_classes_ = len(self.classes_)
        return super().fit(x, y, **kwargs)

    def predict(self, x: TensorLike, **kwargs: Any) -> np.ndarray:
        """The most likely label of each sample.

        Args:
            x: inputs, shape (samples, ...).
            **kwargs: arguments for the model's `predict`.

        Returns:
            Labels, shape (samples,); (samples, 1) where the model has a single output.
        """
        outputs = self.model.predict(x, **self.filter_sk_params(Model.predict, kwargs))
        if outputs.shape[-1] > 1:
            return self.classes_[outputs.argmax(axis=-1)]
        return self.classes_[(outputs > 0.5).astype("int32")]

    def predict_proba(self, x: TensorLike, **kwargs: Any) -> np.ndarray:
        """How likely each label is for each sample: the model's outputs.

        Args:
            x: inputs, shape (samples, ...).
            **kwargs: arguments for the model's `predict`.

        Returns:
            Probabilities, shape (samples, classes); two columns where the model has a single output.
        """
        outputs = self.model.predict(x, **self.filter_sk_params(Model.predict, kwargs))
        return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs

    def score(self, x: TensorLike, y: TensorLike, **kwargs: Any) -> float:
        """The accuracy that the model reports.

        Args:
            x: inputs, shape (samples, ...).
            y: labels, as in `fit`.
            **kwargs: arguments for the model's `evaluate`.

        Returns:
            Share of samples whose label is the most likely one.

        Raises:
            ValueError: where the model has no metric "accuracy".
        """
        y = as_numpy(y)
        numbers = y if y.ndim == 2 and y.shape[1] > 1 else np.searchsorted(self.classes_, y)
        if loss_name(self.model) == "categorical_crossentropy" and numbers.ndim != 2:
            numbers = to_categorical(numbers, len(self.classes_))
        kwargs = self.filter_sk_params(Model.evaluate, kwargs)
        found = self.model.evaluate(x, numbers, **{**kwargs, "return_dict": True})
        for name in ("accuracy", "acc"):
            if name in found:
                return found[name]
        raise ValueError('The model has no accuracy to score by: pass `metrics=["accuracy"]` to its `compile`.')


class KerasRegressor(RegressorMixin, _Wrapper):
    """Keras 2's regressor for scikit-learn: a function that builds a model, and parameters for it and for `fit`.

    Args:
        build_fn: function that returns a compiled model; its arguments are parameters, too. None where a subclass has
            a `__call__` for it.
        **sk_params: arguments of `build_fn`, and of the model's `fit`, `predict` and `evaluate`.

    Attributes:
        model: the trained model.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> from kerasish.wrappers.scikit_learn import KerasRegressor
        >>> def build(rate=0.1):
        ...     model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        ...     model.compile(keras.optimizers.SGD(rate), "mse")
        ...     return model
        >>> regressor = KerasRegressor(build, rate=0.2, epochs=3, verbose=0)
        >>> regressor.fit(np.ones((4, 1)), np.ones(4)).epoch
        [0, 1, 2]
        >>> regressor.predict(np.ones((5, 1))).shape
        (5,)
    """

    _today = "SKLearnRegressor"

    def predict(self, x: TensorLike, **kwargs: Any) -> np.ndarray:
        """The number that the model expects for each sample.

        Args:
            x: inputs, shape (samples, ...).
            **kwargs: arguments for the model's `predict`.

        Returns:
            Numbers, shape (samples,), or (samples, targets) where there are several.
        """
        outputs = self.model.predict(x, **self.filter_sk_params(Model.predict, kwargs))
        return outputs[..., 0] if outputs.shape[-1] == 1 else outputs

    def score(self, x: TensorLike, y: TensorLike, **kwargs: Any) -> float:
        """Minus the loss, so that more is better.

        Args:
            x: inputs, shape (samples, ...).
            y: targets.
            **kwargs: arguments for the model's `evaluate`.

        Returns:
            Minus the loss.
        """
        kwargs = self.filter_sk_params(Model.evaluate, kwargs)
        return -self.model.evaluate(x, y, **{**kwargs, "return_dict": True})["loss"]
