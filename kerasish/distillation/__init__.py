"""A large trained model teaches a small one (`keras.distillation`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.distillation.distillation_loss import DistillationLoss
    from kerasish.distillation.distiller import Distiller
    from kerasish.distillation.feature_distillation import FeatureDistillation
    from kerasish.distillation.logits_distillation import LogitsDistillation
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.distillation.distillation_loss": "DistillationLoss",
            "kerasish.distillation.distiller": "Distiller",
            "kerasish.distillation.feature_distillation": "FeatureDistillation",
            "kerasish.distillation.logits_distillation": "LogitsDistillation",
        },
    )

__all__ = [
    "DistillationLoss",
    "Distiller",
    "FeatureDistillation",
    "LogitsDistillation",
]
