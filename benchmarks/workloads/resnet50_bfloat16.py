"""ResNet50 in mixed_bfloat16, 224x224, batch 8."""

from . import policies, resnet50
from .resnet50 import BATCH, STEPS, data

__all__ = ["BATCH", "STEPS", "build", "data"]


def build(keras):
    with policies.under(keras, "mixed_bfloat16"):
        return resnet50.build(keras)
