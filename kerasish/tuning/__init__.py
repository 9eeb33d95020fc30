"""`keras.tuning`: searches for good hyperparameters, by Optuna, Ray Tune, or a cloud service that starts trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.tuning.fit import Fit, search_space
    from kerasish.tuning.hyperparameters import HyperParameters
    from kerasish.tuning.optuna_pruning import OptunaPruning
    from kerasish.tuning.parameter import Parameter
    from kerasish.tuning.ray_tune import RayReport, ray_space
    from kerasish.tuning.study import Study
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.tuning.fit": "Fit search_space",
            "kerasish.tuning.hyperparameters": "HyperParameters",
            "kerasish.tuning.optuna_pruning": "OptunaPruning",
            "kerasish.tuning.parameter": "Parameter",
            "kerasish.tuning.ray_tune": "RayReport ray_space",
            "kerasish.tuning.study": "Study",
        },
    )

__all__ = [
    "Fit",
    "HyperParameters",
    "OptunaPruning",
    "Parameter",
    "RayReport",
    "Study",
    "ray_space",
    "search_space",
]
