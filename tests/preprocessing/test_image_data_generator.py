"""Keras 2's ImageDataGenerator and its functions give the numbers that Keras 2 gives."""

import inspect
import sys
import warnings

import numpy as np
import pandas
import pytest
from PIL import Image
from tf_keras.preprocessing import image as theirs

import kerasish as keras
from kerasish.backend import deprecation
from kerasish.preprocessing import image as ours

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
generator = np.random.default_rng(0)
X = generator.integers(0, 256, (7, 9, 8, 3)).astype("float32")
Y = np.arange(7) % 2
GREY = generator.random((4, 6, 5, 1)).astype("float32")


def same(found, expected):
    if isinstance(expected, (tuple, list)):
        assert isinstance(found, (tuple, list)) and len(found) == len(expected)
        for one, other in zip(found, expected):
            same(one, other)
        return
    found, expected = np.asarray(found), np.asarray(expected)
    if expected.dtype.kind == "U":
        assert found == expected
        return
    assert found.shape == expected.shape and found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def both(action):
    """What an action gives in each library, from the same random numbers."""
    found = []
    for library in (ours, theirs):
        np.random.seed(5)
        found.append(action(library))
    return found


OF_KERAS_3 = {"load_img", "smart_resize"}


@pytest.mark.parametrize("name", sorted({*ours.__all__} & {*dir(theirs)} - OF_KERAS_3))
def test_signatures_are_those_of_keras_2(name):
    mine, its = (inspect.signature(getattr(library, name)) for library in (ours, theirs))
    assert [(p.name, p.default) for p in mine.parameters.values()] == [
        (p.name, p.default) for p in its.parameters.values()
    ]


@pytest.mark.parametrize("method", ["flow", "flow_from_directory", "flow_from_dataframe", "fit", "standardize"])
def test_methods_have_the_signatures_of_keras_2(method):
    mine, its = (inspect.signature(getattr(library.ImageDataGenerator, method)) for library in (ours, theirs))
    assert [(p.name, p.default) for p in mine.parameters.values()] == [
        (p.name, p.default) for p in its.parameters.values()
    ]


LAST = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
FUNCTIONS = [
    ("apply_affine_transform", (), {"theta": 30, **LAST}),
    ("apply_affine_transform", (), {"tx": 1.5, "ty": -2, "fill_mode": "constant", "cval": 7.0, **LAST}),
    ("apply_affine_transform", (), {"shear": 20, "fill_mode": "reflect", **LAST}),
    ("apply_affine_transform", (), {"zx": 0.7, "zy": 1.4, "fill_mode": "wrap", "order": 3, **LAST}),
    ("apply_affine_transform", (), {"theta": 10, "tx": 1, "shear": 5, "zx": 0.9, "zy": 0.8, "order": 0, **LAST}),
    ("apply_affine_transform", (), {"theta": 25, "tx": 1, "row_axis": 1, "col_axis": 0, "channel_axis": 2}),
    ("random_rotation", (40,), LAST),
    ("random_shift", (0.3, 0.2), LAST),
    ("random_shear", (30,), LAST),
    ("random_zoom", ((0.6, 1.3),), LAST),
    ("random_zoom", ((1, 1),), LAST),
    ("apply_channel_shift", (12.0,), {"channel_axis": 2}),
    ("random_channel_shift", (30.0,), {"channel_axis": 2}),
    ("apply_brightness_shift", (1.4,), {}),
    ("apply_brightness_shift", (0.6,), {"scale": False}),
    ("random_brightness", ((0.5, 1.5),), {}),
]


@pytest.mark.parametrize("name, arguments, options", FUNCTIONS, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("scale", [1, 1.2])
def test_functions(name, arguments, options, scale):
    same(*both(lambda library: getattr(library, name)(X[0] * scale - 20 * (scale - 1), *arguments, **options)))


GENERATORS = {
    "nothing": {},
    "rescaled": {"rescale": 1 / 255},
    "turned": {"rotation_range": 40},
    "moved by shares": {"width_shift_range": 0.3, "height_shift_range": 0.2},
    "moved by pixels": {"width_shift_range": 3, "height_shift_range": 2.5},
    "moved by a list": {"width_shift_range": [1, 2, 5], "height_shift_range": [0.1, 0.2]},
    "sheared": {"shear_range": 20, "fill_mode": "constant", "cval": 9},
    "zoomed": {"zoom_range": 0.3, "fill_mode": "reflect"},
    "zoomed by a pair": {"zoom_range": [0.5, 0.9], "interpolation_order": 3},
    "flipped": {"horizontal_flip": True, "vertical_flip": True},
    "recoloured": {"channel_shift_range": 40},
    "brighter": {"brightness_range": (0.5, 1.5)},
    "sample by sample": {"samplewise_center": True, "samplewise_std_normalization": True},
    "by the data": {"featurewise_center": True, "featurewise_std_normalization": True},
    "by the data, needing more": {"featurewise_std_normalization": True, "rescale": 0.5},
    "whitened": {"zca_whitening": True, "zca_epsilon": 1e-2},
    "by a function": {"preprocessing_function": lambda x: x * 2 - 1},
    "in another dtype": {"dtype": "float64", "rescale": 0.1},
    "all": {
        "rotation_range": 20,
        "width_shift_range": 0.1,
        "height_shift_range": 0.1,
        "shear_range": 5,
        "zoom_range": 0.2,
        "horizontal_flip": True,
        "vertical_flip": True,
        "channel_shift_range": 10,
        "brightness_range": [0.8, 1.2],
        "rescale": 1 / 255,
        "samplewise_center": True,
    },
}


@pytest.mark.parametrize("arguments", GENERATORS.values(), ids=GENERATORS)
@pytest.mark.parametrize("flow", [{}, {"shuffle": False, "batch_size": 3}, {"seed": 3, "batch_size": 4}])
def test_pictures_from_arrays(arguments, flow):
    def action(library):
        changes = library.ImageDataGenerator(**arguments)
        if any(name.startswith(("featurewise", "zca")) for name in arguments):
            changes.fit(X)
        batches = changes.flow(X.copy(), Y, **flow)
        return [next(batches) for _ in range(5)] + [batches[i] for i in range(len(batches))]

    same(*both(action))


def test_channels_first_and_augmented_statistics():
    x = X.transpose(0, 3, 1, 2).copy()
    arguments = {"featurewise_center": True, "rotation_range": 20, "horizontal_flip": True, "zoom_range": 0.1}

    def action(library):
        changes = library.ImageDataGenerator(data_format="channels_first", **arguments)
        changes.fit(x, augment=True, rounds=2, seed=4)
        return [changes.mean, *changes.flow(x, Y, batch_size=7, seed=1)[0]]

    same(*both(action))


@pytest.mark.parametrize("subset", ["training", "validation"])
def test_parts_weights_and_further_inputs(subset):
    def action(library):
        changes = library.ImageDataGenerator(validation_split=0.3)
        more = [np.arange(7.0), np.arange(14.0).reshape(7, 2)]
        return [
            changes.flow((X, more), Y, shuffle=False, subset=subset)[0],
            changes.flow(X, None, shuffle=False)[0],
            changes.flow(X, Y, shuffle=False, sample_weight=np.arange(7.0))[0],
        ]

    same(*both(action))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("pictures")
    for name, count in (("b", 4), ("a", 5)):
        (place / name / "deep").mkdir(parents=True)
        for number in range(count):
            pixels = generator.integers(0, 256, (9 + number, 12, 3), dtype="uint8")
            Image.fromarray(pixels).save(place / name / ("deep" if number == 2 else "") / f"{number}.png")
        (place / name / "notes.txt").write_text("no picture")
    return place


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"class_mode": "binary"},
        {"class_mode": "sparse", "shuffle": False},
        {"class_mode": "input"},
        {"class_mode": None},
        {"classes": ["b", "a"], "batch_size": 2},
        {"color_mode": "grayscale"},
        {"color_mode": "rgba"},
        {"interpolation": "bilinear", "keep_aspect_ratio": True},
        {"subset": "training", "seed": 3},
        {"subset": "validation", "shuffle": False},
    ],
    ids=str,
)
def test_pictures_from_folders(folder, arguments, capsys):
    def action(library):
        changes = library.ImageDataGenerator(rotation_range=20, rescale=1 / 255, validation_split=0.4)
        batches = changes.flow_from_directory(str(folder), target_size=(6, 5), **arguments)
        assert batches.class_indices == ({"b": 0, "a": 1} if "classes" in arguments else {"a": 0, "b": 1})
        found = [next(batches) for _ in range(3)]
        return [found, batches.filenames, batches.filepaths, batches.classes, batches.samples, batches.image_shape]

    same(*both(action))
    said = capsys.readouterr().out.splitlines()
    assert said[0] == said[1] and said[0].startswith("Found")


TABLE = {
    "filename": ["a/0.png", "a/1.png", "b/0.png", "b/1.png", "a/3.png", "none.png"],
    "class": ["x", "y", "x", "z", "y", "x"],
    "two": ["x", "y", "x", "y", "y", "x"],
    "many": [["x"], ["y", "x"], ["z"], ["x", "z"], "y", ["x"]],
    "n": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    "m": [3, 1, 4, 1, 5, 9],
}


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"class_mode": "sparse"},
        {"class_mode": "binary", "y_col": "two"},
        {"class_mode": "input"},
        {"class_mode": None},
        {"class_mode": "raw", "y_col": "n"},
        {"class_mode": "raw", "y_col": ["n", "m"]},
        {"class_mode": "multi_output", "y_col": ["n", "m"]},
        {"y_col": "many"},
        {"y_col": "many", "classes": ["z", "x"]},
        {"classes": ["y", "x"]},
        {"weight_col": "n", "class_mode": "sparse"},
        {"subset": "training"},
        {"subset": "validation", "shuffle": False, "drop_duplicates": True},
    ],
    ids=str,
)
def test_pictures_from_tables(folder, arguments, capsys):
    def action(library):
        changes = library.ImageDataGenerator(horizontal_flip=True, validation_split=0.4)
        table = pandas.DataFrame(TABLE)
        batches = changes.flow_from_dataframe(table, str(folder), target_size=(6, 5), batch_size=3, **arguments)
        return [[next(batches) for _ in range(3)], batches.filenames, batches.filepaths]

    same(*both(action))
    said = capsys.readouterr().out.splitlines()
    assert said[0] == said[1] and said[0].startswith("Found")


def test_changed_pictures_are_written(folder, tmp_path):
    changes = ours.ImageDataGenerator()
    changes.flow(X, batch_size=3, save_to_dir=tmp_path, save_prefix="new", save_format="jpeg").next()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 3 and all(name.startswith("new_") and name.endswith(".jpeg") for name in names)


def test_a_model_trains_on_it():
    changes = ours.ImageDataGenerator(horizontal_flip=True, rescale=1 / 255)
    model = keras.Sequential([keras.Input((9, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    history = model.fit(changes.flow(X, Y, batch_size=3), epochs=2, verbose=0, validation_data=changes.flow(X, Y))
    assert len(history.history["val_loss"]) == 2
    assert model.predict(changes.flow(X, shuffle=False), verbose=0).shape == (7, 1)


BAD = [
    lambda library, folder: library.ImageDataGenerator(zoom_range=(1, 2, 3)),
    lambda library, folder: library.ImageDataGenerator(brightness_range=2),
    lambda library, folder: library.ImageDataGenerator(validation_split=1.5),
    lambda library, folder: library.ImageDataGenerator(data_format="sideways"),
    lambda library, folder: library.ImageDataGenerator().fit(X[0]),
    lambda library, folder: library.ImageDataGenerator().flow(X[0]),
    lambda library, folder: library.ImageDataGenerator().flow(X, Y[:3]),
    lambda library, folder: library.ImageDataGenerator().flow(X, Y, sample_weight=[1.0]),
    lambda library, folder: library.ImageDataGenerator(validation_split=0.5).flow(X, Y, subset="test"),
    lambda library, folder: library.ImageDataGenerator(validation_split=0.2).flow(X, Y, subset="training"),
    lambda library, folder: library.ImageDataGenerator().flow(X)[9],
    lambda library, folder: library.ImageDataGenerator().flow_from_directory(folder, class_mode="wrong"),
    lambda library, folder: library.ImageDataGenerator().flow_from_directory(folder, color_mode="cmyk"),
    lambda library, folder: library.ImageDataGenerator().flow_from_dataframe(pandas.DataFrame(TABLE), class_mode="no"),
    lambda library, folder: library.ImageDataGenerator().flow_from_dataframe(pandas.DataFrame(TABLE), x_col="n"),
    lambda library, folder: library.ImageDataGenerator().flow_from_dataframe(
        pandas.DataFrame(TABLE), class_mode="binary"
    ),
    lambda library, folder: library.ImageDataGenerator().flow_from_dataframe(
        pandas.DataFrame(TABLE), class_mode="sparse", y_col="n"
    ),
    lambda library, folder: library.apply_affine_transform(X[0], 3, row_axis=0, col_axis=0, channel_axis=2),
    lambda library, folder: library.random_zoom(X[0], (1, 2, 3)),
    lambda library, folder: library.random_brightness(X[0], (1, 2, 3)),
]


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_keras_2_refuses_is_refused(folder, number):
    kinds = []
    for library in (ours, theirs):
        with pytest.raises((TypeError, ValueError)) as caught:
            BAD[number](library, str(folder))
        kinds.append(caught.type)
    assert kinds[0] is kinds[1]


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.ndimage", None)
    with pytest.raises(ImportError, match="SciPy"):
        ours.ImageDataGenerator(rotation_range=20).flow(X)[0]
    assert ours.ImageDataGenerator(horizontal_flip=True).flow(X)[0].shape == X.shape


@pytest.mark.filterwarnings("default::DeprecationWarning")
@pytest.mark.parametrize(
    "call",
    [
        lambda: ours.ImageDataGenerator().flow(X)[0],
        lambda: ours.random_rotation(X[0], 3, **LAST),
        lambda: ours.apply_channel_shift(X[0], 3),
        lambda: ours.random_brightness(X[0], (0.5, 1)),
    ],
)
def test_one_warning_points_here(call):
    deprecation.reset_warnings()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
        call()
    assert [w.category for w in caught] == [DeprecationWarning] and caught[0].filename == __file__
