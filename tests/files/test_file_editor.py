"""KerasFileEditor beside the real one: the same operations on the same files leave files that both libraries open."""

import os

import h5py
import keras as oracle
import numpy as np
import pytest

import kerasish as keras

X = np.random.default_rng(1).standard_normal((4, 6)).astype("float32")


def plain(k, head=2):
    return k.Sequential(
        [
            k.Input((6,)),
            k.layers.Dense(5, name="body"),
            k.layers.Dense(4, name="mid"),
            k.layers.Dense(head, name="head"),
        ],
        name="plain",
    )


def nested(k):
    x = inputs = k.Input((6,))
    x = k.layers.Bidirectional(k.layers.LSTM(2), name="both")(k.layers.Reshape((3, 2))(x))
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(3), k.layers.Dense(2)], name="inner")
    return k.Model(inputs, inner(x), name="nested")


def arrays(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def equal(a, b):
    assert sorted(a) == sorted(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


def rename(editor):
    editor.rename_object("dense_1", "dense_7")
    editor.rename_object("layers/dense_7", "dense_8")


def delete(editor):
    editor.delete_object("layers/dense_1")
    editor.delete_weight("dense", "1")


def add(editor):
    editor.add_object("layers/dense_3", {"0": np.ones((2, 2), "float32"), "1": np.zeros(2, "float32")})
    editor.add_weights("layers/dense", {"2": np.arange(3.0)})
    editor.add_object("extra", {"0": np.ones(3)})


@pytest.mark.parametrize("edit", [rename, delete, add, lambda editor: None])
@pytest.mark.parametrize("writer", [keras, oracle], ids=["ours", "theirs"])
def test_edits_leave_the_file_that_the_real_one_leaves(writer, edit, tmp_path):
    path = str(tmp_path / "a.weights.h5")
    plain(writer).save_weights(path)
    results = []
    for library in (keras, oracle):
        editor = library.saving.KerasFileEditor(path)
        edit(editor)
        target = str(tmp_path / f"{library.__name__}.weights.h5")
        editor.save(target)
        editor.resave_weights(target)
        results.append(arrays(target))
    equal(*results)


def test_members_within_objects_without_variables_are_kept(tmp_path):
    path, target = str(tmp_path / "a.weights.h5"), str(tmp_path / "b.weights.h5")
    model = nested(oracle)
    model.save_weights(path)
    keras.saving.KerasFileEditor(path).save(target)
    equal(arrays(path), arrays(target))
    for library in (keras, oracle):
        other = nested(library)
        other.load_weights(target)
        np.testing.assert_allclose(
            np.asarray(other.predict(X, verbose=0)), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6
        )


def test_renaming_layers_makes_an_old_file_fit_a_new_model(tmp_path):
    path, target = str(tmp_path / "a.weights.h5"), str(tmp_path / "b.weights.h5")
    old = plain(keras)
    old.save_weights(path)
    new = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(5),
            keras.layers.EinsumDense("ab,bc->ac", 4, bias_axes="c"),
            keras.layers.Dense(2),
        ]
    )
    editor = keras.saving.KerasFileEditor(path)
    editor.rename_object("dense_1", "einsum_dense")
    editor.rename_object("dense_2", "dense_1")
    editor.save(target)
    with pytest.raises(ValueError, match="einsum_dense"):
        new.load_weights(path)
    new.load_weights(target)
    np.testing.assert_allclose(new.predict(X, verbose=0), old.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    assert editor.object_metadata["/layers/einsum_dense"]["name"] == "mid"


def test_a_keras_file_keeps_its_config(tmp_path, capsys):
    path, target, weights = (str(tmp_path / name) for name in ("a.keras", "b.keras", "b.weights.h5"))
    model = plain(oracle)
    model.compile("adam", "mse")
    model.train_on_batch(X, X[:, :2])
    model.save(path)
    editor = keras.saving.KerasFileEditor(path)
    assert editor.metadata["keras_version"] == oracle.__version__ and editor.config["class_name"] == "Sequential"
    assert "Saved with Keras" in capsys.readouterr().out
    editor.add_weights("layers/dense", {"1": np.full(5, 2.0, "float32")})
    editor.save(target)
    editor.save(weights)
    for library in (keras, oracle):
        loaded = library.models.load_model(target)
        np.testing.assert_array_equal(np.asarray(loaded.get_layer("body").bias), np.full(5, 2.0))
        np.testing.assert_array_equal(
            np.asarray(loaded.get_layer("body").kernel), np.asarray(model.get_layer("body").kernel)
        )
        other = plain(library)
        other.load_weights(weights)
        np.testing.assert_array_equal(np.asarray(other.get_layer("body").bias), np.full(5, 2.0))


def test_an_unzipped_keras_file(tmp_path):
    """The real editor opens none."""
    folder, model = str(tmp_path / "folder.keras"), plain(keras)
    model.save(folder, zipped=False)
    editor = keras.saving.KerasFileEditor(folder)
    editor.add_weights("layers/dense", {"1": np.full(5, 2.0, "float32")})
    with pytest.raises(ValueError, match="Choose another name"):
        editor.save(folder)
    for name in ("b.keras", "b.weights.h5"):
        editor.save(str(tmp_path / name))
    for library in (keras, oracle):
        other = plain(library)
        other.load_weights(str(tmp_path / "b.weights.h5"))
        for loaded in (library.models.load_model(str(tmp_path / "b.keras")), other):
            np.testing.assert_array_equal(np.asarray(loaded.get_layer("body").bias), np.full(5, 2.0))
            np.testing.assert_array_equal(
                np.asarray(loaded.get_layer("body").kernel), np.asarray(model.get_layer("body").kernel)
            )


def test_compare(tmp_path, capsys):
    path = str(tmp_path / "a.weights.h5")
    plain(keras).save_weights(path)
    ours, theirs = keras.saving.KerasFileEditor(path), oracle.saving.KerasFileEditor(path)
    assert ours.compare(plain(keras)) == {"status": "success", "error_count": 0, "match_count": 6}
    assert theirs.compare(plain(oracle))["status"] == "success"  # its counts add up what nested objects counted before
    assert "6 matching weights" in capsys.readouterr().out
    result = ours.compare(plain(keras, head=3))
    assert result == {"status": "error", "error_count": 2, "match_count": 4}
    assert "shape mismatch for /layers/dense_2/0" in capsys.readouterr().out
    ours.delete_object("dense_1")
    ours.delete_weight("dense", "1")
    ours.add_object("extra", {"0": np.ones(1)})
    result = ours.compare(plain(keras))
    text = capsys.readouterr().out
    assert result == {"status": "error", "error_count": 3, "match_count": 3}
    for line in (
        "Object /layers/dense_1 present in reference model",
        "Weight /layers/dense/1 present in reference model",
        "Object /extra present in saved file",
    ):
        assert line in text


def test_summary_shows_the_tree(tmp_path, capsys):
    path = str(tmp_path / "a.weights.h5")
    nested(keras).save_weights(path)
    keras.saving.KerasFileEditor(path).summary()
    text = capsys.readouterr().out
    for part in ("forward_layer ('forward_", "cell ('lstm_cell')", "inner", "0: shape=(2, 8), dtype=float32"):
        assert part in text


def test_what_is_refused(tmp_path):
    path = str(tmp_path / "a.weights.h5")
    plain(keras).save_weights(path)
    editor = keras.saving.KerasFileEditor(path)
    before = str(editor.weights_dict)
    cases = [
        (lambda: keras.saving.KerasFileEditor(str(tmp_path / "a.h5")), "must end in"),
        (lambda: keras.saving.KerasFileEditor(str(tmp_path / "none.weights.h5")), "not found"),
        (lambda: editor.rename_object("dense_9", "x"), "Did you mean 'dense"),
        (lambda: editor.rename_object("layers/dens", "x"), "Did you mean 'layers/dense'"),
        (lambda: editor.rename_object("layrs/dense", "x"), "'layrs' is missing"),
        (lambda: editor.rename_object("dense", "a/b"), "not a path"),
        (lambda: editor.rename_object("dense", "dense_1"), "is taken"),
        (lambda: editor.rename_object("0", "5"), "used 3 times"),
        (lambda: editor.delete_object(""), "must be a string"),
        (lambda: editor.delete_weight("dense", "7"), "no weight '7'"),
        (lambda: editor.delete_weight("layers/dense/0", "7"), "is a weight, not an object"),
        (lambda: editor.add_object("nowhere/x", {"0": X}), "no path 'nowhere'"),
        (lambda: editor.add_object("layers/x", [X]), "must be a dict"),
        (lambda: editor.add_object("layers/x", {"0": "text"}), "array of numbers"),
        (lambda: editor.add_object("layers/vars", {"0": X}), "can't be the name"),
        (lambda: editor.add_weights("dense", {"a/b": X}), "no path"),
        (lambda: editor.save(str(tmp_path / "b.h5")), "must end in"),
        (lambda: editor.save(str(tmp_path / "b.keras")), "must end in"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    assert str(editor.weights_dict) == before and os.listdir(tmp_path) == ["a.weights.h5"]
    (tmp_path / "a.weights.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(50))
    with pytest.raises(ValueError, match="damaged"):
        keras.saving.KerasFileEditor(path)
