"""The private names and habits of packages, each beside what real Keras answers (written down by hand)."""

import io
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import kerasish
from kerasish.compat import answers
from kerasish.compat.private.h5_io_store import H5IOStore

ROOT = pathlib.Path(__file__).parent.parent.parent


def find(path, name):
    return answers.find(path, name)


def test_models_go_through_open_files():
    model = kerasish.Sequential([kerasish.Input((3,)), kerasish.layers.Dense(2)])
    model.compile("adam", "mse")
    file = io.BytesIO()
    kerasish.saving.save_model(model, file)
    again = kerasish.saving.load_model(io.BytesIO(file.getvalue()))
    x = np.ones((4, 3), "float32")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    with pytest.raises(ValueError, match="no '.keras'|holds|is no"):
        kerasish.saving.load_model(io.BytesIO(b"PK nothing"))


def test_h5_io_store(tmp_path):
    store = H5IOStore(tmp_path / "a.h5", mode="w")
    store.make("lora")["rank"] = 4
    store.make("lora/0", {"of": "x"})["kernel"] = kerasish.Variable(np.ones((2, 3)))
    store.close()
    store = H5IOStore(str(tmp_path / "a.h5"), mode="r")
    assert int(store.get("lora")["rank"][()]) == 4
    assert store.get("lora/0").keys() == ["kernel"] and store.get("lora/0")["kernel"].shape == (2, 3)
    assert store.has_path("lora/0") and not store.has_path("b") and not store.get("b") and len(store.get("b")) == 0
    with pytest.raises(ValueError, match="mode='w'"):
        store.make("c")
    store.close()


KIND = kerasish.backend.device().kind
SMALL = [  # module path, name, arguments, the answer
    ("distribution.distribution_lib", "distribution", (), None),
    ("distribution.distribution_lib", "list_devices", (KIND,), [f"{KIND}:0"]),
    ("distribution.distribution_lib", "get_device_count", (), 1),
    ("distribution.distribution_lib", "distribute_tensor", (3, None), 3),
    ("utils.backend_utils", "in_grain_data_pipeline", (), False),
    ("utils.backend_utils", "in_tf_graph", (), False),
    ("backend", "is_float_dtype", ("bfloat16",), True),
    ("backend", "any_symbolic_tensors", ((1, [kerasish.KerasTensor((2,))]),), True),
    ("backend", "any_symbolic_tensors", ((1, [2]),), False),
]


@pytest.mark.parametrize(("path", "name", "arguments", "answer"), SMALL)
def test_private_functions(path, name, arguments, answer):
    assert find(path, name)(*arguments) == answer


def test_compute_output_spec_of_a_function():
    compute = find("backend", "compute_output_spec")
    spec = compute(lambda x, y: {"sum": x + y}, kerasish.KerasTensor((None, 3)), np.ones((1, 3), "float32"))
    assert isinstance(spec["sum"], kerasish.KerasTensor) and spec["sum"].shape == (None, 3)


def test_attention_by_keras_names():
    layer = kerasish.layers.MultiHeadAttention(2, 4, dropout=0.1)
    x = np.random.default_rng(0).standard_normal((2, 5, 8)).astype("float32")
    wanted = layer(x, x)
    assert layer._dot_product_equation == "aecd,abcd->acbe" and layer._combine_equation == "acbe,aecd->abcd"
    assert (layer._num_heads, layer._key_dim, layer._value_dim, layer._dropout) == (2, 4, 4, 0.1)
    assert layer._inverse_sqrt_key_dim == 0.5 and layer._query_dense is layer.query_dense
    heads = [getattr(layer, f"_{name}_dense")(x) for name in ("query", "key", "value")]
    outputs, scores = layer._compute_attention(*heads, return_attention_scores=True)
    np.testing.assert_allclose(layer._output_dense(outputs), wanted, rtol=1e-5, atol=1e-6)
    mask = np.tril(np.ones((2, 5, 5), bool))
    assert np.triu(layer._masked_softmax(scores, mask)[0, 0], 1).max() == 0
    assert layer._softmax.axis == -1 and layer._dropout_layer.rate == 0.1


def test_attention_of_a_subclass_that_attends_by_itself():
    class Uniform(kerasish.layers.MultiHeadAttention):
        def _compute_attention(self, query, key, value, attention_mask=None, training=None, **kwargs):
            return kerasish.ops.zeros_like(query), None

    layer = Uniform(2, 4)
    assert np.abs(layer(np.ones((2, 5, 8), "float32"), np.ones((2, 5, 8), "float32"))).max() == 0


def test_graphs_by_keras_names():
    inputs = kerasish.Input((3,))
    dense = kerasish.layers.Dense(3)
    first, second = dense(inputs), dense(inputs)
    outputs = kerasish.layers.Add()([first, second])
    model = kerasish.Model(inputs, outputs)
    assert first._keras_history == (dense, 0, 0) and second._keras_history.node_index == 1
    assert inputs._keras_history.operation is model.layers[0]
    assert kerasish.KerasTensor((2,))._keras_history is None
    depths = {depth: [node.operation.name for node in nodes] for depth, nodes in model._nodes_by_depth.items()}
    assert depths == {0: [model.layers[-1].name], 1: [dense.name] * 2, 2: [model.layers[0].name]}
    assert dense.quantization_mode is None


def test_steps_are_kept_and_forgotten():
    model = kerasish.Sequential([kerasish.Input((3,)), kerasish.layers.Dense(2)])
    model.compile("sgd", "mse")
    assert model.train_function is None
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    kept = model.train_function
    assert kept is not None
    model.train_function = None
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    assert model.train_function is not None and model.train_function is not kept
    with pytest.raises(AttributeError, match="train_step"):
        model.train_function = print


def test_checkpoint_by_keras_names(tmp_path):
    save = kerasish.callbacks.ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=2)
    assert [save._should_save_on_batch(batch) for batch in range(4)] == [False, True, False, True]
    assert save._get_file_path(0, 1, {}).endswith("1-2.keras") and save._current_epoch == 0
    assert not kerasish.callbacks.ModelCheckpoint(tmp_path / "a.keras")._should_save_on_batch(0)


class Point:
    def __init__(self, at):
        self.at = at

    def get_config(self):
        return {"at": self.at}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def test_objects_of_packages_are_looked_up_where_they_say():
    write, read = (find("utils.legacy", f"{verb}_keras_object") for verb in ("serialize", "deserialize"))
    config = write(Point(3))
    assert config == {"class_name": "Point", "config": {"at": 3}} and write(None) is None
    assert read(config, {"Point": Point}).at == 3 and read(config, None, {"Point": Point}).at == 3
    assert read("Point", {"Point": len}) is len and read(None) is None
    assert kerasish.saving.deserialize_keras_object(config, module_objects={"Point": Point}).at == 3
    by_name = {"list": list, "len": len}
    assert kerasish.saving.deserialize_keras_object("list", module_objects=by_name) == []
    assert kerasish.saving.deserialize_keras_object("len", module_objects=by_name) is len
    with pytest.raises(ValueError, match="Unknown thing: 'Line'"):
        read("Line", {"Point": Point}, printable_module_name="thing")


def test_a_package_that_tries_for_tensorflow_is_told_that_it_is_not_there():
    code = (
        "import sys\nfrom kerasish.compat import answers\nanswers.is_installed = lambda package: False\n"
        "import kerasish.compat.keras\n"
        "import linecache\n"
        "def program(text, name):\n"
        "    linecache.cache[name] = (len(text), None, text.splitlines(True), name)\n"
        "    scope = {'__name__': name}\n    exec(compile(text, name, 'exec'), scope)\n    return scope['tf']\n"
        "tried = program('try:\\n    import tensorflow as tf\\nexcept ImportError:\\n    tf = None\\n', 'a')\n"
        "plain = program('import tensorflow as tf\\n', 'b')\n"
        "print(tried, plain.keras.layers.Dense(3).units)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "None 3", done.stderr[-2000:]


def test_estimators_are_there_where_tensorflow_is_not():
    code = (
        "from kerasish.compat import answers\nanswers.is_installed = lambda package: False\n"
        "import kerasish.compat.keras\nimport tensorflow as tf\n"
        "print(tf.estimator.ModeKeys.TRAIN, tf.feature_column.numeric_column('age').name)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "train age", done.stderr[-2000:]


def test_a_package_that_tries_for_one_which_needs_tensorflow_gets_an_import_error(tmp_path):
    (tmp_path / "needs.py").write_text("import tensorflow as tf\nEMPTY = tf.make_tensor_proto(0)\n")
    (tmp_path / "between.py").write_text("import needs\n")
    code = (
        "from kerasish.compat import answers\nanswers.is_installed = lambda package: False\n"
        f"import sys, kerasish.compat.keras\nsys.path.insert(0, {str(tmp_path)!r})\nimport tried\n"
        "import tensorflow as tf\nprint(hasattr(tf, 'nope'))\n"
        "try:\n    exec('import between')\nexcept AttributeError:\n    print('AttributeError')"
    )
    (tmp_path / "tried.py").write_text("try:\n    import between\nexcept ImportError:\n    print('goes on')\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == ["goes", "on", "False", "AttributeError"], done.stderr[-2000:]
