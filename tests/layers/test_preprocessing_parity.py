"""Layers that prepare data, adaptive pooling and spectral normalization against real Keras, and what they refuse."""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import layers
from tests.layers.parity import Case, check_layer

MASK = np.array([[1, 1, 0], [1, 0, 1]], bool)
PICTURES = np.random.default_rng(3).uniform(0, 255, (2, 6, 8, 3)).astype("float32")
BYTES = PICTURES.astype("uint8")
NUMBERS = np.array([[0, 2, 2], [3, 1, 0]], "int32")
ONE = NUMBERS[:, :1]
GIVEN = {"mean": [1.0, -2.0, 0.5, 3.0], "variance": [4.0, 0.25, 1.0, 2.0]}

KINDS = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
COUNTS = {"count_weights": np.array([[1, 2, 3], [4, 5, 6]], "float32")}
# x.5 may round up or down; of symbolic bytes Keras says float32, and gives uint8
ROUNDED = {"atol": 1, "symbolic": False, "mixed": False}

CASES = [
    Case("Rescaling", {"scale": 1 / 127.5, "offset": -1.0}, (2, 4)),
    Case("Rescaling", {"scale": [1.0, 2.0, 0.5], "offset": [0.0, 1.0, -1.0]}, (2, 5, 5, 3)),
    Case("Rescaling", {"scale": 2}, (2, 3, 4), masks=[MASK]),
    Case("Rescaling", {"scale": 1 / 255}, BYTES),
    Case("Normalization", {**GIVEN}, (3, 4)),
    Case("Normalization", {**GIVEN, "invert": True}, (3, 4)),
    Case("Normalization", {"axis": None, "mean": 2.0, "variance": 9.0}, (3, 4)),
    Case("Normalization", {"axis": (1, 3), "mean": [[1.0, 2.0]], "variance": [[4.0, 1.0]]}, (2, 3, 4, 2)),
    Case("Normalization", {"axis": 1, "mean": [1.0, 2.0, 3.0], "variance": [0.0, 1.0, 4.0]}, (2, 3, 4), masks=[MASK]),
    *(
        Case("Resizing", {"height": 4, "width": 5, "interpolation": kind}, PICTURES, rtol=2e-5, atol=2e-3)
        for kind in KINDS
    ),
    Case("Resizing", {"height": 9, "width": 4, "crop_to_aspect_ratio": True}, PICTURES, atol=1e-3),
    Case("Resizing", {"height": 9, "width": 4, "pad_to_aspect_ratio": True, "fill_value": 7.0}, PICTURES, atol=1e-3),
    Case("Resizing", {"height": 3, "width": 3, "antialias": True}, PICTURES, atol=1e-3),
    Case("Resizing", {"height": 4, "width": 4, "data_format": "channels_first"}, PICTURES, atol=1e-3),
    Case("Resizing", {"height": 9, "width": 11}, BYTES, **ROUNDED),
    Case("CenterCrop", {"height": 3, "width": 5}, PICTURES),
    Case("CenterCrop", {"height": 3, "width": 3, "data_format": "channels_first"}, np.moveaxis(PICTURES, 3, 1).copy()),
    Case("CenterCrop", {"height": 9, "width": 4}, PICTURES, atol=1e-3),
    Case("CenterCrop", {"height": 4, "width": 4}, BYTES),
    Case("CategoryEncoding", {"num_tokens": 4}, NUMBERS, differentiable=False),
    Case("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, NUMBERS, differentiable=False),
    Case("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, ONE, differentiable=False),
    Case("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, NUMBERS, differentiable=False),
    Case(
        "CategoryEncoding",
        {"num_tokens": 4, "output_mode": "count"},
        NUMBERS,
        COUNTS,
        differentiable=False,
        symbolic=False,
    ),
    *(
        Case("Discretization", {"bin_boundaries": [-0.5, 0.0, 1.0], "output_mode": mode}, (3, 4), differentiable=False)
        for mode in ("int", "one_hot", "multi_hot", "count")
    ),
    *(Case(f"Adaptive{kind}Pooling1D", {"output_size": 3}, (2, 7, 4)) for kind in ("Average", "Max")),
    *(Case(f"Adaptive{kind}Pooling2D", {"output_size": (2, 3)}, (2, 5, 7, 2)) for kind in ("Average", "Max")),
    *(Case(f"Adaptive{kind}Pooling3D", {"output_size": 2}, (2, 3, 5, 4, 2)) for kind in ("Average", "Max")),
    Case("AdaptiveAveragePooling2D", {"output_size": 2, "data_format": "channels_first"}, (2, 3, 5, 6)),
    Case("SpectralNormalization", lambda library: {"layer": library.layers.Dense(4)}, (2, 3)),
    Case(
        "SpectralNormalization",
        lambda library: {"layer": library.layers.Conv2D(2, 2), "power_iterations": 3},
        (2, 4, 4, 3),
        rtol=2e-5,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_layer(case):
    check_layer(case)


@pytest.mark.parametrize("start", [1.0, 0.0], ids=["kernel", "kernel of zeros"])
def test_spectral_normalization_in_training_changes_the_kernel_as_keras_does(start):
    x = np.random.default_rng(0).standard_normal((3, 5)).astype("float32")
    ours, theirs = (
        library.layers.SpectralNormalization(library.layers.Dense(4), power_iterations=2)
        for library in (kerasish, oracle)
    )
    ours(x), theirs(x)
    weights = [start * w if w.ndim == 2 and w.shape[0] > 1 else w for w in theirs.get_weights()]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    for _ in range(3):
        np.testing.assert_allclose(ours(x, training=True), theirs(x, training=True), rtol=2e-5, atol=1e-6)
    for mine, real in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, real, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("run_eagerly", [False, True], ids=["compiled", "eager"])
def test_spectral_normalization_trains_the_kernel_that_it_divided(run_eagerly):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((6, 5)).astype("float32"), rng.standard_normal((6, 4)).astype("float32")
    divided = layers.SpectralNormalization(layers.Dense(4), power_iterations=2)
    plain = layers.Dense(4)
    divided.build((None, 5))
    vector, kernel = (kerasish.ops.convert_to_numpy(value) for value in divided.normalized_weights())
    plain.build((None, 5))
    plain.set_weights([kernel, plain.bias.numpy()])
    for layer in (divided, plain):
        model = kerasish.Sequential([layer])
        model.compile(kerasish.optimizers.SGD(0.5), "mse", run_eagerly=run_eagerly)
        model.train_on_batch(x, y)
    np.testing.assert_allclose(divided.kernel.numpy(), plain.kernel.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(divided.vector_u.numpy(), vector, rtol=1e-5)


DATA = np.random.default_rng(1).normal(3.0, 2.0, (9, 4, 2)).astype("float32")


FORMS = {
    "array": lambda x: x,
    "list": lambda x: [x[:4], x[4:7], x[7:]],
    "pairs": lambda x: iter([(x[:5], None), (x[5:], None)]),
}


@pytest.mark.parametrize("invert", [False, True], ids=["", "inverted"])
@pytest.mark.parametrize("axis", [-1, None, 1, (1, 2)], ids=str)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_adapt_finds_what_keras_finds(form, axis, invert):
    ours, theirs = (library.layers.Normalization(axis=axis, invert=invert) for library in (kerasish, oracle))
    for layer in (ours, theirs):
        layer.adapt(form(DATA))
    for mine, real in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, real, rtol=1e-5)
    assert [(v.name, v.dtype, tuple(v.shape)) for v in ours.weights] == [
        (v.name, v.dtype, tuple(v.shape)) for v in theirs.weights
    ]
    np.testing.assert_allclose(ours(DATA), theirs(DATA), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(kerasish.ops.convert_to_numpy(ours.mean), np.asarray(theirs.mean), rtol=1e-5)
    np.testing.assert_allclose(kerasish.ops.convert_to_numpy(ours.variance), np.asarray(theirs.variance), rtol=1e-5)


@pytest.mark.parametrize(
    "data",
    [1e9 + np.arange(4.0)[:, None], np.array([[20000001], [3], [5], [7]]), DATA.astype("float16")],
    ids=["float64", "int64", "float16"],
)
def test_adapt_rounds_no_data(data):
    ours, theirs = (library.layers.Normalization() for library in (kerasish, oracle))
    for layer in (ours, theirs):
        layer.adapt(data)
    for mine, real in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(
            mine, real, rtol=1e-3 if data.dtype == "float16" else 1e-6
        )  # of halves real Keras reduces halves


def test_adapt_takes_a_py_dataset_and_forgets_what_it_found_before():
    class Batches(kerasish.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return DATA[3 * index : 3 * index + 3], None

    layer = layers.Normalization()
    layer.adapt(DATA * 100.0)
    layer.adapt(Batches())
    np.testing.assert_allclose(layer.adapt_mean.numpy(), DATA.mean((0, 1)), rtol=1e-5)
    np.testing.assert_allclose(layer.adapt_variance.numpy(), DATA.var((0, 1)), rtol=1e-5)


def test_an_adapted_normalization_opens_in_real_keras_and_back(tmp_path):
    ours = kerasish.Sequential([kerasish.Input((4, 2)), layers.Normalization(name="adapted")])
    ours.layers[0].adapt(DATA)
    ours.save(tmp_path / "ours.keras")
    theirs = oracle.saving.load_model(tmp_path / "ours.keras")
    np.testing.assert_allclose(theirs.predict(DATA, verbose=0), ours.predict(DATA, verbose=0), rtol=1e-5, atol=1e-6)
    theirs.save(tmp_path / "theirs.keras")
    again = kerasish.models.load_model(tmp_path / "theirs.keras")
    np.testing.assert_allclose(again.predict(DATA, verbose=0), ours.predict(DATA, verbose=0), rtol=1e-5, atol=1e-6)


def test_a_dict_of_pictures_keeps_labels_and_changes_masks_without_mixing_them():
    data = {"images": PICTURES, "labels": np.array([1, 2]), "segmentation_masks": (BYTES % 3).astype("uint8")}
    ours = layers.Resizing(3, 4)(dict(data))
    theirs = oracle.layers.Resizing(3, 4)(dict(data))
    assert set(ours) == set(theirs)
    for key, value in ours.items():
        np.testing.assert_allclose(value, np.asarray(theirs[key]), atol=1e-3)


@pytest.mark.parametrize("name", ["Resizing", "CenterCrop"])
def test_one_picture_and_open_sizes(name):
    def make(library):
        return getattr(library.layers, name)(3, 4)

    np.testing.assert_allclose(make(kerasish)(PICTURES[0]), np.asarray(make(oracle)(PICTURES[0])), atol=1e-3)
    assert make(kerasish)(kerasish.Input((None, None, 3))).shape == (None, 3, 4, 3)


def test_lists_of_numbers_are_taken():
    assert layers.CategoryEncoding(3, output_mode="one_hot")([2, 0]).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    assert layers.Rescaling(2.0)([1, 2]).tolist() == [2.0, 4.0]
    assert layers.CategoryEncoding(2, output_mode="binary").output_mode == "multi_hot"


ONES = np.ones((2, 3), "float32")


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: layers.Rescaling(None), "`scale`.*None"),
        (lambda: layers.Normalization(mean=1.0), "together"),
        (lambda: layers.Normalization(mean=[1.0, 2.0], variance=[1.0]), "same shape"),
        (lambda: layers.Normalization(axis=None, mean=[1.0], variance=[1.0]), "at most as many axes"),
        (lambda: layers.Normalization(axis=2)(ONES), "out of range"),
        (lambda: layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 2.0])(ONES), "broadcast"),
        (lambda: layers.Normalization()(kerasish.Input((None,))), "needs to know the sizes"),
        (lambda: layers.Normalization().adapt([]), "no batches"),
        (lambda: layers.Normalization().adapt(3), "`data` must be an array"),
        (lambda: layers.Normalization().adapt([1.0, 2.0]), "must yield arrays"),
        (lambda: layers.Normalization().adapt([ONES, np.ones((2, 4), "float32")]), "must fit the shape"),
        (lambda: layers.Normalization(mean=1.0, variance=1.0).adapt(ONES), "can't `adapt`"),
        (lambda: layers.Resizing(0, 3), "`height`.*0"),
        (lambda: layers.Resizing(3, 3, interpolation="bilinera"), "Did you mean 'bilinear'"),
        (lambda: layers.Resizing(3, 3, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), "Only one"),
        (lambda: layers.Resizing(3, 3)(ONES), "3 axes"),
        (lambda: layers.Resizing(3, 3)({"images": PICTURES, "bounding_boxes": ONES}), "bounding_boxes"),
        (lambda: layers.CenterCrop(3, 3)(ONES), "3 axes"),
        (lambda: layers.CategoryEncoding(), "`num_tokens`"),
        (lambda: layers.CategoryEncoding(0), "`num_tokens`"),
        (lambda: layers.CategoryEncoding(3, output_mode="counts"), "Did you mean 'count'"),
        (lambda: layers.Discretization(), "`num_bins`"),
        (lambda: layers.Discretization([0.0], 3), "`num_bins`"),
        (lambda: layers.Discretization(num_bins=0), "`num_bins`"),
        (lambda: layers.Discretization([1.0, 0.0]), "`bin_boundaries`"),
        (lambda: layers.Discretization([1.0], output_mode="counts"), "Did you mean 'count'"),
        (lambda: layers.Discretization([1.0], sparse=True), "`sparse=True`"),
        (lambda: layers.Discretization([1.0]).adapt(ONES), "`adapt`"),
        (lambda: layers.Discretization(num_bins=2).adapt([]), "`data`"),
        (lambda: layers.Discretization(num_bins=2)(ONES), "`adapt"),
        (lambda: layers.Pipeline([1]), "`layers`"),
        (lambda: layers.CategoryEncoding(3)([[1, 2]], count_weights=ONES), "`count_weights`"),
        (lambda: layers.AdaptiveMaxPooling2D((1, 2, 3)), "`output_size`"),
        (lambda: layers.AdaptiveMaxPooling2D(3)(ONES), "ndim"),
        (lambda: layers.SpectralNormalization(layers.Dense(2), power_iterations=0), "`power_iterations`"),
        (lambda: layers.SpectralNormalization(layers.Flatten())(ONES), "`kernel` or `embeddings`"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(make, message):
    with pytest.raises((ValueError, TypeError, RuntimeError), match=message):
        make()


@pytest.mark.parametrize("bins", [2, 5, 10])
def test_adapted_bins_are_those_of_keras(bins):
    batches = [np.random.default_rng(seed).normal(size=(500, 3)).astype("float32") for seed in range(3)]
    ours, theirs = layers.Discretization(num_bins=bins), oracle.layers.Discretization(num_bins=bins)
    for data in (batches[0], batches, iter(batches), batches[1][:4, 0]):
        data = list(data) if not hasattr(data, "shape") else data
        ours.adapt(data)
        theirs.adapt(data)
        np.testing.assert_allclose(ours.bin_boundaries, theirs.bin_boundaries, rtol=1e-4, atol=1e-5)
    again = layers.Discretization.from_config(ours.get_config())
    assert again.bin_boundaries == ours.bin_boundaries


def test_bins_of_numbers_of_which_many_are_equal_are_made_again():
    layer = layers.Discretization(num_bins=4)
    layer.adapt(np.array([2.0] * 8 + [3.0, 5.0]))
    again = type(layer).from_config(layer.get_config())
    assert again.bin_boundaries == layer.bin_boundaries
    values = np.array([1.0, 2.0, 4.0])
    np.testing.assert_array_equal(again(values), layer(values))


def test_sparse_vectors_are_dense_with_a_word_about_it():
    with pytest.warns(UserWarning, match="made dense"):
        layer = layers.CategoryEncoding(3, sparse=True)
    assert layer([[0, 2]]).tolist() == [[1.0, 0.0, 1.0]]


PIPELINES = [
    ("Pipeline", ("Rescaling",)),
    ("Pipeline", ("Rescaling", "Masking")),
    ("Pipeline", ("Rescaling", "Dense")),
    ("Pipeline", ("Dense", "Rescaling", "Dense")),
    ("Pipeline", ()),
]


@pytest.mark.parametrize("name, inside", PIPELINES)
def test_a_pipeline_is_its_layers_one_after_the_other(name, inside):
    arguments = {"Rescaling": {"scale": 2.0}, "Masking": {}, "Dense": {"units": 2, "kernel_initializer": "ones"}}
    ours = layers.Pipeline([getattr(layers, name)(**arguments[name]) for name in inside])
    theirs = oracle.layers.Pipeline([getattr(oracle.layers, name)(**arguments[name]) for name in inside])
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    if inside:
        np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-6)
    again = layers.Pipeline.from_config(ours.get_config())
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in ours.layers]
    inputs = kerasish.Input((3, 4))
    assert kerasish.Model(inputs, ours(inputs)).predict(x, verbose=0).shape == ours(x).shape
