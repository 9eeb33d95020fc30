"""`keras.utils`: helpers for data and models."""

from kerasish.utils.batch import pack_x_y_sample_weight as pack_x_y_sample_weight
from kerasish.utils.batch import unpack_x_y_sample_weight as unpack_x_y_sample_weight
from kerasish.utils.numerical import normalize as normalize
from kerasish.utils.numerical import to_categorical as to_categorical
from kerasish.utils.py_dataset import PyDataset as PyDataset
from kerasish.utils.py_dataset import Sequence as Sequence
from kerasish.utils.random_seed import set_random_seed as set_random_seed
from kerasish.utils.sequence import pad_sequences as pad_sequences
