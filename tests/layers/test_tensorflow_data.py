"""Layers that prepare data in `tf.data.Dataset.map`, where TensorFlow is installed, and in a `PyDataset`'s workers."""

import subprocess
import sys

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

pytestmark = pytest.mark.slow
RNG = np.random.default_rng(0)
PICTURES = RNG.uniform(0, 255, (6, 8, 10, 3)).astype("float32")
TEXTS = np.array(["a", "b", "x", "a b", "", "b"])


@pytest.fixture(scope="module")
def tf():
    return pytest.importorskip("tensorflow", reason="TensorFlow, which these layers are called from, is not installed")


NUMBERS = [
    ("Rescaling", {"scale": 1 / 255}),
    ("Normalization", {"mean": 1.0, "variance": 4.0}),
    ("Resizing", {"height": 4, "width": 5}),
    ("CenterCrop", {"height": 4, "width": 5}),
    ("RandomCrop", {"height": 4, "width": 5, "seed": 1}),
    ("RandomFlip", {"seed": 1}),
    ("RandomRotation", {"factor": 0.2, "seed": 1}),
    ("RandomContrast", {"factor": 0.5, "seed": 1}),
    ("Discretization", {"bin_boundaries": [50.0, 100.0]}),
]


def open_shape(shape):
    return (None, *shape[1:])


@pytest.mark.parametrize("name, arguments", NUMBERS)
@pytest.mark.parametrize("batch", [None, 3])
def test_numbers(tf, name, arguments, batch):
    """The same values, from the same seed, as the layer gives by itself; static shapes beforehand."""
    data = tf.data.Dataset.from_tensor_slices(PICTURES)
    data = data if batch is None else data.batch(batch)
    mapped = data.map(getattr(layers, name)(**arguments))
    alone = getattr(layers, name)(**arguments)
    expected = [alone(item.numpy()) for item in data]
    for value, wanted in zip(mapped, expected, strict=True):
        np.testing.assert_allclose(value.numpy(), wanted, rtol=1e-5, atol=1e-3)
    shape = wanted.shape if batch is None else open_shape(wanted.shape)
    assert tuple(mapped.element_spec.shape) == shape and mapped.element_spec.dtype.name == str(wanted.dtype)


@pytest.mark.parametrize(
    "name, arguments, dtype",
    [
        ("StringLookup", {"vocabulary": ["a", "b"]}, "int64"),
        ("StringLookup", {"vocabulary": ["a", "b"], "output_mode": "one_hot"}, "float32"),
        ("TextVectorization", {"vocabulary": ["a", "b"], "output_sequence_length": 3}, "int64"),
        ("Hashing", {"num_bins": 5}, "int64"),
    ],
)
@pytest.mark.parametrize("batch", [None, 4])
def test_text(tf, name, arguments, dtype, batch):
    data = tf.data.Dataset.from_tensor_slices(TEXTS)
    data = data if batch is None else data.batch(batch)
    layer = getattr(layers, name)(**arguments)
    mapped = data.map(layer)
    assert mapped.element_spec.dtype.name == dtype
    for value, item in zip(mapped, data, strict=True):
        np.testing.assert_array_equal(value.numpy(), layer(item.numpy()))


def test_numbers_become_text(tf):
    layer = layers.StringLookup(vocabulary=["a", "b"], invert=True)
    mapped = tf.data.Dataset.from_tensor_slices([[1, 2], [0, 1]]).map(layer)
    assert [value.numpy().tolist() for value in mapped] == [[b"a", b"b"], [b"[UNK]", b"a"]]


def test_pictures_with_all_that_belongs_to_them(tf):
    parts = {
        "images": PICTURES,
        "labels": np.arange(6, dtype="float32"),
        "bounding_boxes": {"boxes": np.tile(np.float32([1, 1, 4, 5]), (6, 2, 1)), "labels": np.ones((6, 2), "float32")},
        "segmentation_masks": RNG.integers(0, 3, (6, 8, 10, 1)).astype("int32"),
    }  # fmt: skip
    make = lambda: layers.RandomFlip("horizontal", seed=2, bounding_box_format="xyxy")  # noqa: E731
    mapped = tf.data.Dataset.from_tensor_slices(parts).batch(6).map(make())
    [found], wanted = list(mapped), make()(parts)
    assert tuple(mapped.element_spec["segmentation_masks"].shape) == (None, 8, 10, 1)
    for path, value in keras.tree.flatten_with_path(wanted):
        part = found
        for key in path:
            part = part[key]
        np.testing.assert_allclose(part.numpy(), keras.ops.convert_to_numpy(value), rtol=1e-5, atol=1e-3)


def test_a_pipeline_in_parallel_draws_anew_each_time(tf):
    same = tf.data.Dataset.from_tensor_slices(np.repeat(PICTURES[:1], 16, axis=0))
    pipeline = layers.Pipeline([layers.RandomRotation(0.4, seed=1), layers.Rescaling(1 / 255)])
    values = [value.numpy().tobytes() for value in same.map(pipeline, num_parallel_calls=4)]
    assert len(set(values)) == 16


def test_a_model_is_fitted_on_what_was_mapped(tf):
    data = tf.data.Dataset.from_tensor_slices((PICTURES, np.ones((6, 1), "float32"))).batch(3)
    flip, scale = layers.RandomFlip("horizontal"), layers.Rescaling(1 / 255)
    data = data.map(lambda x, y: (scale(flip(x, training=True)), y)).prefetch(2)
    model = keras.Sequential([keras.Input((8, 10, 3)), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(data, epochs=2, verbose=0).history["loss"]).all()


def test_eager_tensors_are_values(tf):
    given = tf.constant(PICTURES)
    np.testing.assert_allclose(layers.Rescaling(2.0)(given), 2 * PICTURES, rtol=1e-6)


def test_an_unknown_number_of_axes_is_refused(tf):
    data = tf.data.Dataset.from_tensor_slices(PICTURES)
    data = data.map(lambda x: tf.numpy_function(lambda v: v, [x], tf.float32))
    with pytest.raises(ValueError, match="number of axes is not known: say its shape by `tensor.set_shape"):
        data.map(layers.Rescaling(2.0))


def test_nobody_imports_tensorflow_for_it():
    program = (
        "import sys, numpy as np; from kerasish import layers\n"
        "layers.RandomFlip()(np.ones((2, 4, 4, 3), 'float32')); layers.StringLookup(vocabulary=['a'])(['a'])\n"
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


class Augmented(keras.utils.PyDataset):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.layer = layers.Pipeline([layers.RandomFlip("horizontal", seed=1), layers.RandomZoom(0.2, seed=2)])

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return self.layer(PICTURES[index : index + 1]), np.ones((1, 1), "float32")


@pytest.mark.parametrize("workers", [1, 3])
def test_layers_in_the_workers_of_a_py_dataset(workers):
    model = keras.Sequential([keras.Input((8, 10, 3)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(Augmented(workers=workers), epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all() and int(model.optimizer.iterations) == 12
