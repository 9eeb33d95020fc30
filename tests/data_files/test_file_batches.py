"""Batches from TFRecord, CSV and libsvm files: their rows, their order, what goes into `fit`, what is refused."""

import threading

import numpy as np
import pytest

import kerasish as keras
from kerasish.data import CSVBatches, Feature, FileBatches, LibsvmBatches, TFRecordBatches, arriving_files, tfrecord


def write_numbers(folder, files=3, each=50):
    """Files of examples that hold the numbers from 0 in order; their pattern."""
    for file in range(files):
        rows = range(file * each, (file + 1) * each)
        examples = (tfrecord.encode_example({"x": [row, 2.0 * row], "y": row}) for row in rows)
        tfrecord.write(folder / f"part{file}.tfrecord", examples)
    return str(folder / "*.tfrecord")


NUMBERS = {"x": ((2,), "float32"), "y": ((), "int64")}


def labels(batches):
    return [label for _, y in batches for label in y.tolist()]


def test_rows_come_in_the_order_of_the_files(tmp_path):
    batches = TFRecordBatches(write_numbers(tmp_path), NUMBERS, inputs="x", label="y", batch_size=32)
    came = list(batches)
    assert [len(y) for _, y in came] == [32, 32, 32, 32, 22]
    assert labels(came) == list(range(150)) == labels(batches)
    assert np.array_equal(came[1][0][:, 1], 2.0 * np.arange(32, 64)) and came[0][0].dtype == np.float32
    shorter = TFRecordBatches(write_numbers(tmp_path), NUMBERS, inputs="x", label="y", drop_remainder=True)
    assert labels(shorter) == list(range(128))


def test_a_shuffled_pass_has_every_row_once_in_an_order_of_its_own(tmp_path):
    pattern = write_numbers(tmp_path, files=4, each=300)
    options = dict(inputs="x", label="y", shuffle=200, interleave=2, seed=3)
    batches, again = [TFRecordBatches(pattern, NUMBERS, **options) for _ in range(2)]
    first, second = labels(batches), labels(batches)
    assert sorted(first) == sorted(second) == list(range(1200))
    assert first != second and first != sorted(first)
    assert [first, second] == [labels(again), labels(again)]
    other = labels(TFRecordBatches(pattern, NUMBERS, **{**options, "seed": 4}))
    assert other != first


def test_each_row_is_drawn_from_the_whole_window(tmp_path):
    # With a window of all rows every row may come anywhere: the mean place of each is the middle.
    pattern = write_numbers(tmp_path, files=1, each=64)
    batches = TFRecordBatches(pattern, NUMBERS, inputs="x", label="y", shuffle=64, ahead=0, seed=0)
    places = np.mean([np.argsort(labels(batches)) for _ in range(400)], axis=0)
    assert np.abs(places - 31.5).max() < 4 * 18.5 / np.sqrt(400) * 1.2  # 18.5: the deviation of a uniform place


def test_set_random_seed_decides_the_order(tmp_path):
    pattern, orders = write_numbers(tmp_path), []
    for _ in range(2):
        keras.utils.set_random_seed(5)
        orders.append(labels(TFRecordBatches(pattern, NUMBERS, inputs="x", label="y", shuffle=50)))
    assert orders[0] == orders[1] != sorted(orders[0])


def test_it_goes_into_fit_evaluate_and_predict(tmp_path):
    batches = TFRecordBatches(write_numbers(tmp_path), NUMBERS, inputs="x", label="y", transform=None, shuffle=30)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Rescaling(1 / 150), keras.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    history = model.fit(batches, epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3 and np.isfinite(history.history["loss"]).all()
    assert model.optimizer.iterations == 15
    model.evaluate(batches, verbose=0)
    assert model.predict(batches, verbose=0).shape == (150, 1)
    assert not [thread for thread in threading.enumerate() if thread.name == "kerasish-prefetch"]


def test_features_of_every_kind(tmp_path):
    path = tmp_path / "kinds"
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    rows = [
        {"image": pixels.tobytes(), "name": "a", "ids": [1, 2, 3], "raw": np.arange(2, dtype="<f4").tobytes()},
        {"image": pixels[::-1].tobytes(), "name": "bcd", "ids": [], "raw": np.ones(2, "<f4").tobytes(), "size": 4},
    ]
    tfrecord.write(path, map(tfrecord.encode_example, rows))
    features = {
        "image": Feature((2, 2, 3), "uint8", decode=lambda data: np.frombuffer(data, np.uint8)),
        "name": ((), "string"),
        "ids": Feature((None,), "int32", default=-1),
        "raw": ((2,), "float32"),
        "size": Feature((), "float32", default=1.5),
    }
    ((x,),) = list(TFRecordBatches(path, features))
    assert np.array_equal(x["image"], [pixels, pixels[::-1]]) and x["image"].dtype == np.uint8
    assert x["name"].tolist() == ["a", "bcd"]
    assert x["ids"].tolist() == [[1, 2, 3], [-1, -1, -1]] and x["ids"].dtype == np.int32
    assert x["raw"].tolist() == [[0, 1], [1, 1]] and x["size"].tolist() == [1.5, 4.0]


def test_sequences_are_padded_to_the_longest_of_the_batch(tmp_path):
    path = tmp_path / "sequences"
    records = [
        tfrecord.encode_sequence_example({"y": 1}, {"steps": [[1.0, 2.0], [3.0, 4.0]]}),
        tfrecord.encode_sequence_example({"y": 0}, {"steps": [[5.0, 6.0]]}),
    ]
    tfrecord.write(path, records)
    features = {"steps": Feature((2,), "float32", sequence=True), "y": ((), "int64")}
    ((x, y),) = list(TFRecordBatches(path, features, inputs="steps", label="y"))
    assert x.tolist() == [[[1, 2], [3, 4]], [[5, 6], [0, 0]]] and y.tolist() == [1, 0]


def test_csv_beside_pandas(tmp_path):
    pandas = pytest.importorskip("pandas", reason="pandas reads CSV files")
    frame = pandas.DataFrame({"a": np.arange(10.0), "b": np.arange(10) % 3, "c": [f"t{i}" for i in range(10)]})
    frame.loc[2, "a"] = np.nan
    for name in ("1.csv", "2.csv.gz"):
        frame.to_csv(tmp_path / name, index=False)
    batches = CSVBatches([tmp_path / "1.csv", tmp_path / "2.csv.gz"], label="b", weight="a", batch_size=8, piece=3)
    x, y, weight = map(list, zip(*batches))
    assert [len(part) for part in y] == [8, 8, 4]
    assert np.concatenate([part["c"] for part in x]).tolist() == frame["c"].tolist() * 2
    assert np.isnan(np.concatenate(weight)[[2, 12]]).all() and np.concatenate(y).tolist() == frame["b"].tolist() * 2
    renamed = CSVBatches(tmp_path / "1.csv", names=["u", "v", "w"], header=0, usecols=["u", "v"], inputs=["u", "v"])
    assert next(iter(renamed))[0].shape == (10, 2)


def test_libsvm_beside_scikit_learn(tmp_path):
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn reads libsvm files")
    rng = np.random.default_rng(0)
    x = np.where(rng.random((500, 9)) < 0.3, rng.random((500, 9)), 0).astype(np.float32)
    y = rng.integers(0, 2, 500)
    for zero_based in (False, True):
        path = str(tmp_path / f"{zero_based}.svm")
        datasets.dump_svmlight_file(x, y, path, zero_based=zero_based)
        options = dict(zero_based=zero_based, batch_size=64)
        dense = list(LibsvmBatches(path, 9, **options))
        np.testing.assert_allclose(np.concatenate([part for part, _ in dense]), x, rtol=1e-6)
        assert np.concatenate([part for _, part in dense]).tolist() == y.tolist()
        for (ids, _), (whole, _) in zip(LibsvmBatches(path, 9, form="ids", **options), dense):
            again = np.zeros_like(whole)
            np.add.at(again, (np.arange(len(whole))[:, None], ids["ids"]), ids["values"])
            np.testing.assert_array_equal(again, whole)


def test_files_that_arrive_are_read_once_each(tmp_path):
    write_numbers(tmp_path, files=1, each=4)

    def more():
        write_numbers(tmp_path, files=3, each=4)

    timer = threading.Timer(0.2, more)
    timer.start()
    paths = arriving_files(tmp_path, "*.tfrecord", every=0.02, patience=1.0)
    came = labels(TFRecordBatches(paths, NUMBERS, inputs="x", label="y", batch_size=4, interleave=3))
    timer.join()
    assert came == list(range(12))


class Broken(FileBatches):
    def read(self, path):
        yield {"x": np.zeros(3)}
        raise KeyError("of the reader's own")


def test_files_that_are_there_are_given_without_patience(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(name)
    assert len(list(arriving_files(tmp_path, every=0.01, patience=0))) == 2


def test_an_error_of_a_reader_surfaces_with_its_traceback(tmp_path):
    (tmp_path / "any").touch()
    batches = Broken(tmp_path / "any", inputs="x", batch_size=2)
    with pytest.raises(KeyError, match="reader's own") as error:
        list(batches)
    assert any(entry.name == "read" for entry in error.traceback)
    assert not [thread for thread in threading.enumerate() if thread.name == "kerasish-prefetch"]


def write_bad(folder):
    tfrecord.write(folder / "two", [tfrecord.encode_example({"x": [1, 2]}), tfrecord.encode_example({"x": [1]})])
    tfrecord.write(folder / "none", [b"\xff\xff"])
    (folder / "ragged.csv").write_text("a,b\n1,2\n3,4,5\n")
    (folder / "bad.svm").write_text("1 1:2\n0 9:1\n")
    (folder / "worse.svm").write_text("1 1:2\nword\n")
    return folder


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda at: TFRecordBatches(at / "two", {"x": ((2,), "int64")}), r"Record 1 of .*two.*'x' has 1 values"),
        (lambda at: TFRecordBatches(at / "two", {"z": ((2,), "int64")}), "Record 0 of .*no feature 'z'.*there are: x"),
        (lambda at: TFRecordBatches(at / "two", {"x": ((2,), "string")}), "'x' holds numbers"),
        (lambda at: TFRecordBatches(at / "none", {"x": ((2,), "int64")}), "Record 0 of .*no Example"),
        (lambda at: TFRecordBatches(at / "two", {}), "`features` must be"),
        (lambda at: TFRecordBatches(at / "two", {"x": ((2, None), "int64")}), "only the first size"),
        (lambda at: TFRecordBatches(at / "two", {"x": ((None,), "int64")}, label="y"), "No column is named 'y'"),
        (lambda at: TFRecordBatches(at / "two", {"x": ()}, batch_size=0), "batch_size"),
        (lambda at: TFRecordBatches(at / "two", {"x": ()}, transform=len, label="x"), "leave out"),
        (lambda at: TFRecordBatches([], {"x": ()}), "at least one file"),
        (lambda at: CSVBatches(at / "ragged.csv"), "ragged.csv"),
        (lambda at: CSVBatches(at / "ragged.csv", piece=0), "piece"),
        (lambda at: LibsvmBatches(at / "bad.svm", 3), "bad.svm"),
        (lambda at: LibsvmBatches(at / "worse.svm", 3), "worse.svm.*byte 0"),
        (lambda at: LibsvmBatches(at / "worse.svm", 0), "num_features"),
        (lambda at: LibsvmBatches(at / "worse.svm", 3, form="idz"), "ids"),
    ],
)
def test_what_is_refused(tmp_path, make, words):
    with pytest.raises(ValueError, match=words):
        list(make(write_bad(tmp_path)))


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file fits"):
        TFRecordBatches(tmp_path / "*.none", NUMBERS)
    with pytest.raises(NotADirectoryError):
        arriving_files(tmp_path / "none")


def test_a_library_that_is_missing_is_named(tmp_path, monkeypatch):
    import sys

    (tmp_path / "a.csv").touch()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        CSVBatches(tmp_path / "a.csv")
    monkeypatch.setitem(sys.modules, "google_crc32c", None)
    with pytest.raises(ImportError, match="google-crc32c"):
        tfrecord.write(tmp_path / "b", [])
