"""What the wrappers need of scikit-learn, which is an optional package: the one place where it is imported."""

from __future__ import annotations

from typing import Any

from kerasish.backend.host_arrays import fetched
from kerasish.suggestions import install

try:
    from sklearn.base import BaseEstimator as BaseEstimator
    from sklearn.base import ClassifierMixin as ClassifierMixin
    from sklearn.base import ClassNamePrefixFeaturesOutMixin as ClassNamePrefixFeaturesOutMixin
    from sklearn.base import RegressorMixin as RegressorMixin
    from sklearn.base import TransformerMixin as TransformerMixin
    from sklearn.utils.multiclass import check_classification_targets as check_classification_targets
    from sklearn.utils.validation import check_is_fitted as check_is_fitted
    from sklearn.utils.validation import validate_data as _validate_data
except ImportError as error:
    raise ImportError(f"`keras.wrappers` needs scikit-learn, 1.6 or later: {install('sklearn')}") from error


def validate_data(estimator: Any, *arrays: Any, **options: Any) -> Any:
    """What scikit-learn makes of inputs and targets, which may lie on the device."""
    return _validate_data(estimator, *map(fetched, arrays), **options)
