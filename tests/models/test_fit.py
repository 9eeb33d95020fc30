"""fit, evaluate and predict on every kind of data; determinism; logs; what is refused before anything changes."""

import warnings

import keras as oracle
import numpy as np
import pytest

import kerasish as keras
from kerasish import ops
from kerasish.backend import deprecation

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 6)).astype("float32")
Y = (X[:, :1] - X[:, 1:2] + 0.1).astype("float32")
LABELS = (Y[:, 0] > 0).astype("int32")


def regressor(**compile_arguments):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(8, "tanh"), keras.layers.Dropout(0.1), keras.layers.Dense(1)]
    )
    model.compile(**{"optimizer": "adam", "loss": "mse", "metrics": ["mae"], **compile_arguments})
    return model


def classifier(classes=2):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(classes, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_the_same_seed_gives_the_same_losses_bit_for_bit():
    first, second = (regressor().fit(X, Y, epochs=4, batch_size=16, verbose=0).history for _ in range(2))
    assert first == second
    assert first["loss"][-1] < first["loss"][0]


def test_history_and_validation_split_as_keras():
    ours = regressor()
    history = ours.fit(X, Y, epochs=3, validation_split=0.2, batch_size=16, verbose=0, validation_freq=2)
    assert sorted(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert len(history.history["loss"]) == 3 and len(history.history["val_loss"]) == 1
    assert history.epoch == [0, 1, 2]
    again = ours.fit(X, Y, epochs=5, initial_epoch=3, verbose=0)
    assert again.epoch == [3, 4]


def test_an_unshuffled_epoch_equals_keras():
    theirs = oracle.Sequential([oracle.Input((6,)), oracle.layers.Dense(8, "tanh"), oracle.layers.Dense(1)])
    ours = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
    ours.set_weights(theirs.get_weights())
    weights = np.linspace(0.5, 1.5, 50).astype("float32")
    histories = []
    for model in (ours, theirs):
        model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mse"])
        fitted = model.fit(
            X,
            Y,
            epochs=2,
            batch_size=16,
            shuffle=False,
            verbose=0,
            sample_weight=weights,
            validation_data=(X[:7], Y[:7]),
        )
        histories.append(fitted.history)
    assert list(histories[0]) == list(histories[1])
    for key in histories[1]:
        np.testing.assert_allclose(histories[0][key], histories[1][key], rtol=2e-5, err_msg=key)
    np.testing.assert_allclose(ours.evaluate(X, Y, verbose=0), theirs.evaluate(X, Y, verbose=0), rtol=2e-5)


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return X[index * 10 : index * 10 + 10], Y[index * 10 : index * 10 + 10]


def generator():
    while True:
        for start in range(0, 50, 10):
            yield X[start : start + 10], Y[start : start + 10]


def test_generators_and_datasets_train_like_arrays():
    arrays = regressor()
    want = arrays.fit(X, Y, batch_size=10, epochs=2, shuffle=False, verbose=0).history
    for data, steps in ((Batches(), None), (generator(), 5)):
        got = regressor().fit(data, epochs=2, steps_per_epoch=steps, shuffle=False, verbose=0).history
        assert got == want
    assert regressor().predict(Batches(), verbose=0).shape == (50, 1)
    assert regressor().predict(generator(), steps=2, verbose=0).shape == (20, 1)


def test_a_generator_that_runs_dry_warns_and_keeps_the_training():
    model = regressor()
    short = ((X[:10], Y[:10]) for _ in range(3))
    with pytest.warns(UserWarning, match="ran out|ran dry|data"):
        history = model.fit(short, steps_per_epoch=5, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 1
    assert int(model.optimizer.iterations) == 3


def test_steps_per_execution_and_eager_mode_give_the_same_weights():
    weights = []
    for arguments in ({}, {"steps_per_execution": 3}, {"run_eagerly": True}):
        model = regressor(**arguments)
        model.fit(X, Y, batch_size=16, epochs=2, verbose=0)
        weights.append(model.get_weights())
    for a, b, c in zip(*weights):
        assert np.array_equal(a, b)
        np.testing.assert_allclose(a, c, rtol=1e-5, atol=1e-7)


def test_eager_mode_shows_numbers_inside_a_layer():
    seen = []

    class Looking(keras.Model):
        def __init__(self):
            super().__init__()
            self.head = keras.layers.Dense(1)

        def call(self, x):
            seen.append(float(ops.convert_to_numpy(ops.sum(x))))
            return self.head(x)

    model = Looking()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(X[:10], Y[:10], verbose=0, shuffle=False)
    assert seen and all(value == pytest.approx(float(X[:10].sum()), rel=1e-4) for value in seen)


def test_class_weight_and_predict_structures():
    model = classifier()
    model.fit(X, LABELS, class_weight={0: 1.0, 1: 3.0}, verbose=0)
    assert model.predict(X[:3], verbose=0).shape == (3, 2)
    assert model.predict_on_batch(X[:3]).shape == (3, 2)
    assert isinstance(model.train_on_batch(X, LABELS), list)
    assert set(model.test_on_batch(X, LABELS, return_dict=True)) == {"loss", "accuracy"}


def test_predict_in_a_loop_compiles_once_and_keeps_nothing():
    model = regressor()
    for size in (1, 3, 1, 3, 1):
        model.predict(X[:size], verbose=0)
    function = model.make_predict_function()
    traces = function.traces
    before = len(model.__dict__)
    for _ in range(200):
        model.predict(X[:1], verbose=0)
        model.predict(X[:3], verbose=0)
    assert function.traces == traces and len(model.__dict__) == before


def test_freezing_a_layer_takes_effect():
    model = regressor()
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    before = [w.copy() for w in model.get_weights()]
    model.fit(X, Y, verbose=0)
    after = model.get_weights()
    assert np.array_equal(before[0], after[0]) and not np.array_equal(before[2], after[2])
    assert len(model.trainable_weights) == 2


def test_what_is_refused_changes_nothing():
    model = classifier()
    before = model.get_weights()
    cases = [
        (lambda: model.fit(X, LABELS[:40], verbose=0), "50.*40|samples"),
        (lambda: model.fit(X[:0], LABELS[:0], verbose=0), "empty|no samples|at least one"),
        (lambda: model.fit(X, LABELS + 5, verbose=0), "from 0 to 1"),
        (lambda: model.fit(X, LABELS - 1, verbose=0), "from 0 to 1"),
        (lambda: model.fit(X[:, :5], LABELS, verbose=0), r"\(None, 6\)"),
        (lambda: model.fit(X.astype(object), LABELS, verbose=0), "object"),
        (lambda: model.fit(X, LABELS.astype(str), verbose=0), "`y` must hold numbers, got text.*np.unique"),
        (lambda: model.fit(X, LABELS, validation_data=(X, LABELS.astype(str)), verbose=0), "`y` must hold numbers"),
        (
            lambda: model.fit(X.astype(str), LABELS, verbose=0),
            "train_step' takes arrays of numbers, got one of text.*astype",
        ),
        (lambda: model.predict(X.astype("S"), verbose=0), "predict_step' takes arrays of numbers, got one of text"),
        (lambda: model.train_on_batch(X, LABELS.astype(str)), "`y` must hold numbers"),
        (lambda: model.fit(X, LABELS, epochs=-1, verbose=0), "epochs"),
        (lambda: model.fit(X, LABELS, batch_size=0, verbose=0), "batch_size"),
        (lambda: model.fit(X, LABELS, validation_split=1.5, verbose=0), "validation_split"),
        (lambda: model.fit(X, LABELS, nonsense=1), "nonsense"),
    ]
    for call, message in cases:
        with pytest.raises((ValueError, TypeError), match=message):
            call()
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
    assert int(model.optimizer.iterations) == 0


def test_unknown_names_suggest_the_nearest():
    for arguments, near in (
        ({"optimizer": "adan"}, "adam"),
        ({"loss": "mean_squared_eror"}, "mean_squared_error"),
        ({"metrics": ["mean_absolut_error"]}, "mean_absolute_error"),
    ):
        with pytest.raises(ValueError, match=f"Did you mean.*{near}"):
            regressor(**arguments)
    with pytest.raises(ValueError, match="Did you mean.*relu"):
        keras.layers.Dense(3, activation="relo")
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="compile"):
        model.fit(X, Y)
    with pytest.raises(ValueError, match="Did you mean 'a'|names the output"):
        inputs = keras.Input((6,))
        two = keras.Model(inputs, [keras.layers.Dense(1, name="aa")(inputs), keras.layers.Dense(1, name="bb")(inputs)])
        two.compile("sgd", {"ab": "mse"})
        two.fit(X, [Y, Y], verbose=0)


def test_old_spellings_work_with_one_warning_each():
    deprecation.reset_warnings()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = keras.Sequential()
        model.add(keras.layers.Dense(4, input_dim=6))
        model.add(keras.layers.Dense(1))
        model.compile(keras.optimizers.SGD(lr=0.1), "mse")
        model.fit(X, Y, nb_epoch=2, verbose=0)
        model.fit(X, Y, nb_epoch=1, verbose=0)
        model.fit_generator(generator(), steps_per_epoch=2, nb_epoch=1, verbose=0)
        assert model.predict_classes(X).shape == (50, 1)
    told = [
        str(w.message) for w in caught if issubclass(w.category, DeprecationWarning) and "older Keras" in str(w.message)
    ]
    for spelling in ("nb_epoch` of `fit`", "input_dim", "`lr`", "`fit_generator` of `Model`", "predict_classes"):
        assert sum(spelling in message for message in told) == 1, (spelling, told)


def test_add_metric_of_a_layer_is_reported():
    class Watched(keras.layers.Layer):
        def call(self, x):
            self.add_metric(ops.mean(ops.abs(x)), name="size")
            return x

    model = keras.Sequential([keras.Input((6,)), Watched(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert model.fit(X, Y, verbose=0, batch_size=50).history["size"][0] == pytest.approx(np.abs(X).mean(), rel=1e-5)


def test_mixed_precision_trains():
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8, "relu", dtype="mixed_float16"),
            keras.layers.Dense(1, dtype="float32"),
        ]
    )
    model.compile("adam", "mse")
    losses = model.fit(X, Y, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0] and {v.dtype for v in model.weights} == {"float32"}
