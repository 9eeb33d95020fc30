"""The HDF5 files of Keras 1 and 2, of tf.keras, and of Keras 3 where it writes the old form.

Whole models, and weights alone.

Every function takes an open `h5py.File` that `kerasish.files.hdf5.opened` has checked.
"""

from kerasish.files.old_hdf5.load import load_weights
from kerasish.files.old_hdf5.save import save_weights
from kerasish.files.old_hdf5.weights_group import is_model, is_weights
from kerasish.files.old_hdf5.whole import load_model, save_model

__all__ = [
    "is_model",
    "is_weights",
    "load_model",
    "load_weights",
    "save_model",
    "save_weights",
]
