"""SciPy's sparse matrices wherever arrays go: the same results, dense batch by batch in loops."""

import sys
import warnings

import numpy as np
import pytest
import scipy.sparse

import kerasish as keras
from kerasish import layers, ops

DENSE = np.random.default_rng(0).standard_normal((24, 6)).astype("float32") * (
    np.random.default_rng(1).random((24, 6)) < 0.3
)
DENSE = DENSE.astype("float32")
TARGETS = DENSE.sum(1, keepdims=True)
FORMATS = [f"{name}_{kind}" for name in ("csr", "csc", "coo", "lil", "dok", "bsr") for kind in ("matrix", "array")]


def sparse(name="csr_matrix", dense=DENSE):
    return getattr(scipy.sparse, name)(dense)


def compiled(sparse_input=False):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,), sparse=sparse_input), layers.Dense(3, "tanh"), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def host(values):
    return np.asarray(ops.convert_to_numpy(values))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_in_every_call(name):
    x, model, plain = sparse(name), compiled(), compiled()
    options = {"batch_size": 8, "verbose": 0}
    history = model.fit(x, TARGETS, epochs=2, shuffle=False, **options).history
    assert history == plain.fit(DENSE, TARGETS, epochs=2, shuffle=False, **options).history
    np.testing.assert_array_equal(model.predict(x, **options), plain.predict(DENSE, **options))
    assert model.evaluate(x, TARGETS, verbose=0) == plain.evaluate(DENSE, TARGETS, verbose=0)
    np.testing.assert_allclose(host(model(x)), host(plain(DENSE)), rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(host(ops.convert_to_tensor(x)), DENSE)
    np.testing.assert_array_equal(host(model.predict_on_batch(x)), host(plain.predict_on_batch(DENSE)))
    assert host(model.test_on_batch(x, TARGETS)).tolist() == host(plain.test_on_batch(DENSE, TARGETS)).tolist()
    assert host(model.train_on_batch(x, TARGETS)).tolist() == host(plain.train_on_batch(DENSE, TARGETS)).tolist()


def test_sparse_targets_parts_and_generators():
    x, model = sparse(), compiled()
    model.fit(x, scipy.sparse.csr_matrix(TARGETS), validation_split=0.25, shuffle=True, verbose=0)
    model.fit(((x[i : i + 8], TARGETS[i : i + 8]) for i in range(0, 24, 8)), verbose=0)
    two = keras.Input((6,), sparse=True, name="two")
    both = keras.Model([model.inputs[0], two], layers.Dense(1)(layers.Concatenate()([model.inputs[0], two])))
    np.testing.assert_array_equal(both.predict([x, x], verbose=0), both.predict([DENSE, DENSE], verbose=0))


def test_ops_layers_and_variables():
    x = sparse()
    np.testing.assert_array_equal(host(ops.add(x, 1.0)), DENSE + 1)
    np.testing.assert_allclose(host(ops.matmul(x, DENSE.T)), DENSE @ DENSE.T, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(host(keras.Variable(x)), DENSE)
    np.testing.assert_array_equal(ops.convert_to_numpy(x), DENSE)
    assert ops.convert_to_tensor(x, "float16", sparse=True).dtype == "float16"
    dense = layers.Dense(2)
    np.testing.assert_array_equal(host(dense(x)), host(dense(DENSE)))
    norm = layers.Normalization()
    norm.adapt(x)
    np.testing.assert_allclose(host(norm.mean)[0], DENSE.mean(0), rtol=1e-5, atol=1e-6)


def test_a_large_matrix_is_spoken_of_once(monkeypatch):
    variable = sys.modules["kerasish.backend.variable"]  # `backend.variable` is the classic word
    monkeypatch.setattr(variable, "_MANY_BYTES", 100)
    monkeypatch.setattr(variable, "_spoken_of", set())
    with pytest.warns(UserWarning, match=r"shape \(24, 6\) is made dense as a whole"):
        ops.convert_to_tensor(sparse())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ops.convert_to_tensor(sparse())
        monkeypatch.setattr(variable, "_spoken_of", set())
        compiled().fit(sparse(), TARGETS, batch_size=8, verbose=0)  # batch by batch


def test_sparse_inputs_of_models(tmp_path):
    x = keras.Input((6,), sparse=True)
    assert x.sparse and "sparse=True" in repr(x) and not layers.Dense(1)(x).sparse
    assert layers.InputLayer((6,), sparse=True).get_config()["sparse"] is True
    model = compiled(sparse_input=True)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert loaded.inputs[0].sparse
    np.testing.assert_array_equal(loaded.predict(sparse(), verbose=0), model.predict(DENSE, verbose=0))


def test_what_is_refused():
    with pytest.raises(ValueError, match="can't have both `sparse=True` and `ragged=True`"):
        keras.KerasTensor((2,), sparse=True, ragged=True)
    with pytest.raises(ValueError, match="`ragged=True` is not supported"):
        keras.Input((6,), ragged=True)
    with pytest.raises(ValueError, match="(?s)24.*20|20.*24"):
        compiled().fit(sparse(), TARGETS[:20], verbose=0)
