"""ResNet50, `predict` of one picture.

A service that classifies one photograph a request.
"""

from .resnet50 import build, data

BATCH = 1
STEPS = 1
MEASURES = ("predict",)

__all__ = ["BATCH", "MEASURES", "STEPS", "build", "data"]
