"""How batches reach the training loop: host arrays only, no model, no device.

`make_data(...)` returns a `DataSource`; its `epoch()` yields `(x, y, sample_weight)` of contiguous NumPy arrays.
"""

from kerasish.models.data.arrays import ArrayData as ArrayData
from kerasish.models.data.iterables import GeneratorData as GeneratorData
from kerasish.models.data.iterables import IterableData as IterableData
from kerasish.models.data.make import make_data as make_data
from kerasish.models.data.py_dataset import PyDatasetData as PyDatasetData
from kerasish.models.data.source import DataSource as DataSource
from kerasish.models.data.split import train_validation_split as train_validation_split
from kerasish.models.data.workers import prefetch as prefetch

__all__ = [
    "ArrayData",
    "DataSource",
    "GeneratorData",
    "IterableData",
    "PyDatasetData",
    "make_data",
    "prefetch",
    "train_validation_split",
]
