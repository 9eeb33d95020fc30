"""Preprocessing of numbers and pictures inside a model."""

from kerasish.layers.preprocessing.category_encoding import CategoryEncoding
from kerasish.layers.preprocessing.center_crop import CenterCrop
from kerasish.layers.preprocessing.discretization import Discretization
from kerasish.layers.preprocessing.normalization import Normalization
from kerasish.layers.preprocessing.pipeline import Pipeline
from kerasish.layers.preprocessing.rescaling import Rescaling
from kerasish.layers.preprocessing.resizing import Resizing

__all__ = [
    "CategoryEncoding",
    "CenterCrop",
    "Discretization",
    "Normalization",
    "Pipeline",
    "Rescaling",
    "Resizing",
]
