"""Every metric against real Keras: results and state, eager and compiled, masks, configs. One table, one harness."""

import inspect
import os
import re

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras.src.backend import set_keras_mask as set_real_mask

import kerasish
from kerasish.backend import set_keras_mask
from kerasish.backend.function import function
from tests.metrics.cases import CASES, CLASSES, DEEP, ONE_HOT_DEEP, ROWS, SPARSE_DEEP

NAMES = sorted(
    name for name in dir(keras.metrics) if inspect.isclass(getattr(keras.metrics, name)) and not name.startswith("_")
)


def assert_close(ours, theirs, rtol):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    largest = float(np.abs(theirs).max()) if theirs.size else 0.0
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-6 * max(largest, 1.0))


def assert_same_state(ours, theirs, rtol):
    assert [v.name for v in ours.variables] == [v.name for v in theirs.variables]
    assert [v.path for v in ours.variables] == [v.path for v in theirs.variables]
    for mine, real in zip(ours.variables, theirs.variables):
        assert mine.dtype == real.dtype and not mine.trainable
        assert_close(mine, real, rtol)


@pytest.mark.parametrize("case", CASES, ids=str)
class TestMetric:
    def test_updates_and_reset(self, case):
        for weight in case.weights:
            ours, theirs = case.metric(kerasish), case.metric(keras)
            for batch in case.batches:
                ours.update_state(*batch, sample_weight=weight)
                theirs.update_state(*batch, sample_weight=weight)
                assert_close(ours.result(), theirs.result(), case.rtol)
            assert_same_state(ours, theirs, case.rtol)
            ours.reset_state()
            assert all(not np.asarray(v).any() for v in ours.variables)
            again = ours(*case.batches[0], sample_weight=weight)
            theirs.reset_state()
            assert_close(again, theirs(*case.batches[0], sample_weight=weight), case.rtol)

    def test_compiled(self, case):
        weight = case.weights[-1]
        ours, theirs = case.metric(kerasish), case.metric(keras)
        step = function(lambda weight, *batch: ours(*batch, sample_weight=weight), name="step")
        for batch in case.batches:
            assert_close(step(weight, *batch), theirs(*batch, sample_weight=weight), case.rtol)
        assert step.traces == 1
        assert_same_state(ours, theirs, case.rtol)

    def test_stateless(self, case):
        ours, weight = case.metric(kerasish), case.weights[-1]
        first = ours(*case.batches[0], sample_weight=weight)
        before = [np.array(v) for v in ours.variables]
        fresh = ours.stateless_reset_state()
        values = ours.stateless_update_state(fresh, *case.batches[0], sample_weight=weight)
        np.testing.assert_allclose(ours.stateless_result(values), first, rtol=1e-6)
        for variable, value in zip(ours.variables, before):
            np.testing.assert_array_equal(np.array(variable), value)

    def test_config(self, case):
        ours, theirs = case.metric(kerasish), case.metric(keras)
        config, expected = ours.get_config(), theirs.get_config()
        if case.name == "CosineSimilarity" and "axis" in case.kwargs:
            expected["axis"] = case.kwargs["axis"]  # Keras forgets it
        if expected.get("label_weights") is not None:
            # Keras has an array there, which its own from_config can't read back from a file.
            expected["label_weights"] = pytest.approx(np.asarray(expected["label_weights"]).tolist())
        if "thresholds" in expected and case.name == "AUC":
            expected["thresholds"] = [float(t) for t in expected["thresholds"]]
        assert config == expected
        assert type(ours).from_config(config).get_config() == config

        data = kerasish.metrics.serialize(ours)
        real = keras.metrics.serialize(theirs)
        assert {k: v for k, v in data.items() if k != "config"} == {k: v for k, v in real.items() if k != "config"}
        loaded = kerasish.metrics.deserialize(data)
        assert type(loaded) is type(ours) and loaded.get_config() == config

    def test_real_keras_reads_our_config(self, case):
        read = keras.metrics.deserialize(kerasish.metrics.serialize(case.metric(kerasish)))
        assert type(read).__name__ == case.name and read.name == "m"


def test_every_metric_has_a_case():
    covered = {case.name for case in CASES}
    assert set(NAMES) - covered == {"Metric", "MeanMetricWrapper"}


@pytest.mark.parametrize("name", NAMES)
def test_signature(name):
    def arguments(cls):
        return [(p.name, p.default) for p in inspect.signature(cls.__init__).parameters.values()]

    assert arguments(getattr(kerasish.metrics, name)) == arguments(getattr(keras.metrics, name))


@pytest.mark.parametrize("case", {case.name: case for case in CASES}.values(), ids=lambda case: case.name)
def test_default_name_and_direction(case):
    ours, theirs = (getattr(library.metrics, case.name)(**case.kwargs) for library in (kerasish, keras))
    assert re.sub(r"_\d+$", "", ours.name) == re.sub(r"_\d+$", "", theirs.name)
    assert getattr(ours, "_direction", None) == getattr(theirs, "_direction", None)


def test_functions_are_those_of_keras():
    functions = [name for name in dir(keras.metrics) if inspect.isfunction(getattr(keras.metrics, name))]
    for name in functions:
        mine, real = (inspect.signature(getattr(library.metrics, name)) for library in (kerasish, keras))
        if name not in ("get", "serialize", "deserialize"):
            assert list(mine.parameters) == list(real.parameters), name
            assert [p.default for p in mine.parameters.values()] == [p.default for p in real.parameters.values()], name


class TestMasks:
    """A mask on the predictions leaves entries out, with and without sample weights."""

    MASK = np.array([[True, True, False, False], [True, False, True, True]] * (ROWS // 2))
    WEIGHTS = np.linspace(0.5, 2.0, 4 * ROWS, dtype="float32").reshape(ROWS, 4)

    @pytest.mark.parametrize("weight", [None, WEIGHTS], ids=["unweighted", "by value"])
    @pytest.mark.parametrize(
        "name, batches",
        [
            ("MeanSquaredError", DEEP),
            ("CategoricalCrossentropy", ONE_HOT_DEEP),
            ("CategoricalAccuracy", ONE_HOT_DEEP),
            ("SparseCategoricalAccuracy", SPARSE_DEEP),
        ],
    )
    def test_mask(self, name, batches, weight):
        ours, theirs = getattr(kerasish.metrics, name)(), getattr(keras.metrics, name)()
        for y_true, y_pred in batches:
            mine, real = y_pred.copy(), jnp.asarray(y_pred)
            set_keras_mask(mine, self.MASK)
            set_real_mask(real, jnp.asarray(self.MASK))
            ours.update_state(y_true, mine, sample_weight=weight)
            theirs.update_state(y_true, real, sample_weight=weight)
        assert_close(ours.result(), theirs.result(), 1e-5)
        for mine, real in zip(ours.variables, theirs.variables):
            assert_close(mine, real, 1e-5)

    def test_mask_in_a_compiled_step(self):
        metric = kerasish.metrics.MeanSquaredError()

        def step(y_true, y_pred, mask):
            y_pred = y_pred * 1.0
            set_keras_mask(y_pred, mask)
            return metric(y_true, y_pred)

        y_true, y_pred = DEEP[0]
        eager = y_pred.copy()
        set_keras_mask(eager, self.MASK)
        expected = kerasish.metrics.MeanSquaredError()(y_true, eager)
        assert_close(function(step)(y_true, y_pred, self.MASK), expected, 1e-6)

    def test_masked_entries_do_not_count(self):
        y_true, y_pred = DEEP[0]
        spoilt = np.where(self.MASK[..., None], y_pred, 1e6).astype("float32")
        results = []
        for values in (y_pred.copy(), spoilt):
            set_keras_mask(values, self.MASK)
            results.append(kerasish.metrics.MeanAbsoluteError()(y_true, values))
        assert results[0] == results[1] < 10.0


def test_ignored_class_and_its_mask():
    """The values' own mask counts where there are sample weights, as in Keras."""
    y_true, y_pred = SPARSE_DEEP[0]
    for weight in (None, np.ones((ROWS, 4), "float32")):
        ours, theirs = (
            library.metrics.SparseCategoricalCrossentropy(ignore_class=CLASSES - 1) for library in (kerasish, keras)
        )
        assert_close(ours(y_true, y_pred, sample_weight=weight), theirs(y_true, y_pred, sample_weight=weight), 1e-5)
