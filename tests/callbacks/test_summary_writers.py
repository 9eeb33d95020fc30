"""`kerasish.summary`: a program's own numbers, pictures and texts."""

import io

import numpy as np
import pytest
from event_files import pictures, run, scalars
from PIL import Image

import kerasish as keras
from kerasish import summary
from kerasish.summary.pixels import png


def test_numbers(tmp_path):
    with summary.create_file_writer(tmp_path) as writer:
        with writer.as_default():
            assert summary.scalar("a", 1.5, step=3) and summary.scalar("a", keras.ops.ones((1,)), step=4)
        with writer.as_default(step=7):
            summary.scalar("b", np.float64(2))
            with writer.as_default(step=8):
                summary.scalar("b", keras.Variable(3.0))
            summary.scalar("b", 4, step=9)
    assert scalars(tmp_path) == {"a": [(3, 1.5), (4, 1.0)], "b": [(7, 2.0), (8, 3.0), (9, 4.0)]}


def test_texts_histograms_pictures(tmp_path):
    drawn = np.random.default_rng(0).uniform(size=(5, 4, 6, 3))
    with summary.create_file_writer(tmp_path) as writer, writer.as_default(step=1):
        summary.text("note", "**bold**")
        summary.histogram("spread", np.arange(100.0), buckets=10)
        summary.image("drawn", drawn, max_outputs=2)
    events = run(tmp_path)
    assert events.Tensors("note/text_summary")[0].tensor_proto.string_val[0] == b"**bold**"
    spread = events.Histograms("spread")[0].histogram_value
    assert spread.num == 100 and sum(spread.bucket) == 100
    found = [np.asarray(Image.open(io.BytesIO(packed))) for packed in pictures(events, "drawn")]
    np.testing.assert_allclose(found, drawn[:2] * 255, atol=0.51)


def test_without_a_writer_nothing_happens():
    assert summary.scalar("a", 1.0, step=1) is False


def test_refused(tmp_path):
    with summary.create_file_writer(tmp_path) as writer, writer.as_default():
        with pytest.raises(ValueError, match="'a' has no step"):
            summary.scalar("a", 1.0)
        with pytest.raises(ValueError, match=r"one number, got an array of shape \(2,\)"):
            summary.scalar("a", [1.0, 2.0], step=1)
        with pytest.raises(ValueError, match=r"\(pictures, height, width, channels\)"):
            summary.image("a", np.ones((2, 3, 3)), step=1)
        with pytest.raises(ValueError, match="1, 3 or 4 channels"):
            summary.image("a", np.ones((1, 3, 3, 2)), step=1)


def test_in_a_compiled_step_and_in_an_eager_one(tmp_path):
    class Telling(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            summary.scalar("mean", keras.ops.mean(x))
            return self.dense(x)

    def model(**arguments):
        made = Telling()
        made.compile("sgd", "mse", **arguments)
        return made

    x = np.full((2, 3), 5.0)
    with summary.create_file_writer(tmp_path) as writer, writer.as_default(step=0):
        with pytest.raises(TypeError, match="'mean' has no value while a step is being compiled"):
            model().train_on_batch(x, x[:, :1])
        model(run_eagerly=True).train_on_batch(x, x[:, :1])
    assert set(scalars(tmp_path)["mean"]) == {(0, 5.0)}


@pytest.mark.parametrize("kind", ["uint8", "float32", "float16", "bool", "int64"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_png(kind, channels):
    values = np.random.default_rng(0).integers(0, 2, (5, 7, channels))
    picture = (values * (255 if kind in ("uint8", "int64") else 1)).astype(kind)
    found = np.asarray(Image.open(io.BytesIO(png(picture)))).reshape(picture.shape)
    np.testing.assert_array_equal(found, values * 255)
