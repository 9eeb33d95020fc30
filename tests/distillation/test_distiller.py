"""What distillers do where Keras 3.15 fails or is silent, and what they refuse."""

import pickle

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.distillation import DistillationLoss, Distiller, FeatureDistillation, LogitsDistillation

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(8, 4)).astype("float32"), RNG.normal(size=(8, 2)).astype("float32")


def model(units=5, out=2, inputs=4, heads=1, structure=list, norm=False, regularizer=None, dtype=None, drop=0.0):
    x = keras.Input((inputs,))
    hidden = layers.Dense(units, "relu", name="hidden", kernel_regularizer=regularizer, dtype=dtype)(x)
    if norm:
        hidden = layers.BatchNormalization(name="norm", momentum=0.5)(hidden)
    if drop:
        hidden = layers.Dropout(drop, name="drop")(hidden)
    outputs = [layers.Dense(out, name=f"head{i}", dtype=dtype)(hidden) for i in range(heads)]
    if structure is dict:
        outputs = {f"head{i}": head for i, head in enumerate(outputs)}
    return keras.Model(x, outputs[0] if heads == 1 and structure is list else outputs)


def trained(losses, loss="mse", y=Y, share=0.5, weights=None, fit=None, **options):
    distiller = Distiller(model(**options), model(**options), losses, weights, share)
    distiller.compile("sgd", loss)
    history = distiller.fit(X, y, batch_size=8, epochs=1, verbose=0, **(fit or {})).history
    return distiller, {name: values[0] for name, values in history.items()}


@pytest.mark.parametrize("structure", [list, dict])
@pytest.mark.parametrize("second", ["mae", None])
def test_several_outputs(structure, second):
    names = ["head0", "head1"]
    shaped = (lambda *parts: dict(zip(names, parts))) if structure is dict else (lambda *parts: list(parts))
    teacher, student = model(heads=2, structure=structure), model(heads=2, structure=structure)
    distiller = Distiller(teacher, student, LogitsDistillation(2.0, shaped("mse", second)))
    distiller.compile("sgd", shaped("mse", "mae"))
    of_teacher, of_student = (keras.tree.flatten(m.predict(X, verbose=0)) for m in (teacher, student))
    expected = np.mean((of_teacher[0] - of_student[0]) ** 2) / 4
    if second:
        expected += np.mean(abs(of_teacher[1] - of_student[1])) / 2
    labels = np.mean((Y - of_student[0]) ** 2) + np.mean(abs(Y + 1 - of_student[1]))
    logs = distiller.evaluate(X, shaped(Y, Y + 1), verbose=0, return_dict=True)
    np.testing.assert_allclose(logs["distillation_loss"], expected, rtol=1e-5)
    np.testing.assert_allclose(logs["student_loss"], labels, rtol=1e-5)
    np.testing.assert_allclose(logs["loss"], (expected + labels) / 2, rtol=1e-5)
    before = student.get_weights()
    distiller.fit(X, shaped(Y, Y + 1), verbose=0)
    assert any(np.any(a != b) for a, b in zip(before, student.get_weights()))


def test_the_teacher_stays_as_it_is():
    distiller, _ = trained([LogitsDistillation(), FeatureDistillation("mse", "hidden", "hidden")], norm=True)
    before = distiller.teacher.get_weights()
    distiller.fit(X, Y, epochs=3, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, distiller.teacher.get_weights()))
    assert not distiller.teacher.trainable and distiller.student.trainable


def test_the_student_computes_its_features_once():
    """Keras makes a second pass for them: its dropout draws anew, and moving averages move twice."""
    features = FeatureDistillation("mse", "norm", "norm")
    (alone, _), (with_features, _) = trained(LogitsDistillation(), norm=True), trained(features, norm=True)
    for distiller in (alone, with_features):
        distiller.student.set_weights([np.ones(w.shape) for w in distiller.student.get_weights()])
        distiller.optimizer.learning_rate = 0.0
        distiller.fit(X, Y, epochs=1, verbose=0)
    moving = [d.student.get_layer("norm").moving_mean.numpy() for d in (alone, with_features)]
    np.testing.assert_allclose(*moving)


def test_weights_of_samples_weigh_the_labels_loss():
    """Keras leaves them out of account."""
    weights = np.array([1, 1, 1, 1, 0, 0, 0, 0], "float32")
    distiller = Distiller(model(), model(), LogitsDistillation(2.0, "mse"))
    distiller.compile("sgd", "mse")
    predicted = distiller.predict(X, verbose=0)
    logs = distiller.evaluate(X, Y, sample_weight=weights, verbose=0, return_dict=True)
    expected = np.mean(np.mean((Y - predicted) ** 2, axis=-1) * weights)
    np.testing.assert_allclose(logs["student_loss"], expected, rtol=1e-5)


def test_what_the_students_layers_add_counts():
    """Keras leaves it out."""
    distiller = Distiller(model(), model(regularizer=keras.regularizers.L2(0.1)), LogitsDistillation(2.0, "mse"))
    distiller.compile("sgd", "mse")
    logs = distiller.evaluate(X, Y, verbose=0, return_dict=True)
    added = 0.1 * np.sum(distiller.student.get_layer("hidden").kernel.numpy() ** 2)
    expected = (logs["student_loss"] + logs["distillation_loss"]) / 2 + added
    np.testing.assert_allclose(logs["loss"], expected, rtol=1e-5)


class Furthest(DistillationLoss):
    def __init__(self, factor=1.0):
        self.factor = factor

    def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        return self.factor * keras.ops.max(keras.ops.abs(teacher_outputs - student_outputs))

    def get_config(self):
        return {"factor": self.factor}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def test_a_loss_of_ones_own(tmp_path):
    distiller, logs = trained(Furthest(2.0), share=0.0)
    assert logs["loss"] == logs["distillation_loss"] > 0
    distiller.save(tmp_path / "own.keras")
    with keras.saving.custom_object_scope({"Furthest": Furthest}):
        again = keras.saving.load_model(tmp_path / "own.keras")
    assert again.distillation_losses[0].factor == 2.0
    np.testing.assert_array_equal(again.predict(X, verbose=0), distiller.predict(X, verbose=0))


class Plain(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2, name="dense")

    def call(self, x):
        return self.dense(x)


def test_subclassed_and_open_models():
    for make in (Plain, lambda: keras.Sequential([layers.Dense(2, name="dense")])):
        distiller = Distiller(make(), make(), [LogitsDistillation(), FeatureDistillation()])
        distiller.compile("sgd", "mse")
        assert distiller.fit(X, Y, verbose=0).history["distillation_loss"][0] > 0
        with pytest.raises(ValueError, match="`teacher_layer_name`='dense' needs a functional model"):
            Distiller(make(), make(), FeatureDistillation("mse", "dense", "dense"))


@pytest.mark.parametrize("eagerly", [True, False])
def test_eager_steps_are_the_same(eagerly):
    keras.utils.set_random_seed(1)
    distiller = Distiller(model(), model(), [LogitsDistillation(), FeatureDistillation("mse", "hidden", "hidden")])
    distiller.compile("sgd", "mse", run_eagerly=eagerly)
    distiller.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    test_eager_steps_are_the_same.results[eagerly] = distiller.get_weights()
    if len(test_eager_steps_are_the_same.results) == 2:
        for a, b in zip(*test_eager_steps_are_the_same.results.values()):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


test_eager_steps_are_the_same.results = {}


def test_a_distiller_survives_pickling():
    distiller, _ = trained([LogitsDistillation(), FeatureDistillation("mse", "hidden", "hidden")])
    again = pickle.loads(pickle.dumps(distiller))
    np.testing.assert_array_equal(again.predict(X, verbose=0), distiller.predict(X, verbose=0))
    again.compile("sgd", "mse")
    before = again.teacher.get_weights()
    again.fit(X, Y, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, again.teacher.get_weights()))


A, B = X[:, :3], X[:, :2]
REFUSED = [
    (lambda: LogitsDistillation(0), "`temperature` must be a number above 0, got 0"),
    (lambda: LogitsDistillation("3"), "`temperature`.*'3'"),
    (lambda: LogitsDistillation(float("nan")), "`temperature`.*nan"),
    (lambda: LogitsDistillation(loss="mze"), "'mze'.*'mse'"),
    (lambda: LogitsDistillation(loss=None), "`loss` of LogitsDistillation"),
    (lambda: FeatureDistillation([None, None]), "`loss` of FeatureDistillation"),
    (lambda: FeatureDistillation(loss=3), "3 as loss"),
    (lambda: FeatureDistillation("mse", 3), "`teacher_layer_name`.*3"),
    (lambda: LogitsDistillation(loss="mse").compute_loss(A, B), r"same shape.*\(8, 3\) and \(8, 2\)"),
    (lambda: LogitsDistillation().compute_loss([A, A], [A, A]), "`loss` and `teacher_outputs`.*same structure"),
    (lambda: LogitsDistillation(loss=["mse", "mse"]).compute_loss([A, A], [A]), "`loss` and `student_outputs`"),
    (lambda: LogitsDistillation().validate_outputs([A], A), "`teacher_outputs` and `student_outputs`"),
    (lambda: Distiller(3, model(), LogitsDistillation()), "`teacher` must be a Model, got 3"),
    (lambda: Distiller(model(), layers.Dense(3), LogitsDistillation()), "`student` must be a Model"),
    (lambda: Distiller(model(), model(), None), "`distillation_losses`.*None"),
    (lambda: Distiller(model(), model(), ["mse"]), "`distillation_losses`.*'mse'"),
    (
        lambda: Distiller(model(), model(), [LogitsDistillation()], [1.0, 2.0]),
        "as many as `distillation_losses`, 1, got 2",
    ),
    (lambda: Distiller(model(), model(), LogitsDistillation(), ["1"]), "`distillation_loss_weights`.*'1'"),
    (lambda: Distiller(model(), model(), LogitsDistillation(), None, 1.5), "`student_loss_weight`.*1.5"),
    (lambda: Distiller(model(), model(), LogitsDistillation(), None, None), "`student_loss_weight`.*None"),
    (lambda: Distiller(model(inputs=5), model(), LogitsDistillation()), r"inputs of the same shape.*\(None, 5\)"),
    (lambda: Distiller(model(out=3), model(), LogitsDistillation()), r"outputs of the same shape.*\(None, 3\)"),
    (lambda: Distiller(model(heads=2), model(), LogitsDistillation()), "outputs.*same structure"),
    (lambda: Distiller(model(dtype="float16"), model(), LogitsDistillation()), "same dtype, got float16 and float32"),
    (
        lambda: Distiller(model(), model(), FeatureDistillation("mse", "hiden")),
        "`teacher_layer_name`.*'hiden'.*'hidden'",
    ),
    (lambda: Distiller(model(), model(), FeatureDistillation("mse", None, "no")), "`student_layer_name`.*'no'"),
    (lambda: Distiller(model(), model(), LogitsDistillation()).compile("sgd"), "`loss` must be given"),
    (lambda: trained(FeatureDistillation("mse", "hidden", "head0")), r"same shape.*\(8, 5\) and \(8, 2\)"),
]


@pytest.mark.parametrize("make, message", REFUSED, ids=[message for _, message in REFUSED])
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_misspelled_argument_is_named():
    with pytest.raises(TypeError, match="Did you mean `temperature`"):
        LogitsDistillation(temprature=2)
    with pytest.raises(ValueError, match="Did you mean `student_loss_weight`"):
        Distiller(model(), model(), LogitsDistillation(), student_loss_weigth=0.1)
