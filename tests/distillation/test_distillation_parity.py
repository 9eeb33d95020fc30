"""Distillers and their losses against real Keras: losses, a training step, files; and where Keras is mistaken."""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend
from kerasish.ops import convert_to_numpy

RNG = np.random.default_rng(0)
A, B, C = (RNG.normal(size=(4, 3)).astype("float32") for _ in range(3))
X, Y = RNG.normal(size=(8, 4)).astype("float32"), RNG.normal(size=(8, 2)).astype("float32")
BOTH = (kerasish, oracle)


def number(value):
    return float(convert_to_numpy(value) if backend.is_tensor(value) else value)


LOSSES = [
    (lambda k: k.distillation.LogitsDistillation(3.0, "mse"), A, B),
    (lambda k: k.distillation.LogitsDistillation(2, "mae"), A, B),
    (lambda k: k.distillation.LogitsDistillation(1.5, k.losses.Huber(0.1)), A, B),
    (lambda k: k.distillation.LogitsDistillation(2.0, k.losses.MeanSquaredError(reduction="sum")), A, B),
    (lambda k: k.distillation.LogitsDistillation(2.0, k.losses.KLDivergence()), A, B),
    (lambda k: k.distillation.LogitsDistillation(4.0, k.losses.KLDivergence(reduction="sum")), A, B),
    (lambda k: k.distillation.LogitsDistillation(2.0, ["mse", None]), [A, B], [B, C]),
    (lambda k: k.distillation.LogitsDistillation(2.0, ["mse", k.losses.KLDivergence()]), [A, B], [B, C]),
    (lambda k: k.distillation.LogitsDistillation(2.0, {"a": "mse", "b": "mae"}), {"a": A, "b": B}, {"a": C, "b": A}),
    (
        lambda k: k.distillation.LogitsDistillation(2.0, {"a": ["mse"], "b": "mae"}),
        {"a": [A], "b": B},
        {"a": [C], "b": A},
    ),
    (lambda k: k.distillation.FeatureDistillation(), A, B),
    (lambda k: k.distillation.FeatureDistillation("cosine_similarity"), A, B),
    (lambda k: k.distillation.FeatureDistillation("kl_divergence"), A, B),
    (lambda k: k.distillation.FeatureDistillation(k.losses.MeanAbsoluteError()), A, B),
    (lambda k: k.distillation.FeatureDistillation(["mse", "mae"]), [A, B], [B, C]),
    (lambda k: k.distillation.FeatureDistillation(["mse", None]), [A, B], [B, C]),
    (lambda k: k.distillation.FeatureDistillation({"a": "mse", "b": None}), {"a": A, "b": B}, {"a": C, "b": A}),
]


@pytest.mark.parametrize("make, teacher, student", LOSSES)
def test_losses(make, teacher, student):
    ours, theirs = (make(keras) for keras in BOTH)
    values = [number(loss.compute_loss(teacher, student)) for loss in (ours, theirs)]
    np.testing.assert_allclose(*values, rtol=2e-6)
    expected = theirs.get_config()
    if "Huber" not in str(expected):  # whose delta Keras does not save
        assert ours.get_config() == expected
    again = type(ours).from_config(ours.get_config())
    assert number(again.compute_loss(teacher, student)) == values[0] and again.get_config() == ours.get_config()


def softened(keras, temperature):
    return [keras.ops.softmax(logits / temperature) for logits in (A, B)]


@pytest.mark.parametrize("loss", ["kl_divergence", "kld", lambda k: k.losses.kl_divergence])
def test_the_divergence_by_name_compares_distributions(loss):
    """Keras gives it raw logits, and gets what is no divergence: it does so for `KLDivergence()` alone."""
    given = loss if isinstance(loss, str) else loss(kerasish)
    ours = kerasish.distillation.LogitsDistillation(2.0, given).compute_loss(A, B)
    theirs = oracle.distillation.LogitsDistillation(2.0, oracle.losses.KLDivergence()).compute_loss(A, B)
    np.testing.assert_allclose(number(ours), float(theirs), rtol=2e-6)


@pytest.mark.parametrize(
    "loss",
    [
        "categorical_crossentropy",
        kerasish.losses.CategoricalCrossentropy(),
        kerasish.losses.CategoricalCrossentropy(from_logits=True),
    ],
)
def test_cross_entropies_compare_distributions(loss):
    ours = kerasish.distillation.LogitsDistillation(2.0, loss).compute_loss(A, B)
    theirs = 4 * oracle.ops.mean(oracle.losses.categorical_crossentropy(*softened(oracle, 2.0)))
    np.testing.assert_allclose(number(ours), float(theirs), rtol=2e-6)


def model(keras, seed, outputs=1, structure=list, norm=False, drop=0.0, regularizer=None):
    """A small model with weights that depend on the seed alone."""
    layers, x = keras.layers, keras.Input((4,), name="x")
    hidden = layers.Dense(5, "relu", name="first", kernel_regularizer=regularizer)(x)
    if norm:
        hidden = layers.BatchNormalization(name="norm")(hidden)
    if drop:
        hidden = layers.Dropout(drop)(hidden)
    hidden = layers.Dense(3, "tanh", name="second")(hidden)
    heads = [layers.Dense(2, name=f"out{i}")(hidden) for i in range(outputs)]
    heads = (
        heads[0] if outputs == 1 else {f"out{i}": head for i, head in enumerate(heads)} if structure is dict else heads
    )
    made, rng = keras.Model(x, heads), np.random.default_rng(seed)
    made.set_weights([rng.normal(size=w.shape).astype("float32") ** 2 / 2 for w in made.get_weights()])
    return made


def distiller(keras, losses, weights=None, share=0.5, compiled=None, **options):
    made = keras.distillation.Distiller(
        model(keras, 1, **options), model(keras, 2, **options), losses(keras), weights, share
    )
    made.compile(keras.optimizers.SGD(0.1, momentum=0.5), **(compiled or {"loss": "mse"}))
    return made


def logits(keras):
    return keras.distillation.LogitsDistillation(2.0, keras.losses.KLDivergence())


def several(keras):
    d = keras.distillation
    return [
        logits(keras),
        d.FeatureDistillation("mse", "first", "first"),
        d.FeatureDistillation("mae", "second", "second"),
    ]


def crossed(keras):
    return [keras.distillation.FeatureDistillation("mse", "out0", None), keras.distillation.FeatureDistillation("mae")]


STEPS = [
    (logits, {}),
    (logits, {"share": 0.0}),
    (logits, {"share": 1.0}),
    (lambda keras: [logits(keras)], {"share": 0.3, "weights": [2.0]}),
    (several, {"weights": [1.0, 0.5, 2.0], "share": 0.25}),
    (several, {"compiled": {"loss": "mae", "metrics": ["mse", "mae"]}}),
    (crossed, {}),
    (lambda keras: [], {}),
    (logits, {"norm": True}),
]


@pytest.mark.parametrize("losses, options", STEPS)
def test_training_steps(losses, options):
    ours, theirs = (distiller(keras, losses, **options) for keras in BOTH)
    results = [each.evaluate(X, Y, verbose=0, return_dict=True) for each in (ours, theirs)]
    assert list(results[0]) == list(results[1]) or sorted(results[0]) == sorted(results[1])
    for name, value in results[1].items():
        np.testing.assert_allclose(results[0][name], value, rtol=1e-5, err_msg=name)
    histories = [each.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0).history for each in (ours, theirs)]
    for name, values in histories[1].items():
        np.testing.assert_allclose(histories[0][name], values, rtol=1e-4, err_msg=name)
    assert ours.metrics_names == theirs.metrics_names
    assert len(ours.weights) == len(theirs.weights)
    for mine, other in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(ours.predict(X, verbose=0), theirs.predict(X, verbose=0), rtol=1e-4, atol=1e-5)
    assert [len(each.trainable_variables) for each in (ours, theirs)] == [len(ours.student.trainable_variables)] * 2


def test_uneven_batches():
    histories = [distiller(keras, logits).fit(X, Y, batch_size=5, shuffle=False, verbose=0).history for keras in BOTH]
    for name, values in histories[1].items():
        np.testing.assert_allclose(histories[0][name], values, rtol=1e-5, err_msg=name)


def test_a_step_by_itself():
    ours, theirs = (distiller(keras, logits) for keras in BOTH)
    for call in (lambda d: d.test_on_batch(X, Y), lambda d: d.train_on_batch(X, Y), lambda d: d.test_on_batch(X, Y)):
        np.testing.assert_allclose(call(ours), call(theirs), rtol=1e-5)
    values = [number(d.compute_loss(X, Y, d(X), training=False)) for d in (ours, theirs)]
    np.testing.assert_allclose(*values, rtol=1e-5)
    values = [number(d.compute_loss(X, None, d(X))) for d in (ours, theirs)]
    np.testing.assert_allclose(*values, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.*compile")
def test_files_go_both_ways(tmp_path):
    ours, theirs = (distiller(keras, several, weights=[1.0, 0.5, 2.0], share=0.3) for keras in BOTH)
    for each in (ours, theirs):
        each.fit(X, Y, verbose=0)
    ours.save(tmp_path / "ours.keras")
    theirs.save(tmp_path / "theirs.keras")
    opened = oracle.saving.load_model(tmp_path / "ours.keras")
    back, again = (kerasish.saving.load_model(tmp_path / name) for name in ("theirs.keras", "ours.keras"))
    np.testing.assert_allclose(opened.predict(X, verbose=0), ours.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(back.predict(X, verbose=0), theirs.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    assert type(back) is kerasish.distillation.Distiller and type(opened) is oracle.distillation.Distiller
    for each in (back, again, opened):
        assert list(each.distillation_loss_weights) == [1.0, 0.5, 2.0] and each.student_loss_weight == 0.3
        assert each.distillation_losses[1].get_config() == ours.distillation_losses[1].get_config()
    assert again.evaluate(X, Y, verbose=0) == ours.evaluate(X, Y, verbose=0)
    assert int(again.optimizer.iterations) == int(ours.optimizer.iterations) == 1
    ours.save_weights(tmp_path / "ours.weights.h5")
    theirs.load_weights(tmp_path / "ours.weights.h5")
    np.testing.assert_allclose(theirs.predict(X, verbose=0), ours.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
