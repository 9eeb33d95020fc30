"""Data sets from folders beside Keras's `tf.data` ones: files, labels, splits, pictures, texts and sounds."""

import inspect
import threading
import wave

import keras as real
import numpy as np
import pytest
from PIL import Image

import kerasish as keras

generator = np.random.default_rng(0)
NAMES = [
    "image_dataset_from_directory",
    "text_dataset_from_directory",
    "audio_dataset_from_directory",
    "timeseries_dataset_from_array",
    "split_dataset",
]


def write_png(path, height, width, mode="RGB"):
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    Image.fromarray(generator.integers(0, 256, (height, width, *channels), dtype="uint8")).save(path)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for name in ("b", "a"):
        (folder / name / "deep").mkdir(parents=True)
        for number in range(4):
            write_png(folder / name / f"{number}.png", 9 + number, 12 - number)
        write_png(folder / name / "deep" / "x.PNG", 7, 5)
        (folder / name / "notes.txt").write_text("no picture")
    write_png(folder / "b" / "grey.png", 6, 8, "L")
    write_png(folder / "b" / "clear.png", 6, 8, "RGBA")
    return folder


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    for name, count in (("pos", 5), ("neg", 3)):
        (folder / name).mkdir()
        for number in range(count):
            (folder / name / f"{number}.txt").write_text(f"{name} é {'word ' * number}", encoding="utf-8")
    return folder


def write_wav(path, points, rate=8000, width=2, channels=1):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(points)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    for name in ("one", "two"):
        (folder / name).mkdir()
        for number in range(3):
            points = generator.integers(-32768, 32768, 20 + 3 * number, dtype="<i2")
            write_wav(folder / name / f"{number}.wav", points.tobytes())
    return folder


def plain(batch):
    """A batch of either library as NumPy arrays, texts as strings."""
    parts = batch if isinstance(batch, (tuple, list)) else (batch,)
    parts = [part.numpy() if hasattr(part, "numpy") else part for part in parts]
    parts = [np.array([t.decode() for t in p]) if str(getattr(p, "dtype", "")) == "object" else p for p in parts]
    return [np.asarray(p.decode() if isinstance(p, bytes) else p) for p in parts]


def assert_same(ours, theirs, rtol=1e-4, atol=2e-3):
    found, expected = [plain(batch) for batch in ours], [plain(batch) for batch in theirs]
    assert len(ours) == len(found) == len(expected)
    for batch, other in zip(found, expected):
        assert len(batch) == len(other)
        for part, its in zip(batch, other):
            assert part.shape == its.shape
            if part.dtype.kind in "UT":
                assert part.tolist() == its.tolist()
            else:
                assert part.dtype == its.dtype
                np.testing.assert_allclose(part, its, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", NAMES)
def test_signatures_are_those_of_keras_but_for_the_default_format(name):
    ours, theirs = (inspect.signature(getattr(library.utils, name)).parameters for library in (keras, real))
    assert list(ours) == list(theirs)
    differ = {n for n in ours if ours[n].default != theirs[n].default}
    assert differ <= {"format"}


IMAGE_CASES = [
    {},
    {"label_mode": "categorical", "batch_size": 4},
    {"label_mode": "binary"},
    {"label_mode": None},
    {"labels": None},
    {"labels": [5, 3, 5, 3, 5, 3, 5, 3, 5, 3, 4, 0], "label_mode": "int"},
    {"class_names": ["b", "a"]},
    {"color_mode": "rgba"},
    {"batch_size": None},
    {"interpolation": "nearest"},
    {"interpolation": "bicubic"},
    {"interpolation": "area"},
    {"interpolation": "lanczos3"},
    {"interpolation": "lanczos5"},
    {"interpolation": "gaussian"},
    {"interpolation": "mitchellcubic"},
    {"interpolation": "bicubic", "image_size": (30, 20)},
    {"interpolation": "area", "image_size": (3, 20)},
    {"interpolation": "nearest", "image_size": (21, 4)},
    {"crop_to_aspect_ratio": True},
    {"crop_to_aspect_ratio": True, "image_size": (4, 9)},
    {"pad_to_aspect_ratio": True},
    {"pad_to_aspect_ratio": True, "image_size": (9, 4)},
    {"data_format": "channels_first"},
    {"validation_split": 0.3, "subset": "training", "seed": 1},
    {"validation_split": 0.3, "subset": "validation", "seed": 1},
]


@pytest.mark.parametrize("arguments", IMAGE_CASES, ids=str)
def test_pictures(pictures, arguments):
    arguments = {"image_size": (8, 6), "shuffle": False, "verbose": False, **arguments}
    ours = keras.utils.image_dataset_from_directory(pictures, **arguments)
    theirs = real.utils.image_dataset_from_directory(str(pictures), format="tf", **arguments)
    assert list(ours.file_paths) == list(theirs.file_paths)
    if getattr(theirs, "class_names", None) is not None:
        assert ours.class_names == theirs.class_names
    if arguments.get("interpolation") == "nearest":  # Keras gives bytes then, against what it documents
        theirs = [(np.asarray(x, "float32"), y) for x, y in theirs]
    assert_same(ours, theirs)


def test_grey_pictures(pictures):
    """TensorFlow has libpng turn colour into grey, in integers of its own: one step at most between the two."""
    arguments = {"color_mode": "grayscale", "image_size": (8, 6), "shuffle": False, "verbose": False}
    ours = keras.utils.image_dataset_from_directory(pictures, **arguments)
    theirs = real.utils.image_dataset_from_directory(str(pictures), format="tf", **arguments)
    assert_same(ours, theirs, atol=1.0)


@pytest.mark.parametrize(
    "arguments",
    [
        {"seed": 3},
        {"seed": 3, "validation_split": 0.25, "subset": "training"},
        {"seed": 3, "validation_split": 0.25, "subset": "validation"},
        {"seed": 8, "validation_split": 0.5, "subset": "both"},
    ],
)
def test_a_seed_gives_keras_order_of_files(pictures, arguments):
    arguments = {"image_size": (8, 6), "verbose": False, **arguments}
    ours = keras.utils.image_dataset_from_directory(pictures, **arguments)
    theirs = real.utils.image_dataset_from_directory(str(pictures), format="tf", **arguments)
    ours, theirs = (list(d) if arguments.get("subset") == "both" else [d] for d in (ours, theirs))
    assert [d.file_paths for d in ours] == [d.file_paths for d in theirs]
    for one, other in zip(ours, theirs):  # within an epoch the orders are each library's own
        found, expected = (np.concatenate([plain(b)[1] for b in d]) for d in (one, other))
        assert sorted(found) == sorted(expected)


def test_what_is_said(pictures, capsys):
    for library in (keras, real):
        library.utils.image_dataset_from_directory(
            str(pictures), validation_split=0.4, subset="both", seed=1, image_size=(4, 4)
        )
        library.utils.image_dataset_from_directory(str(pictures), labels=None, image_size=(4, 4))
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("Found", "Using"))]
    ours, theirs = lines[: len(lines) // 2], lines[len(lines) // 2 :]
    assert (
        ours[:3]
        == theirs[:3]
        == [
            "Found 12 files belonging to 2 classes.",
            "Using 8 files for training.",
            "Using 4 files for validation.",
        ]
    )
    assert ours[3] == "Found 12 files."


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"label_mode": "categorical"},
        {"label_mode": "binary", "batch_size": 3},
        {"label_mode": None},
        {"labels": None, "batch_size": 5},
        {"max_length": 8},
        {"batch_size": None},
        {"validation_split": 0.5, "subset": "validation"},
        {"class_names": ["pos", "neg"]},
    ],
)
def test_texts(texts, arguments):
    arguments = {"shuffle": False, "verbose": False, **arguments}
    ours = keras.utils.text_dataset_from_directory(texts, **arguments)
    theirs = real.utils.text_dataset_from_directory(str(texts), format="tf", **arguments)
    assert_same(ours, theirs)


@pytest.mark.parametrize(
    "arguments",
    [
        {"output_sequence_length": 22},
        {"output_sequence_length": 22, "label_mode": "categorical"},
        {"output_sequence_length": 40, "batch_size": 4},
        {"batch_size": 2, "labels": None},
        {"batch_size": 6, "label_mode": "binary"},
        {"output_sequence_length": 25, "batch_size": None},
        {"output_sequence_length": 10, "validation_split": 0.5, "subset": "training"},
    ],
)
def test_sounds(sounds, arguments):
    arguments = {"shuffle": False, "verbose": False, **arguments}
    ours = keras.utils.audio_dataset_from_directory(sounds, **arguments)
    theirs = real.utils.audio_dataset_from_directory(str(sounds), **arguments)
    assert_same(ours, theirs)


def test_sounds_of_other_widths_lengths_and_rates(tmp_path):
    (tmp_path / "a").mkdir()
    ramp = np.linspace(-1, 1, 50, endpoint=False)
    write_wav(tmp_path / "a" / "1.wav", ((ramp + 1) * 128).astype("uint8").tobytes(), width=1)
    three = (ramp * 2**23).astype("<i4").view("uint8").reshape(-1, 4)[:, :3]
    write_wav(tmp_path / "a" / "2.wav", np.ascontiguousarray(three).tobytes(), width=3)
    write_wav(tmp_path / "a" / "3.wav", (ramp * 2**31).astype("<i4").tobytes(), width=4)
    read = keras.utils.audio_dataset_from_directory(tmp_path, labels=None, shuffle=False, verbose=False)[0]
    for sound in read:
        np.testing.assert_allclose(sound[:, 0], ramp, atol=0.01)
    seconds = np.arange(8000) / 8000
    tone = (np.sin(2 * np.pi * 440 * seconds) * 20000).astype("<i2")
    (tmp_path / "b").mkdir()
    write_wav(tmp_path / "b" / "tone.wav", np.stack([tone, -tone], 1).tobytes(), channels=2)
    for rate in (16000, 5000):
        sound = keras.utils.audio_dataset_from_directory(
            tmp_path / "b", labels=None, sampling_rate=rate, verbose=False, batch_size=None
        )[0]
        wanted = np.sin(2 * np.pi * 440 * np.arange(rate) / rate) * 20000 / 32768
        assert sound.shape == (rate, 2)
        np.testing.assert_allclose(sound[100:-100, 0], wanted[100:-100], atol=2e-3)
    ragged = keras.utils.audio_dataset_from_directory(tmp_path, ragged=True, shuffle=False, verbose=False)[0][0]
    assert [sound.shape for sound in ragged] == [(50, 1), (50, 1), (50, 1), (8000, 2)]


STEPS = np.arange(12)


@pytest.mark.parametrize(
    "arguments",
    [
        {"sequence_length": 3},
        {"sequence_length": 3, "batch_size": 4},
        {"sequence_length": 3, "sequence_stride": 2, "sampling_rate": 2, "batch_size": 2},
        {"sequence_length": 3, "batch_size": None},
        {"sequence_length": 3, "start_index": 2, "end_index": 8},
        {"sequence_length": 12},
        {"sequence_length": 4, "sampling_rate": 3},
        {"sequence_length": 2, "sequence_stride": 5, "start_index": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("targets", [None, STEPS * 10, STEPS[:6] * 10.0, np.stack([STEPS, -STEPS], 1)])
def test_windows(arguments, targets):
    if targets is not None and len(targets) == 6 and arguments.get("start_index") == 1:
        return  # Keras reads behind the end of the targets there
    data = np.stack([STEPS, STEPS**2], 1).astype("float32")
    ours = keras.utils.timeseries_dataset_from_array(data, targets, **arguments)
    theirs = real.utils.timeseries_dataset_from_array(data, targets, format="tf", **arguments)
    assert_same(ours, theirs)


def test_shuffled_windows_come_once_each():
    data = keras.utils.timeseries_dataset_from_array(STEPS, STEPS, 3, batch_size=4, shuffle=True, seed=1)
    first, second = ([int(y) for _, y in data.unbatch()] for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(10))
    orders = [np.concatenate([y for _, y in data]).tolist() for _ in range(3)]
    assert len({tuple(order) for order in orders}) == 3
    again = keras.utils.timeseries_dataset_from_array(STEPS, STEPS, 3, batch_size=4, shuffle=True, seed=1)
    assert np.concatenate([y for _, y in again]).tolist() == orders[0]


SPLITS = [
    {"left_size": 0.8},
    {"left_size": 0.3333},
    {"right_size": 0.335},
    {"left_size": 0.5, "right_size": 0.3},
    {"left_size": 10, "right_size": 20},
    {"left_size": 0.5, "shuffle": True, "seed": 3},
    {"right_size": 7, "shuffle": True, "seed": 1},
]


@pytest.mark.parametrize("arguments", SPLITS, ids=str)
@pytest.mark.parametrize("kind", ["array", "tuple", "list"])
def test_splits(kind, arguments):
    x = np.arange(200.0).reshape(100, 2)
    data = {"array": x, "tuple": (x, np.arange(100)), "list": [x, np.arange(100.0)]}[kind]
    ours, theirs = (library.utils.split_dataset(data, **arguments) for library in (keras, real))
    for part, other in zip(ours, theirs):
        assert_same(part, other)


def test_splits_of_other_things(pictures):
    x, y = np.arange(10), np.arange(10) * 2
    left, right = keras.utils.split_dataset({"x": x, "y": y}, right_size=3)
    assert right[0] == {"x": 7, "y": 14} and len(left.batch(4)) == 2
    images = keras.utils.image_dataset_from_directory(pictures, image_size=(4, 4), shuffle=False, verbose=False)
    left, right = keras.utils.split_dataset(images, 0.5)
    assert len(left) == len(right) == 6 and right.batch(6)[0][0].shape == (6, 4, 4, 3)
    tf = pytest.importorskip("tensorflow")
    left, right = keras.utils.split_dataset(tf.data.Dataset.from_tensor_slices((x, y)), 4)
    assert isinstance(left, tf.data.Dataset) and [int(a) for a, _ in right] == [4, 5, 6, 7, 8, 9]
    left, _ = keras.utils.split_dataset(x, 4, preferred_backend="tensorflow")
    assert isinstance(left, tf.data.Dataset) and left.cardinality() == 4


def test_what_the_data_set_can_do(pictures):
    data = keras.utils.image_dataset_from_directory(pictures, image_size=(4, 4), batch_size=5, verbose=False, seed=1)
    assert len(data) == data.cardinality() == 3 and data.num_samples == 12 and data.batch_size == 5
    assert [len(y) for _, y in data] == [5, 5, 2] and len(data.take(2)) == 2 and len(data.skip(2)) == 1
    halves = data.map(lambda x, y: (x / 255, y))
    assert halves[0][0].max() <= 1 and len(halves) == 3 and halves.class_names == ["a", "b"]
    kept = data.cache().prefetch(2)
    assert kept.max_queue_size == 2 and kept.workers >= 2
    first = kept[0][0]
    for path in kept.file_paths:  # nothing is read again
        assert path
    np.testing.assert_array_equal(kept[0][0], first)
    assert next(iter(data.unbatch()))[0].shape == (4, 4, 3)
    assert len(data.batch(12)) == 1 and len(data.shuffle(100, seed=1)) == 3
    with pytest.raises(ValueError, match="before"):
        halves.batch(3)
    with pytest.raises(IndexError):
        data[3]


def test_a_model_trains_on_folders_and_leaves_no_thread(pictures):
    train, held_out = keras.utils.image_dataset_from_directory(
        pictures, image_size=(8, 8), batch_size=4, verbose=False, seed=1, validation_split=0.25, subset="both"
    )
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    before = threading.active_count()
    history = model.fit(train.cache(), validation_data=held_out, epochs=3, verbose=0)
    assert len(history.history["val_loss"]) == 3 and np.isfinite(history.history["loss"]).all()
    names = {thread.name for thread in threading.enumerate()}
    assert threading.active_count() <= before + 1 and not any("kerasish-data" in name for name in names)


def test_the_order_is_kept_in_fit(pictures):
    seen = []

    class Look(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(keras.ops.mean(x, axis=(1, 2)))

    data = keras.utils.image_dataset_from_directory(
        pictures, image_size=(4, 4), batch_size=1, verbose=False, shuffle=False, label_mode="binary"
    ).map(lambda x, y: (seen.append(float(y[0, 0])), (x, y))[1])
    data.workers = 1
    model = Look()
    model.compile("sgd", "mse")
    model.fit(data, verbose=0)
    assert seen == sorted(seen) and len(seen) == 12


def test_a_broken_file_is_named_where_it_is_read(pictures, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(b"no picture")
    data = keras.utils.image_dataset_from_directory(tmp_path, image_size=(4, 4), verbose=False)
    model = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(OSError, match="1.png"):
        model.fit(data, verbose=0)
    (tmp_path / "a" / "1.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="1.txt.*UTF-8"):
        list(keras.utils.text_dataset_from_directory(tmp_path, verbose=False))
    (tmp_path / "a" / "1.wav").write_bytes(b"RIFF")
    with pytest.raises(ValueError, match="1.wav"):
        list(keras.utils.audio_dataset_from_directory(tmp_path, verbose=False))


def test_as_tf_data(pictures, texts):
    tf = pytest.importorskip("tensorflow")
    data = keras.utils.image_dataset_from_directory(pictures, format="tf", image_size=(4, 4), batch_size=5)
    assert isinstance(data, tf.data.Dataset) and data.class_names == ["a", "b"] and int(data.cardinality()) == 3
    assert data.element_spec[0].shape.as_list() == [None, 4, 4, 3]
    words = keras.utils.text_dataset_from_directory(texts, format="tf", shuffle=False)
    assert next(iter(words))[0].numpy()[0].decode() == "neg é "
    windows = keras.utils.timeseries_dataset_from_array(STEPS, None, 3, format="tf", batch_size=None)
    assert np.asarray(next(iter(windows))).tolist() == [0, 1, 2]


def test_as_grain(pictures):
    grain = pytest.importorskip("grain")
    data = keras.utils.image_dataset_from_directory(pictures, format="grain", image_size=(4, 4), batch_size=5, seed=1)
    assert isinstance(data, grain.IterDataset) and data.class_names == ["a", "b"]
    assert [x.shape[0] for x, _ in data] == [5, 5, 2]
    windows = keras.utils.timeseries_dataset_from_array(STEPS, None, 3, format="grain")
    assert np.asarray(next(iter(windows))).shape == (10, 3)


def test_without_grain(pictures, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "grain", None)
    with pytest.raises(ImportError, match="grain, which is not installed"):
        keras.utils.image_dataset_from_directory(pictures, format="grain", verbose=False)


IMAGES, TEXTS = "image_dataset_from_directory", "text_dataset_from_directory"
BAD = [
    (IMAGES, {"labels": "guessed"}, "labels"),
    (IMAGES, {"labels": [0, 1]}, "labels"),
    (IMAGES, {"labels": None, "class_names": ["a", "b"]}, "class_names"),
    (IMAGES, {"label_mode": "ordinal"}, "label_mode"),
    (IMAGES, {"class_names": ["a", "c"]}, "class_names"),
    (IMAGES, {"color_mode": "cmyk"}, "color_mode"),
    (IMAGES, {"interpolation": "sharp"}, "interpolation"),
    (IMAGES, {"validation_split": 0.2}, "subset"),
    (IMAGES, {"subset": "training"}, "validation_split"),
    (IMAGES, {"validation_split": 2, "subset": "training"}, "validation_split"),
    (IMAGES, {"validation_split": 0.2, "subset": "other", "seed": 1}, "subset"),
    (IMAGES, {"validation_split": 0.2, "subset": "training"}, "seed"),
    (IMAGES, {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "pad_to_aspect_ratio"),
    (IMAGES, {"label_mode": "binary", "labels": [0, 1, 2] * 4}, "binary"),
    (TEXTS, {"label_mode": "ordinal"}, "label_mode"),
    (TEXTS, {}, "No files|no files|No text files"),
]


@pytest.mark.parametrize("name, arguments, words", BAD, ids=str)
def test_what_keras_refuses_is_refused(pictures, tmp_path, name, arguments, words):
    folder = pictures if name == IMAGES or arguments else tmp_path
    for library, message in ((keras, words), (real, "")):
        with pytest.raises(ValueError, match=message):
            getattr(library.utils, name)(str(folder), **{"image_size": (4, 4)} if name == IMAGES else {}, **arguments)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda f: keras.utils.image_dataset_from_directory(f, labels=[0.5] * 12), ValueError, "labels"),
        (lambda f: keras.utils.image_dataset_from_directory(f, image_size=3), ValueError, "image_size"),
        (lambda f: keras.utils.image_dataset_from_directory(f, image_size=(0, 3)), ValueError, "image_size"),
        (lambda f: keras.utils.image_dataset_from_directory(f, batch_size=0), ValueError, "batch_size"),
        (lambda f: keras.utils.image_dataset_from_directory(f, format="tfr"), ValueError, "format"),
        (lambda f: keras.utils.image_dataset_from_directory(f / "none"), FileNotFoundError, "none"),
        (lambda f: keras.utils.text_dataset_from_directory(f, max_length=-1), ValueError, "max_length"),
        (lambda f: keras.utils.audio_dataset_from_directory(f, sampling_rate=0), ValueError, "sampling_rate"),
        (
            lambda f: keras.utils.audio_dataset_from_directory(f, ragged=True, output_sequence_length=3),
            ValueError,
            "ragged",
        ),
        (lambda f: keras.utils.timeseries_dataset_from_array(STEPS, None, 13), ValueError, "sequence_length"),
        (lambda f: keras.utils.timeseries_dataset_from_array(STEPS, None, 0), ValueError, "sequence_length"),
        (lambda f: keras.utils.timeseries_dataset_from_array(STEPS, None, 3, 20), ValueError, "sequence_stride"),
        (
            lambda f: keras.utils.timeseries_dataset_from_array(STEPS, None, 3, start_index=20),
            ValueError,
            "start_index",
        ),
        (lambda f: keras.utils.timeseries_dataset_from_array(STEPS, None, 3, end_index=20), ValueError, "end_index"),
        (lambda f: keras.utils.timeseries_dataset_from_array(STEPS, None, 6, sampling_rate=3), ValueError, "No window"),
        (lambda f: keras.utils.split_dataset(STEPS), ValueError, "left_size"),
        (lambda f: keras.utils.split_dataset(STEPS, 0.9, 0.3), ValueError, "there are 12"),
        (lambda f: keras.utils.split_dataset(STEPS, 1.2), ValueError, "left_size"),
        (lambda f: keras.utils.split_dataset(STEPS, -1), ValueError, "left_size"),
        (lambda f: keras.utils.split_dataset(STEPS, 0.0), ValueError, "Both parts"),
        (lambda f: keras.utils.split_dataset(STEPS, "x"), TypeError, "left_size"),
        (lambda f: keras.utils.split_dataset((STEPS, STEPS[:3]), 0.5), ValueError, "same number"),
        (lambda f: keras.utils.split_dataset("x", 0.5), TypeError, "dataset"),
        (lambda f: keras.utils.split_dataset(3, 0.5), TypeError, "dataset"),
        (lambda f: keras.utils.split_dataset(STEPS, 0.5, preferred_backend="jax"), ValueError, "preferred_backend"),
    ],
)
def test_what_makes_no_sense_is_refused(pictures, call, error, words):
    with pytest.raises(error, match=words):
        call(pictures)
