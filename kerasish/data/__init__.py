"""`kerasish.data`: data sets in files that are larger than memory, as batches for `fit`.

TFRecords, CSV and libsvm files, compressed too: read in pieces, many files at once, shuffled within a window, made
ahead on a thread. Keras has no such package; TensorFlow's users know the files.
"""

from kerasish.lazy import lazy

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from kerasish.data import tfrecord as tfrecord
    from kerasish.data.arriving import arriving_files as arriving_files
    from kerasish.data.csv_batches import CSVBatches as CSVBatches
    from kerasish.data.file_batches import FileBatches as FileBatches
    from kerasish.data.libsvm_batches import LibsvmBatches as LibsvmBatches
    from kerasish.data.tfrecord_batches import Feature as Feature
    from kerasish.data.tfrecord_batches import TFRecordBatches as TFRecordBatches

__all__ = [
    "CSVBatches",
    "Feature",
    "FileBatches",
    "LibsvmBatches",
    "TFRecordBatches",
    "arriving_files",
    "tfrecord",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "kerasish.data": "tfrecord",
        "kerasish.data.arriving": "arriving_files",
        "kerasish.data.csv_batches": "CSVBatches",
        "kerasish.data.file_batches": "FileBatches",
        "kerasish.data.libsvm_batches": "LibsvmBatches",
        "kerasish.data.tfrecord_batches": "Feature TFRecordBatches",
    },
)
