"""SavedModels and checkpoints that tf_keras writes (Keras 2.0 to 2.15): what is read back, and trains on, equals it."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import functools
import json
import shutil

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import kerasish as keras
from kerasish import __main__
from tests.files.bundles import message

X = np.random.default_rng(0).standard_normal((12, 8, 4)).astype("float32")
Y = np.random.default_rng(1).standard_normal((12, 2)).astype("float32")
WORDS = np.array([["a b c a"], ["b d"], ["e a f"]], object)


def functional(k):
    x = inputs = k.Input((8, 4))
    inner = k.Sequential([k.layers.Conv1D(3, 3), k.layers.BatchNormalization(), k.layers.GlobalAveragePooling1D()])
    attended = k.layers.Flatten()(k.layers.MultiHeadAttention(2, 3)(x, x))
    outputs = k.layers.Dense(2)(k.layers.Concatenate()([inner(x), attended]))
    model = k.Model(inputs, outputs)
    model.compile(k.optimizers.Adam(0.01, epsilon=1e-3), k.losses.Huber(), metrics=[k.metrics.MeanSquaredError("q")])
    return model


def recurrent(k):
    layers = [k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True)), k.layers.GRU(4), k.layers.Dense(2)]
    model = k.Sequential([k.Input((8, 4)), *layers])
    model.compile(k.optimizers.SGD(0.1, momentum=0.9), "mse", metrics=["mae"])
    return model


def frozen(k, optimizer=None):
    model = k.Sequential([k.Input((8, 4)), k.layers.Flatten(), k.layers.Dense(3), k.layers.PReLU(), k.layers.Dense(2)])
    model.layers[1].trainable = False
    model.compile(optimizer or k.optimizers.RMSprop(0.01, momentum=0.9), "mse")
    return model


@functools.cache
def own_classes(k):
    class Scale(k.layers.Layer):
        def build(self, shape):
            self.factor = self.add_weight(name="factor", shape=(shape[-1],), initializer="ones")

        def call(self, x):
            return x * self.factor

    class Own(k.Model):
        def __init__(self, units=3, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.first = k.layers.Dense(units)
            self.blocks = [k.layers.Dense(units), k.layers.BatchNormalization(), Scale()]
            self.heads = {"mean": k.layers.Dense(2)}

        def call(self, x, training=False):
            x = self.first(x)
            for block in self.blocks:
                x = block(x)
            return self.heads["mean"](x)[:, 0]

        def get_config(self):
            return {"units": self.units}

    return {"Scale": Scale, "Own": Own}


def own(k):
    model = own_classes(k)["Own"](5)
    model.compile(k.optimizers.Adagrad(0.1), "mse")
    return model


def own_layer(k):
    model = k.Sequential([k.Input((8, 4)), own_classes(k)["Scale"](), k.layers.Flatten(), k.layers.Dense(2)])
    model.compile(k.optimizers.Adamax(0.01, epsilon=1e-3), "mse")
    return model


def legacy(name):
    """As TensorFlow before 2.11 wrote them: slots in the graph of objects."""

    def make(k):
        options = {"momentum": 0.9} if name == "SGD" else {"epsilon": 1e-3}
        optimizers = k.optimizers.legacy if k is tf_keras else k.optimizers
        return frozen(k, getattr(optimizers, name)(0.01, **options))

    return make


MODELS = {
    "functional": functional,
    "recurrent": recurrent,
    "frozen": frozen,
    "own": own,
    "own layer": own_layer,
    "legacy Adam": legacy("Adam"),
    "legacy SGD": legacy("SGD"),
}


class Written:
    """What tf_keras wrote of a model, and what it computed before and after one more step."""

    def __init__(self, name, folder):
        tf_keras.utils.set_random_seed(0)
        model = MODELS[name](tf_keras)
        for _ in range(2):
            model.train_on_batch(X, Y)
        self.folder, self.checkpoint = str(folder / "model"), str(folder / "weights" / "ckpt-2")
        model.save(self.folder, save_format="tf")
        model.save_weights(self.checkpoint)
        self.outputs, self.weights = model.predict_on_batch(X), model.get_weights()
        model.train_on_batch(X, Y)
        self.later = model.get_weights()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return functools.cache(lambda name: Written(name, tmp_path_factory.mktemp(name.replace(" ", "_"))))


def same(ours, theirs, atol=2e-6):
    """Weights are equal; a model of the user's own lists them in another order, so that each is looked for."""
    rest = list(theirs)
    for one in ours:
        found = [i for i, two in enumerate(rest) if one.shape == two.shape and np.allclose(one, two, rtol=0, atol=atol)]
        assert found, f"no array of shape {one.shape} is like {one}"
        del rest[found[0]]
    assert not rest


@pytest.mark.parametrize("name", MODELS)
def test_saved_models(written, name):
    """Predictions are the same, and so are the weights after one more step, which need the optimizer's state."""
    there = written(name)
    model = keras.models.load_model(there.folder, custom_objects=own_classes(keras))
    assert np.allclose(model.predict_on_batch(X), there.outputs, rtol=0, atol=1e-6)
    model.train_on_batch(X, Y)
    same(model.get_weights(), there.later)


@pytest.mark.parametrize("name", MODELS)
def test_checkpoints(written, name):
    there = written(name)
    model = MODELS[name](keras)
    model.predict_on_batch(X)
    before = [weight.path for weight in model.weights]
    model.load_weights(there.checkpoint)
    assert [weight.path for weight in model.weights] == before
    assert np.allclose(model.predict_on_batch(X), there.outputs, rtol=0, atol=1e-6)
    model.train_on_batch(X, Y)
    same(model.get_weights(), there.later)


@pytest.mark.parametrize("spelling", ["ckpt-2", "ckpt-2.index", "", "SavedModel"])
def test_spellings_of_a_checkpoint(written, spelling):
    there = written("frozen")
    model = frozen(keras)
    path = os.path.join(os.path.dirname(there.checkpoint), spelling) if spelling != "SavedModel" else there.folder
    model.load_weights(path)
    same(model.get_weights(), there.weights)


def test_a_checkpoint_of_a_program(tmp_path):
    """`tf.train.Checkpoint(model=model, optimizer=optimizer)`, with a manager's file `checkpoint`."""
    theirs = recurrent(tf_keras)
    checkpoint = tf.train.Checkpoint(step=tf.Variable(3), optimizer=theirs.optimizer, model=theirs)
    tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2).save()
    ours = recurrent(keras)
    ours.load_weights(tmp_path)
    same(ours.get_weights(), theirs.get_weights(), atol=0)
    moved = tmp_path / "moved"  # TensorFlow may have written the whole old path into the list
    moved.mkdir()
    for name in os.listdir(tmp_path):
        if name.startswith("ckpt-1"):
            shutil.copy(tmp_path / name, moved)
    (moved / "checkpoint").write_text('model_checkpoint_path: "/somewhere/else/ckpt-1"\n')
    ours = recurrent(keras)
    ours.load_weights(moved)
    same(ours.get_weights(), theirs.get_weights(), atol=0)


def test_facts_within_the_program(written, tmp_path):
    """As TensorFlow before 2.5 kept them: there is no keras_metadata.pb, the graph of objects has its JSON."""
    from tensorflow.core.protobuf import saved_model_pb2

    from kerasish.files.tensorflow.metadata import objects_of

    folder = tmp_path / "model"
    shutil.copytree(written("recurrent").folder, folder)
    program = saved_model_pb2.SavedModel()
    program.ParseFromString((folder / "saved_model.pb").read_bytes())
    for number, facts in objects_of(str(folder)).items():
        program.meta_graphs[0].object_graph_def.nodes[number].user_object.metadata = json.dumps(facts)
    (folder / "saved_model.pb").write_bytes(program.SerializeToString())
    os.remove(folder / "keras_metadata.pb")
    model = keras.models.load_model(folder)
    assert np.allclose(model.predict_on_batch(X), written("recurrent").outputs, rtol=0, atol=1e-6)


def test_vocabularies_and_edges(tmp_path):
    """What `adapt` found: constants of the program, files among the assets, variables."""
    k = tf_keras
    (tmp_path / "words.txt").write_text("p\nq\n")
    strings, ints = k.layers.StringLookup(), k.layers.IntegerLookup(output_mode="multi_hot")
    strings.adapt(np.array(["x", "y", "x", "z"], object))
    ints.adapt(np.array([5, 5, 7, 9]))
    given, listed = (
        k.layers.StringLookup(vocabulary=["p", "q"]),
        k.layers.StringLookup(vocabulary=str(tmp_path / "words.txt")),
    )
    back = k.layers.StringLookup(vocabulary=["p", "q"], invert=True)
    edges, scaled = k.layers.Discretization(num_bins=3), k.layers.Normalization()
    edges.adapt(np.arange(20.0))
    scaled.adapt(np.arange(20.0).reshape(10, 2))
    a, b, c = k.Input((2,), dtype="string"), k.Input((2,), dtype="int64"), k.Input((2,))
    outputs = [strings(a), given(a), listed(a), ints(b), back(b), edges(c), scaled(c)]
    theirs = k.Model([a, b, c], outputs)
    data = [np.array([["x", "z"], ["p", "q"]], object), np.array([[5, 9], [0, 1]]), X[:2, 0, :2] * 10]
    theirs.save(tmp_path / "model", save_format="tf")
    with pytest.warns(UserWarning, match="no training configuration"):
        ours = keras.models.load_model(tmp_path / "model")
    for one, two in zip(ours.predict(data, verbose=0), theirs.predict(data, verbose=0), strict=True):
        one, two = np.asarray(one), np.asarray(two)
        if two.dtype == object:
            assert [text if isinstance(text, str) else text.decode() for text in one.ravel()] == [
                text.decode() for text in two.ravel()
            ]
        else:
            assert np.allclose(one, two, rtol=0, atol=1e-6)
    ours.save(tmp_path / "again.keras")
    again = keras.models.load_model(tmp_path / "again.keras")
    assert np.array_equal(again.predict(data, verbose=0)[0], ours.predict(data, verbose=0)[0])


@pytest.mark.parametrize("mode", ["int", "tf_idf", "multi_hot"])
def test_texts(tmp_path, mode):
    layer = tf_keras.layers.TextVectorization(output_mode=mode)
    layer.adapt(WORDS)
    theirs = tf_keras.Sequential([tf_keras.Input((1,), dtype="string"), layer])
    theirs.save(tmp_path / "model", save_format="tf")
    ours = keras.models.load_model(tmp_path / "model", compile=False)
    assert np.allclose(ours.predict(WORDS, verbose=0), theirs.predict(WORDS, verbose=0))


def test_what_is_no_model(tmp_path):
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([])])
        def double(self, x):
            return 2.0 * x

    module = Module()
    tf.saved_model.save(module, str(tmp_path / "module"), signatures={"twice": module.double})
    with pytest.raises(ValueError, match="plain `tf.Module`.*'twice'.*TFSMLayer"):
        keras.models.load_model(tmp_path / "module")


def test_classes_that_are_not_given(written):
    with pytest.raises(ValueError, match="'Own'.*custom_objects"):
        keras.models.load_model(written("own").folder)


def test_weights_that_do_not_fit(written):
    model = keras.Sequential([keras.Input((8, 4)), keras.layers.Flatten(), keras.layers.Dense(7)])
    before = model.get_weights()
    with pytest.raises(ValueError, match="nothing was changed.*3.*with weights|with weights"):
        model.load_weights(written("frozen").checkpoint)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before))
    wider = keras.Sequential([keras.Input((8, 4)), *[keras.layers.Flatten(), keras.layers.Dense(4)]])
    wider.add(keras.layers.PReLU())
    wider.add(keras.layers.Dense(2))
    with pytest.raises(ValueError, match=r"shape \(32, 4\), the file holds \(32, 3\)"):
        wider.load_weights(written("frozen").checkpoint)
    with pytest.warns(UserWarning, match="left out"):
        wider.load_weights(written("frozen").checkpoint, skip_mismatch=True)
    assert np.array_equal(wider.get_weights()[-1], written("frozen").weights[-1])


# -- names alone ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def first_years(tmp_path_factory):
    """What TensorFlow 1 wrote: (path, {name: array})."""
    v1, folder = tf.compat.v1, tmp_path_factory.mktemp("tf1")
    random = np.random.default_rng(2)
    arrays = {
        "bert/dense/kernel": random.normal(size=(4, 6)).astype("float32"),
        "bert/dense/bias": random.normal(size=(6,)).astype("float32"),
        "bert/dense/kernel/Adam": np.zeros((4, 6), "float32"),
        "output/kernel": random.normal(size=(6, 2)).astype("float32"),
        "output/bias": np.ones(2, "float32"),
        "global_step": np.int64(12),
    }
    with tf.Graph().as_default(), v1.Session() as session:
        for name, value in arrays.items():
            if name == "bert/dense/kernel":

                def part(shape, dtype=None, partition_info=None, value=value):
                    start = partition_info.var_offset
                    return tf.constant(value[start[0] : start[0] + shape[0], start[1] : start[1] + shape[1]])

                v1.get_variable(name, value.shape, initializer=part, partitioner=v1.fixed_size_partitioner(3, axis=1))
            else:
                v1.get_variable(name, initializer=tf.constant(value))
        session.run(v1.global_variables_initializer())
        path = v1.train.Saver(sharded=True).save(session, str(folder / "model.ckpt"), global_step=12)
    return path, arrays


def named():
    layers = [keras.layers.Dense(6, name="dense"), keras.layers.Dense(2, name="logits")]
    return keras.Sequential([keras.Input((4,)), *layers])


@pytest.mark.parametrize(
    "names, wanted",
    [
        ({"bert/dense/kernel": "dense/kernel"}, ["bert/dense/kernel", None, None, None]),
        ({"bert/": "/", "output/": "logits/"}, None),
        ({"bert/dense/": "dense/"}, ["bert/dense/kernel", "bert/dense/bias", None, None]),
        ({"output/": "logits/"}, [None, None, "output/kernel", "output/bias"]),
    ],
    ids=["a weight", "scopes with a gap", "a scope", "a renamed scope"],
)
def test_names_that_are_mapped(first_years, names, wanted):
    path, arrays = first_years
    model = named()
    before = model.get_weights()
    if wanted is None:
        with pytest.raises(ValueError, match="there is no 'bert/logits/kernel'"):
            model.load_weights(path, by_name=names)
        assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before))
        return
    model.load_weights(path, by_name=names)
    for value, old, name in zip(model.get_weights(), before, wanted, strict=True):
        assert np.array_equal(value, old if name is None else arrays[name])


def test_names_as_they_are(first_years):
    path, arrays = first_years
    layers = [keras.layers.Dense(6, name="dense"), keras.layers.Dense(2, name="output")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    with pytest.raises(ValueError, match="there is no 'dense/kernel'.*Did you mean.*bert/dense/kernel"):
        model.load_weights(path)
    model.load_weights(os.path.dirname(path), by_name=True)
    assert np.array_equal(model.layers[-1].kernel.numpy(), arrays["output/kernel"])


@pytest.mark.parametrize(
    "names, what",
    [({"bert/": "dense"}, "scope"), ({"nothing": "dense/bias"}, "there is no"), ({"global_step": "step"}, "no weight")],
    ids=["a scope to a name", "unknown there", "unknown here"],
)
def test_wrong_maps(first_years, names, what):
    with pytest.raises(ValueError, match=what):
        named().load_weights(first_years[0], by_name=names)


# -- inspect -------------------------------------------------------------------------------------------------------


def inspected(capsys, path, *options):
    assert __main__.main(["inspect", str(path), *options]) == 0
    return capsys.readouterr().out


def test_inspect_a_saved_model(written, capsys):
    there = written("frozen")
    out = inspected(capsys, there.folder)
    assert "SavedModel of Keras" in out and "keras_version: 2." in out and "RMSprop" in out and "loss: mse" in out
    data = json.loads(inspected(capsys, there.folder, "--json"))
    assert data["parameters"] == sum(weight.size for weight in there.weights)
    assert [layer["parameters"] for layer in data["layers"] if layer["class_name"] == "Dense"] == [99, 8]
    kernel = next(row for row in data["weights"] if row["name"] == "layer_with_weights-0/kernel")
    assert kernel["shape"] == [32, 3] and kernel["dtype"] == "float32"
    assert np.isclose(kernel["mean"], there.weights[0].mean())
    values = json.loads(inspected(capsys, there.folder, "--json", "--tensor", "layer_with_weights-0/bias"))["values"]
    assert np.allclose(values, there.weights[1])


def test_inspect_checkpoints(written, first_years, capsys):
    path, arrays = first_years
    out = inspected(capsys, path)
    assert "by names, TensorFlow 1" in out and "bert/dense/kernel" in out and "(4, 6)" in out
    assert str(arrays["global_step"]) in inspected(capsys, path, "--tensor", "global_step")
    out = inspected(capsys, os.path.dirname(written("legacy Adam").checkpoint))
    assert "by objects, TensorFlow 2" in out and "checkpoint: ckpt-2" in out and "state of training" in out


def test_inspect_a_program(tmp_path, capsys):
    module = tf.Module()
    module.v = tf.Variable([1.0, 2.0])
    module.f = tf.function(lambda x: module.v * x, input_signature=[tf.TensorSpec([])])
    tf.saved_model.save(module, str(tmp_path / "module"), signatures={"f": module.f})
    out = inspected(capsys, tmp_path / "module")
    assert "without a Keras model" in out and "signatures: f" in out and "1.5" in out


# -- hostile ones --------------------------------------------------------------------------------------------------


def with_facts(folder, target, **changes):
    """A copy of a SavedModel whose root says other things of itself."""
    from kerasish.files.tensorflow.metadata import objects_of

    shutil.copytree(folder, target)
    facts = {number: item for number, item in objects_of(str(folder)).items()}
    facts[0].update(changes)
    nodes = [(1, message((2, number), (4, "_tf_keras_layer"), (5, json.dumps(item)))) for number, item in facts.items()]
    (target / "keras_metadata.pb").write_bytes(message(*nodes))
    return target


CODE = ["4wAAAAAAAAAAAAAAAA==", None, None]


@pytest.mark.parametrize(
    "changes, what",
    [
        ({"class_name": "os.system", "config": {"command": "id"}}, "Can't find the class"),
        ({"class_name": "Lambda", "config": {"name": "l", "function": CODE}}, "lambda"),
        ({"class_name": "Sequential", "config": 3}, "config|damaged"),
        ({"config": {"name": "m", "layers": [{"class_name": "Dense", "config": {"units": 10**9}}]}}, "."),
        ({"class_name": ["x"]}, "holds no model"),
    ],
    ids=["a program", "code", "no config", "a bomb", "no name"],
)
def test_facts_that_lie(written, tmp_path, changes, what):
    folder = with_facts(written("frozen").folder, tmp_path / "model", **changes)
    with pytest.raises(ValueError, match=what):
        keras.models.load_model(folder)


def test_links_are_refused(written, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(written("frozen").folder, folder)
    (folder / "keras_metadata.pb").rename(tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", folder / "keras_metadata.pb")
    with pytest.raises(ValueError, match="is a link"):
        keras.models.load_model(folder)


@pytest.mark.parametrize(
    "text, what",
    [
        ("", "names no checkpoint"),
        ('model_checkpoint_path: "../../secret"', "'secret'"),
        ('model_checkpoint_path: ".."', "there is no"),
    ],
    ids=["nothing", "outside", "the folder above"],
)
def test_lists_of_checkpoints(tmp_path, text, what):
    (tmp_path / "checkpoint").write_text(text)
    with pytest.raises(ValueError, match=what):
        frozen(keras).load_weights(tmp_path)
