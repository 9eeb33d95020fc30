"""MNIST convnet, `predict` of one sample.

How long a caller waits who serves one request at a time.
"""

from .convnet import build, data

BATCH = 1
STEPS = 1
MEASURES = ("predict",)

__all__ = ["BATCH", "MEASURES", "STEPS", "build", "data"]
