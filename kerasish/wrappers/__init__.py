"""`keras.wrappers`: models as estimators of scikit-learn, for pipelines, searches and cross-validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.wrappers.classifier import SKLearnClassifier
    from kerasish.wrappers.regressor import SKLearnRegressor
    from kerasish.wrappers.transformer import SKLearnTransformer
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.wrappers.classifier": "SKLearnClassifier",
            "kerasish.wrappers.regressor": "SKLearnRegressor",
            "kerasish.wrappers.transformer": "SKLearnTransformer",
        },
    )

__all__ = [
    "SKLearnClassifier",
    "SKLearnRegressor",
    "SKLearnTransformer",
]
