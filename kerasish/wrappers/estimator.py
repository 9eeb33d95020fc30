"""What the three wrappers share: a model, made or cloned for each `fit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kerasish.models import Model
from kerasish.models.cloning import clone_model
from kerasish.typing import TensorLike
from kerasish.wrappers.sklearn_parts import BaseEstimator, check_is_fitted, validate_data

if TYPE_CHECKING:
    import numpy as np


class ModelEstimator(BaseEstimator):
    """An estimator of scikit-learn around a model: see the wrappers."""

    def __init__(
        self,
        model: Model | Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: Mapping[str, Any] | None = None,
        fit_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True  # weights begin at random, and samples come in random order
        tags.input_tags.three_d_array = True
        return tags

    def _fit_model(self, X, y, targets_for, kwargs):
        """Train a model; `targets_for(model)` gives what it is trained to answer."""
        model = self._model_for(X, y)
        self.history_ = model.fit(X, targets_for(model), **{**(self.fit_kwargs or {}), **kwargs})
        self.model_ = model
        return self

    def _model_for(self, X, y):
        if isinstance(self.model, Model):
            _check_compiled(self.model)
            return self.model if self.warm_start else clone_model(self.model)
        if not callable(self.model):
            raise TypeError(
                "`model` must be a compiled model, or a function of X and y that makes one, got "
                f"{type(self.model).__name__}: {self.model!r:.80}."
            )
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        model = self.model(X=X, y=y, **(self.model_kwargs or {}))
        if not isinstance(model, Model):
            raise TypeError(f"The function in `model` must return a compiled model, it gave {type(model).__name__}.")
        _check_compiled(model)
        return model

    def _outputs(self, X: TensorLike) -> np.ndarray:
        """What the fitted model answers."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, allow_nd=True)
        return self.model_.predict(X, verbose=(self.fit_kwargs or {}).get("verbose", "auto"))


def loss_name(model: Model) -> str:
    """What the loss that a model is compiled with is called: a text's own, that of an object or of a function."""
    loss = model.loss
    return loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")


def _check_compiled(model):
    if not model.compiled or model.loss is None or model.optimizer is None:
        raise RuntimeError("`model` must be compiled, with a loss and an optimizer: call `model.compile(...)` first.")
