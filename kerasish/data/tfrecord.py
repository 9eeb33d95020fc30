"""`kerasish.data.tfrecord`: TFRecord files, TensorFlow's container of records, read and written without it."""

from kerasish.data.examples import decode_example as decode_example
from kerasish.data.examples import decode_sequence_example as decode_sequence_example
from kerasish.data.examples import encode_example as encode_example
from kerasish.data.examples import encode_sequence_example as encode_sequence_example
from kerasish.data.record_files import Writer as Writer
from kerasish.data.record_files import read as read
from kerasish.data.record_files import write as write
from kerasish.lazy import says_what_is_missing

__all__ = [
    "Writer",
    "decode_example",
    "decode_sequence_example",
    "encode_example",
    "encode_sequence_example",
    "read",
    "write",
]

__getattr__ = says_what_is_missing(__name__)
