"""Text among the inputs of a model: what turns it into numbers runs before the compiled step."""

import copy
import json
import pickle
import warnings
import zipfile

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.models.host_prefix import HostPrefix
from kerasish.models.training.text_steps import StepAfterText

pytestmark = pytest.mark.fast
TEXTS = ["the cat sat on the mat", "dogs bark", "a cat and a dog", "birds sing"] * 4
ARRAY = np.array(TEXTS)
LABELS = np.array([1.0, 0.0, 1.0, 0.0] * 4)


def listed(x):
    """Values of an array, which a device may hold, as nested lists."""
    return (x if isinstance(x, np.ndarray) else keras.ops.convert_to_numpy(x)).tolist()


def vectorizer(**options):
    layer = layers.TextVectorization(**{"output_sequence_length": 6, **options})
    layer.adapt(TEXTS)
    return layer


def classifier(compiled=True):
    text = keras.Input((1,), dtype="string", name="text")
    words = layers.Embedding(50, 8, mask_zero=True)(vectorizer()(text))
    model = keras.Model(text, layers.Dense(1, "sigmoid")(layers.GlobalAveragePooling1D()(words)))
    if compiled:
        model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
    return model


def mixed():
    """Text, numbers, and crossings of both."""
    city, day = keras.Input((1,), dtype="string", name="city"), keras.Input((1,), dtype="int32", name="day")
    numbers = keras.Input((3,), name="numbers")
    parts = [
        layers.StringLookup(vocabulary=["x", "y"], output_mode="one_hot")(city),
        layers.HashedCrossing(7, output_mode="one_hot")([city, day]),
        layers.HashedCrossing(5, output_mode="one_hot")([city, layers.Discretization([0.0])(numbers[:, :1])]),
        layers.IntegerLookup(vocabulary=[1, 2], output_mode="one_hot")(day),
        layers.Dense(4)(numbers),
    ]
    model = keras.Model([city, day, numbers], layers.Dense(1)(layers.Concatenate()(parts)))
    model.compile("sgd", "mse")
    x = {"city": np.array(["x", "z", "y", "y"]), "day": np.array([1, 2, 3, 4]), "numbers": np.ones((4, 3))}
    return model, x


def test_training():
    model = classifier()
    history = model.fit(ARRAY, LABELS, epochs=10, verbose=0, validation_data=(TEXTS, LABELS)).history
    assert history["loss"][-1] < history["loss"][0] / 2 and history["val_accuracy"][-1] == 1.0
    assert isinstance(model.train_function, StepAfterText)
    assert model.evaluate(ARRAY, LABELS, verbose=0)[1] == 1.0


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return ARRAY[8 * index : 8 * index + 8]


FORMS = {
    "list": TEXTS,
    "array": ARRAY,
    "column": ARRAY[:, None],
    "objects": np.array(TEXTS, dtype=object),
    "bytes": ARRAY.astype("S"),
    "string dtype": ARRAY.astype(np.dtypes.StringDType()),
    "tuple of one": [ARRAY],
    "dict": {"text": ARRAY},
    "dict of a list": {"text": TEXTS},
    "generator": lambda: (ARRAY[i : i + 8] for i in (0, 8)),
    "data set": Batches,
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_text(form):
    model = classifier()
    expected = model.predict(ARRAY, verbose=0)
    x = FORMS[form]
    np.testing.assert_allclose(model.predict(x() if callable(x) else x, verbose=0), expected, rtol=1e-5)


def test_frames():
    pandas = pytest.importorskip("pandas")
    frame, model = pandas.DataFrame({"text": TEXTS, "n": range(16)}), classifier()
    expected = model.predict(ARRAY, verbose=0)
    for x in (frame["text"], frame[["text"]], dict(frame[["text"]]), frame["text"].astype("category")):
        np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5)
    assert listed(layers.StringLookup(vocabulary=["birds sing"])(frame["text"])) == [0, 0, 0, 1] * 4
    frame.loc[0, "text"] = None
    with pytest.raises(ValueError, match="fillna"):
        model.predict(frame["text"], verbose=0)


def test_single_batches_and_calls():
    model = classifier()
    expected = model.predict(ARRAY, verbose=0)
    np.testing.assert_allclose(model.predict_on_batch(TEXTS), expected, rtol=1e-5)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(ARRAY)), expected, rtol=1e-5)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(TEXTS)), expected, rtol=1e-5)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model({"text": TEXTS})), expected, rtol=1e-5)
    before = model.test_on_batch(TEXTS, LABELS)[0]
    model.train_on_batch(TEXTS, LABELS)
    assert model.test_on_batch(TEXTS, LABELS)[0] < before
    assert "matmul" in str(model.explain(ARRAY, repeat=1))


def test_calls_run_the_compiled_step():
    model = classifier()
    for x in (TEXTS, ARRAY, {"text": ARRAY}):
        first, second = (keras.ops.convert_to_numpy(model(x)) for _ in range(2))
        np.testing.assert_array_equal(first, second)
    assert isinstance(model.predict_function, StepAfterText)
    np.testing.assert_allclose(model.predict(ARRAY, verbose=0), first, rtol=1e-5)
    assert model(ARRAY, training=True).shape == (16, 1)


def test_sequential_is_built_on_text():
    for stack in ([], [keras.Input((1,), dtype="string")], [keras.Input((), dtype=str)]):
        parts = [vectorizer(), layers.Embedding(50, 4), layers.GlobalMaxPooling1D(), layers.Dense(1)]
        model = keras.Sequential([*stack, *parts])
        model.compile("adam", "mse")
        model.fit(ARRAY, LABELS, verbose=0)
        assert model.predict(TEXTS, verbose=0).shape == (16, 1) and model.inputs[0].dtype == "string"
        assert isinstance(model.predict_function, StepAfterText)
        again = keras.Sequential.from_config(model.get_config())
        assert again.inputs[0].dtype == "string"
    assert keras.Sequential([vectorizer(), layers.Embedding(50, 4)])(TEXTS).shape == (16, 6, 4)


def test_text_and_numbers():
    model, x = mixed()
    expected = keras.ops.convert_to_numpy(model(x))
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5)
    np.testing.assert_allclose(model.predict(list(x.values()), verbose=0), expected, rtol=1e-5)
    kernel = model.layers[-2].get_weights() if model.layers[-2].weights else model.layers[-1].get_weights()
    model.fit(x, np.ones(4), epochs=2, verbose=0)
    dense = [layer for layer in model.layers if isinstance(layer, layers.Dense)]
    assert len(dense) == 2 and kernel
    assert not np.allclose(keras.ops.convert_to_numpy(model(x)), expected)


def test_models_within_models():
    inner = classifier(compiled=False)
    preprocess = keras.Sequential([keras.Input((1,), dtype="string"), vectorizer()])
    outer = keras.Sequential([keras.Input((), dtype="string"), inner, layers.Dense(2)])
    outer.compile("sgd", "mse")
    before = inner.get_weights()
    outer.fit(ARRAY, np.zeros((16, 2)), verbose=0)
    assert isinstance(outer.train_function, StepAfterText)
    assert all(not np.array_equal(a, b) for a, b in zip(before, inner.get_weights()))
    text = keras.Input((1,), dtype="string")
    stacked = keras.Model(text, layers.Embedding(50, 2)(preprocess(text)))
    assert stacked.predict(TEXTS, verbose=0).shape == (16, 6, 2) and stacked._host_prefix is not None


def test_losses_of_the_graph():
    model = classifier(compiled=False)
    model.add_loss(keras.ops.mean(model.output))
    model.compile("sgd")
    first = model.evaluate(TEXTS, verbose=0)
    model.fit(TEXTS, epochs=3, verbose=0)
    assert model.evaluate(TEXTS, verbose=0) < first


def test_own_train_step():
    class Own(keras.Model):
        def train_step(self, data):
            x, y = data
            with keras.backend.GradientTape() as tape:
                loss = self.compute_loss(x, y, self(x, training=True))
            weights = self.trainable_weights
            self.optimizer.apply(tape.gradient(loss, weights), weights)
            return {"loss": loss}

    plain = classifier()
    own = Own(plain.inputs, plain.outputs)
    own.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    history = own.fit(ARRAY, LABELS, epochs=10, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] / 2


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.vectorize = vectorizer()
        self.embed, self.head = layers.Embedding(50, 4), layers.Dense(1)

    def call(self, x):
        return self.head(keras.ops.mean(self.embed(self.vectorize(x)), axis=1))


def test_subclassed_models_run_op_by_op():
    model = Subclassed()
    model.compile(keras.optimizers.Adam(0.05), "mse", metrics=["mae"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(ARRAY, LABELS, epochs=5, verbose=0).history
        model.evaluate(TEXTS, LABELS, verbose=0)
        model.predict(TEXTS, verbose=0)
    assert history["loss"][-1] < history["loss"][0]
    told = [str(item.message) for item in caught]
    assert len(told) == 1 and "op by op" in told[0] and "runs_on_host = True" in told[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.vectorize = lambda x: x
        model.predict(np.ones((4, 6), "int64"), verbose=0)  # numbers are compiled as ever


def test_run_eagerly():
    model = classifier(compiled=False)
    model.compile("adam", "binary_crossentropy", run_eagerly=True)
    model.fit(ARRAY, LABELS, verbose=0)
    assert model.predict(TEXTS, verbose=0).shape == (16, 1)


def test_own_host_layer():
    class Lengths(layers.Layer):
        runs_on_host = True

        def call(self, texts):
            return np.array([[float(len(text))] for text in texts.ravel()], "float32")

        def compute_output_shape(self, input_shape):
            return (input_shape[0], 1)

    model = keras.Sequential([keras.Input((1,), dtype="string"), Lengths(), layers.Dense(1)])
    assert model.predict(TEXTS, verbose=0).shape == (16, 1)
    assert isinstance(model.predict_function, StepAfterText)


def test_the_shape_of_an_own_host_layer_is_found():
    class Initials(layers.Layer):
        runs_on_host = True

        def call(self, texts, width=3):
            return np.array([[ord(c) for c in f"{text:<{width}}"[:width]] for text in texts.ravel()], "int32")

    out = Initials()(keras.Input((1,), dtype="string"))
    assert (out.shape, out.dtype) == ((None, 3), "int32")
    model = keras.Sequential([keras.Input((1,), dtype="string"), Initials(), layers.Embedding(300, 2)])
    assert model.predict(TEXTS, verbose=0).shape == (16, 3, 2)


def test_a_pipeline_of_open_length():
    both = layers.Pipeline([layers.TextVectorization(vocabulary=["a", "b"]), layers.Rescaling(2.0)])
    text = keras.Input((1,), dtype="string")
    assert both(text).shape == (None, None)
    model = keras.Model(text, layers.GlobalAveragePooling1D()(layers.Reshape((-1, 1))(both(text))))
    np.testing.assert_allclose(model.predict(["a b", "b"], verbose=0), [[5.0], [3.0]])


def test_what_is_not_cut():
    text, number = keras.Input((1,), dtype="string"), keras.Input((1,))
    learned = layers.Discretization([0.0])(layers.Dense(1)(number))
    model = keras.Model([text, number], layers.HashedCrossing(5, output_mode="one_hot")([text, learned]))
    assert "training changes" in HostPrefix(model._graph).obstacle
    with pytest.warns(UserWarning, match="op by op"):
        assert model.predict([ARRAY[:, None], np.ones((16, 1))], verbose=0).shape == (16, 5)
    words = keras.Model(number, layers.StringLookup(vocabulary=["a", "b"], invert=True)(number))
    assert listed(words(np.array([[1.0], [7.0]]))) == [["a"], ["[UNK]"]]
    with pytest.warns(UserWarning, match="text is among its outputs"):
        assert listed(words.predict(np.array([[1.0], [7.0]]), verbose=0, batch_size=1)) == [["a"], ["[UNK]"]]


def test_a_vocabulary_found_later_counts():
    layer = vectorizer()
    model = keras.Sequential([keras.Input((), dtype="string"), layer])
    first = model.predict(["birds sing"], verbose=0)
    layer.adapt(["sing sing birds"])
    assert listed(model.predict(["birds sing"], verbose=0)) != first.tolist()
    ints = layers.IntegerLookup()
    ints.adapt(np.array([5, 5, 7]))
    model = keras.Sequential([keras.Input((1,), dtype="int64"), ints])
    assert listed(model.predict(np.array([[5], [7]]), verbose=0)) == [[1], [2]]
    ints.adapt(np.array([7, 7, 5]))
    assert listed(model.predict(np.array([[5], [7]]), verbose=0)) == [[2], [1]]


def test_pipeline():
    both = layers.Pipeline([layers.TextVectorization(vocabulary=["a", "b"], output_mode="count"), layers.Rescaling(2)])
    model = keras.Sequential([keras.Input((), dtype="string"), both, layers.Dense(1)])
    assert model.predict(["a b a", "c"], verbose=0).shape == (2, 1)
    assert isinstance(model.predict_function, StepAfterText)
    assert listed(both(["a b a"])) == [[0.0, 4.0, 2.0]]


# -- kept ----------------------------------------------------------------------------------------------------------


def _saved(ending):
    def again(model, folder):
        model.save(folder / f"model{ending}")
        return keras.models.load_model(folder / f"model{ending}")

    return again


def _in_a_folder(model, folder):
    model.save(folder / "model", zipped=False)
    return keras.models.load_model(folder / "model")


def _from_json(model, folder):
    again = keras.models.model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    return again


def _cloned(model, folder):
    again = keras.models.clone_model(model)
    again.set_weights(model.get_weights())
    return again


KEPT = {
    "keras": _saved(".keras"),
    "h5": _saved(".h5"),
    "folder": _in_a_folder,
    "json": _from_json,
    "clone": _cloned,
    "pickle": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "copy": lambda model, folder: copy.deepcopy(model),
}


@pytest.mark.parametrize("how", KEPT)
@pytest.mark.parametrize("options", [{}, {"output_mode": "tf_idf", "output_sequence_length": None}], ids=str)
def test_models_are_kept_with_their_vocabulary(how, options, tmp_path):
    text = keras.Input((1,), dtype="string", name="text")
    words = vectorizer(**options)(text)
    model = keras.Model(text, layers.Dense(2)(layers.Rescaling(0.1)(words)))
    model.compile("sgd", "mse")
    expected = model.predict(TEXTS, verbose=0)
    again = KEPT[how](model, tmp_path)
    np.testing.assert_allclose(again.predict(TEXTS, verbose=0), expected, rtol=1e-6)
    assert again.layers[1].get_vocabulary() == model.layers[1].get_vocabulary()
    assert again.inputs[0].dtype == "string"


def test_line_breaks_in_tokens_are_kept(tmp_path):
    layer = layers.StringLookup()
    layer.adapt(np.array(["a\nb", "c", "c"], object))
    model = keras.Sequential([keras.Input((1,), dtype="string"), layer])
    again = _saved(".keras")(model, tmp_path)
    assert again.layers[0].get_vocabulary() == ["[UNK]", "c", "a\nb"]


def test_a_vocabulary_file_may_go(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("cat\ndog\n", encoding="utf-8")
    model = keras.Sequential([keras.Input((1,), dtype="string"), layers.StringLookup(vocabulary=str(path))])
    path.unlink()
    again = _saved(".keras")(model, tmp_path)
    assert listed(again.predict(["dog", "mouse"], verbose=0)) == [[2], [0]]


def test_a_file_does_not_choose_which_files_are_read(tmp_path):
    path, secret = tmp_path / "model.keras", tmp_path / "secret.txt"
    secret.write_text("password\n", encoding="utf-8")
    keras.Sequential([keras.Input((1,), dtype="string"), layers.StringLookup(vocabulary=["a"], name="look")]).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    config["config"]["layers"][1]["config"]["vocabulary"] = str(secret)
    members["config.json"] = json.dumps(config)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    model = keras.models.load_model(path)
    assert "password" not in model.layers[0].get_vocabulary()
    with pytest.raises(ValueError, match="secret.txt.*set_vocabulary"):
        model.predict(["a"], verbose=0)
    model.layers[0].set_vocabulary(["a"])
    assert listed(model.predict(["a"], verbose=0)) == [[1]]
    with zipfile.ZipFile(path, "a") as archive:  # what lies in the archive is read
        archive.writestr("assets/layers/string_lookup/vocabulary.txt", "[UNK]\nb")
    assert listed(keras.models.load_model(path).predict(["b"], verbose=0)) == [[1]]


def test_a_config_does_not_either(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("password\n", encoding="utf-8")
    for cls in (layers.StringLookup, layers.TextVectorization):
        layer = cls.from_config({"vocabulary": str(secret)})
        with pytest.raises(ValueError, match="secret.txt.*set_vocabulary"):
            layer(["a"])
        assert "password" not in layer.get_vocabulary()


# -- refused -------------------------------------------------------------------------------------------------------

REFUSED = {
    "text for Dense": (lambda: layers.Dense(2, name="head")(ARRAY), "'head'.*needs numbers"),
    "symbolic text for Dense": (
        lambda: layers.Dense(2, name="head")(keras.Input((1,), dtype="string")),
        "'head'.*needs numbers",
    ),
    "numbers for text": (lambda: classifier().predict(np.ones((3, 1)), verbose=0), "'text'.*takes text"),
    "text for numbers": (
        lambda: keras.Sequential([keras.Input((1,)), layers.Dense(1)])(ARRAY),
        "takes numbers.*got text",
    ),
    "text for numbers, compiled": (
        lambda: keras.Sequential([keras.Input((1,)), layers.Dense(1)]).predict(ARRAY, verbose=0),
        "takes arrays of numbers, got one of text",
    ),
    "a wrong shape": (lambda: classifier().predict(np.array([["a", "b"]]), verbose=0), "expected shape"),
    "mixed lists": (lambda: classifier().predict(["a", 1], verbose=0), "`x` must hold text alone"),
    "ragged lists": (lambda: classifier().predict([["a"], ["b", "c"]], verbose=0), "rows differ in length"),
    "missing values": (lambda: classifier().predict(np.array(["a", None]), verbose=0), "dtype object"),
    "text among targets": (lambda: classifier().fit(ARRAY, ARRAY, verbose=0), "`y` must hold numbers"),
    "a missing input": (lambda: mixed()[0].predict({"city": np.array(["x"])}, verbose=0), "are missing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    do, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        do()
