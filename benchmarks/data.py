"""What goes into `fit`, and how fast it comes out: samples a second and memory of each kind of source.

    python benchmarks/data.py            # all that is installed
    python benchmarks/data.py csv hdf5   # these

200,000 rows of 32 float32 numbers and a label (26 MB) in batches of 256, shuffled where the kind shuffles: two epochs
without a model, of which the second counts. Each kind is read in a process of its own; files are written by another.
Memory is what the process grew by at most while it read, beyond what it held before.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile
import time

ROWS, WIDTH, BATCH = 200_000, 32, 256


def arrays():
    import numpy as np

    rng = np.random.default_rng(0)
    return rng.random((ROWS, WIDTH), np.float32), rng.integers(0, 2, ROWS)


def of_numpy(folder, x, y):
    return x, y


def of_pandas(folder, x, y):
    import pandas

    return pandas.DataFrame(x), pandas.Series(y)


def of_polars(folder, x, y):
    import polars

    return polars.DataFrame(x), polars.Series(y)


def of_pyarrow(folder, x, y):
    import pyarrow

    return pyarrow.table({f"c{number}": x[:, number] for number in range(WIDTH)}), pyarrow.array(y)


def of_scipy(folder, x, y):
    import scipy.sparse

    return scipy.sparse.csr_matrix(x * (x > 0.9)), y


def of_memory_map(folder, x, y):
    import numpy as np

    if x is not None:
        np.save(f"{folder}/x.npy", x)
    return np.load(f"{folder}/x.npy", mmap_mode="r"), y


def of_hdf5(folder, x, y):
    import h5py

    if x is not None:
        h5py.File(f"{folder}/x.h5", "w").create_dataset("x", data=x)
    return h5py.File(f"{folder}/x.h5")["x"], y


def of_zarr(folder, x, y):
    import zarr

    if x is not None:
        zarr.save_array(f"{folder}/x.zarr", x)
    return zarr.open_array(f"{folder}/x.zarr"), y


def of_pydataset(folder, x, y):
    import kerasish as keras

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return -(-ROWS // BATCH)

        def __getitem__(self, index):
            return x[index * BATCH : (index + 1) * BATCH], y[index * BATCH : (index + 1) * BATCH]

    return Batches(), None


def of_torch(folder, x, y):
    import torch

    data = torch.utils.data.TensorDataset(torch.tensor(x), torch.tensor(y))
    return torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=True), None


def of_tf_data(folder, x, y):
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(10_000).batch(BATCH).prefetch(2), None


def of_hugging_face(folder, x, y):
    import datasets

    made = datasets.Dataset.from_dict({"x": x, "y": y}).with_format("numpy")
    return made["x"], made["y"]


def of_tfrecord(folder, x, y):
    from kerasish import data

    write, encode = data.tfrecord.write, data.tfrecord.encode_example
    if x is not None:
        write(f"{folder}/x", (encode({"x": row, "y": label}) for row, label in zip(x, y)), shards=4)
    features = {"x": ((WIDTH,), "float32"), "y": ((), "int64")}
    return data.TFRecordBatches(f"{folder}/x*", features, inputs="x", label="y", **_shuffled(4)), None


def of_tfrecord_of_bytes(folder, x, y):
    from kerasish import data

    write, encode = data.tfrecord.write, data.tfrecord.encode_example
    if x is not None:
        write(f"{folder}/x", (encode({"x": row.tobytes(), "y": label}) for row, label in zip(x, y)), shards=4)
    features = {"x": ((WIDTH,), "float32"), "y": ((), "int64")}
    return data.TFRecordBatches(f"{folder}/x*", features, inputs="x", label="y", **_shuffled(4)), None


def of_csv(folder, x, y):
    import pandas

    from kerasish.data import CSVBatches

    if x is not None:
        frame = pandas.DataFrame(x, columns=[f"c{number}" for number in range(WIDTH)])
        frame.assign(y=y).to_csv(f"{folder}/x.csv", index=False)
    names = [f"c{number}" for number in range(WIDTH)]
    return CSVBatches(f"{folder}/x.csv", inputs=names, label="y", **_shuffled(1)), None


def of_libsvm(folder, x, y):
    from sklearn.datasets import dump_svmlight_file

    from kerasish.data import LibsvmBatches

    if x is not None:
        dump_svmlight_file(x * (x > 0.9), y, f"{folder}/x.svm", zero_based=False)
    return LibsvmBatches(f"{folder}/x.svm", WIDTH, **_shuffled(1)), None


def _shuffled(files):
    return {"batch_size": BATCH, "shuffle": 10_000, "interleave": files}


KINDS = {name.removeprefix("of_"): make for name, make in list(globals().items()) if name.startswith("of_")}
IN_FILES = ("memory_map", "hdf5", "zarr", "tfrecord", "tfrecord_of_bytes", "csv", "libsvm")


def measure(kind, folder):
    """Print the row of one kind; of one in files, which lie in `folder`."""
    from kerasish.models.data import make_data

    x, y = arrays()
    x, y = KINDS[kind](folder, None if kind in IN_FILES else x, y)
    before = peak(begin_anew=True)
    source = make_data(x, y, batch_size=BATCH, shuffle=y is not None)
    for _ in range(2):
        start, rows = time.perf_counter(), 0
        source.on_epoch_begin()
        for inputs, *_ in source.epoch():
            rows += len(inputs)
        source.on_epoch_end()
        took = time.perf_counter() - start
    assert rows == ROWS, rows
    print(f"| {kind.replace('_', ' ')} | {rows / took / 1000:,.0f} | {peak() - before:,.0f} |", flush=True)


def peak(begin_anew=False):
    """The most memory that this process has held, in MB; as Linux counts it."""
    if begin_anew:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def in_a_process(does, kind, folder):
    """What `python benchmarks/data.py DOES KIND FOLDER` prints."""
    done = subprocess.run([sys.executable, __file__, does, kind, folder], capture_output=True, text=True)
    return done.stdout.strip() or (
        f"| {kind} | {done.stderr.strip().splitlines()[-1][:90]} | |" if done.returncode else ""
    )


def main():
    """The table, or a part of the work in a process of its own."""
    if sys.argv[1:2] == ["write"]:
        KINDS[sys.argv[2]](sys.argv[3], *arrays())
    elif sys.argv[1:2] == ["read"]:
        measure(*sys.argv[2:])
    else:
        print("| source | thousand samples a second | memory, MB |\n|---|---|---|")
        for kind in sys.argv[1:] or KINDS:
            with tempfile.TemporaryDirectory() as folder:
                if kind in IN_FILES:
                    in_a_process("write", kind, folder)
                print(in_a_process("read", kind, folder), flush=True)


if __name__ == "__main__":
    main()
