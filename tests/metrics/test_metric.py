"""The base class, the catalog, wrappers, limits of precision and bad input."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import metrics, ops
from kerasish.backend import deprecation
from kerasish.backend.function import function


class Largest(metrics.Metric):
    """A user's metric."""

    def __init__(self, name="largest", **kwargs):
        super().__init__(name=name, **kwargs)
        self.peak = self.add_weight(name="peak", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.peak.assign(ops.maximum(self.peak, ops.max(ops.abs(y_true - y_pred))))

    def result(self):
        return {"peak": self.peak.value, "half": self.peak * 0.5}


class TestBase:
    def test_result_is_no_view_of_the_state(self):
        for metric in (metrics.Sum(), metrics.TruePositives(thresholds=[0.2, 0.6])):
            arguments = [(np.ones(3, "float32"),) * (1 if isinstance(metric, metrics.Sum) else 2)] * 2
            first = metric(*arguments[0])
            kept = np.array(first)
            metric.update_state(*arguments[1])
            np.testing.assert_array_equal(first, kept)

    def test_users_metric_with_a_dict_result(self):
        metric = Largest()
        step = function(lambda t, p: metric(t, p))
        result = step(np.array([1.0, 2.0], "float32"), np.array([1.5, 5.0], "float32"))
        assert {k: float(v) for k, v in result.items()} == {"peak": 3.0, "half": 1.5}
        metric.reset_state()
        assert float(metric.result()["peak"]) == 0.0
        assert Largest.from_config(metric.get_config()).get_config() == {"name": "largest", "dtype": "float32"}

    def test_nested_metrics_share_their_state(self):
        class Pair(metrics.Metric):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.own = self.add_variable((2,), "ones", name="own")
                self.parts = [metrics.Mean(), metrics.Sum()]

        pair = Pair()
        assert [v.name for v in pair.variables] == ["own", "total", "count", "total"]
        assert pair.name.startswith("pair")
        pair.parts[0].update_state([4.0])
        pair.reset_state()
        assert not any(np.asarray(v).any() for v in pair.variables)

    def test_path_replaces_slashes(self):
        assert metrics.Mean(name="a/b").variables[0].path == "a>b/total"

    def test_mixed_precision_layers_do_not_round_the_state(self):
        metric = metrics.Mean()
        with keras.backend.context.scope(autocast="float16"):
            for _ in range(3):
                metric.update_state(np.full(2048, 1.0, "float32"))
            assert float(metric.count) == 6144.0

    def test_dtypes(self):
        assert metrics.Mean(dtype="float64").total.dtype == "float64"
        assert metrics.Mean(dtype="mixed_float16").dtype == "float16"
        assert metrics.MeanIoU(2).dtype == "int32"

    def test_old_spellings(self):
        deprecation.reset_warnings()
        metric = metrics.Mean()
        metric.update_state([3.0])
        with pytest.warns(DeprecationWarning, match="reset_state"):
            metric.reset_states()
        assert float(metric.result()) == 0.0
        with pytest.warns(DeprecationWarning, match="name='total'"):
            assert metrics.Metric(name="m").add_weight("total", initializer="zeros").name == "total"

    def test_super_must_be_called(self):
        class Forgets(metrics.Metric):
            def __init__(self):
                self.total = self.add_variable((), "zeros")

        with pytest.raises(RuntimeError, match="super"):
            Forgets()

    def test_subclass_without_methods(self):
        with pytest.raises(TypeError, match="update_state"):
            metrics.Metric(name="m").update_state([1.0])
        with pytest.raises(TypeError, match="result"):
            metrics.Metric(name="m").result()

    def test_stateless_needs_all_values(self):
        with pytest.raises(ValueError, match="2 variables.*got 1"):
            metrics.Mean().stateless_update_state([np.float32(0.0)], [1.0])
        with pytest.raises(ValueError, match="got 3"):
            metrics.Mean().stateless_result([0.0, 0.0, 0.0])

    def test_copies_are_independent(self):
        import copy

        metric = metrics.Mean()
        metric.update_state([2.0])
        twin = copy.deepcopy(metric)
        twin.update_state([4.0])
        assert (float(metric.result()), float(twin.result())) == (2.0, 3.0)


class TestCatalog:
    @pytest.mark.parametrize(
        "name, cls",
        [
            ("mse", "MeanSquaredError"),
            ("MSE", "MeanSquaredError"),
            ("mae", "MeanAbsoluteError"),
            ("mape", "MeanAbsolutePercentageError"),
            ("msle", "MeanSquaredLogarithmicError"),
            ("bce", "BinaryCrossentropy"),
            ("AUC", "AUC"),
            ("auc", "AUC"),
            ("accuracy", "Accuracy"),
            ("categorical_accuracy", "CategoricalAccuracy"),
            ("SparseTopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy"),
            ("sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy"),
            ("kullback_leibler_divergence", "KLDivergence"),
            ("cosine_proximity", "CosineSimilarity"),
        ],
    )
    def test_names(self, name, cls):
        assert type(metrics.get(name)) is getattr(metrics, cls)

    def test_get_passes_through(self):
        metric = metrics.Mean()
        assert metrics.get(None) is None and metrics.get(metric) is metric
        assert metrics.get(keras.losses.huber) is keras.losses.huber
        assert type(metrics.get(metrics.Recall)) is metrics.Recall
        found = metrics.get({"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}})
        assert found.from_logits is True

    @pytest.mark.parametrize("name, near", [("mean_sqared_error", "mean_squared_error"), ("Precison", "Precision")])
    def test_unknown_name(self, name, near):
        with pytest.raises(ValueError, match=f"Unknown metric.*{near}"):
            metrics.get(name)

    def test_unknown_type(self):
        with pytest.raises(ValueError, match="metric"):
            metrics.get(3)

    def test_functions_of_losses(self):
        assert metrics.mse is metrics.mean_squared_error is keras.losses.mean_squared_error
        assert metrics.MAE is keras.losses.mean_absolute_error

    def test_wrapper_of_a_loss_function(self):
        metric = metrics.MeanMetricWrapper(keras.losses.huber, name="h", delta=0.5)
        data = metrics.serialize(metric)
        assert data["config"]["fn"]["config"] == "huber" and data["config"]["delta"] == 0.5
        loaded = metrics.deserialize(data)
        arguments = ([[0.0, 0.0]], [[1.0, 0.0]])
        assert float(loaded(*arguments)) == float(metric(*arguments)) == 0.1875
        assert loaded.name == "h" and loaded._direction == "down"

    def test_function_with_a_metrics_name_is_found_as_function(self):
        data = metrics.serialize(metrics.MeanMetricWrapper(metrics.binary_accuracy, name="b"))
        assert float(metrics.deserialize(data)([[1.0]], [[0.9]])) == 1.0
        assert metrics.deserialize(metrics.serialize(metrics.mean_squared_error)) is keras.losses.mean_squared_error


class TestEdges:
    def test_empty_means(self):
        assert float(metrics.Mean().result()) == 0.0
        assert float(metrics.Precision().result()) == 0.0
        assert float(metrics.MeanIoU(2).result()) == 0.0

    def test_constant_targets_of_r2(self):
        assert float(metrics.R2Score()(np.ones((4, 1)), np.zeros((4, 1)))) == 0.0

    def test_too_many_regressors(self):
        metric = metrics.R2Score(num_regressors=5)
        metric.update_state([[1.0], [2.0], [4.0]], [[1.0], [2.0], [3.0]])
        with pytest.warns(UserWarning, match="not adjusted"):
            adjusted = metric.result()
        plain = metrics.R2Score()([[1.0], [2.0], [4.0]], [[1.0], [2.0], [3.0]])
        assert float(adjusted) == float(plain)

    @pytest.mark.parametrize("evenly", [True, False])
    def test_nan_predictions_are_never_positive(self, evenly):
        thresholds = [0.0, 0.5, 1.0] if evenly else [0.0, 0.5]
        predictions = np.array([np.nan, 0.9], "float32")
        assert metrics.TruePositives(thresholds=thresholds)([1, 1], predictions).tolist()[:2] == [1.0, 1.0]
        assert metrics.FalseNegatives(thresholds=thresholds)([1, 1], predictions).tolist()[:2] == [1.0, 1.0]

    def test_prediction_of_zero_is_not_above_zero(self):
        assert metrics.TruePositives(thresholds=[0.0, 0.5, 1.0])([1, 1], [0.0, 0.2]).tolist() == [1.0, 0.0, 0.0]

    @pytest.mark.parametrize("curve", ["ROC", "PR"])
    def test_even_thresholds_agree_with_comparing_all(self, curve):
        """The buckets against the plain definition, for predictions that are on no threshold."""
        rng = np.random.RandomState(0)
        y_true, y_pred = rng.randint(0, 2, 500), rng.uniform(size=500).astype("float32")
        fast, plain = metrics.AUC(curve=curve, num_thresholds=50), metrics.AUC(curve=curve, num_thresholds=50)
        plain._evenly = False
        assert float(fast(y_true, y_pred)) == pytest.approx(float(plain(y_true, y_pred)), rel=1e-6)

    def test_area_agrees_with_scikit_learn(self):
        from sklearn.metrics import roc_auc_score

        rng = np.random.RandomState(1)
        y_true = rng.randint(0, 2, 400)
        y_pred = np.clip(0.3 * y_true + rng.uniform(size=400) * 0.7, 0, 1).astype("float32")
        area = metrics.AUC(num_thresholds=2000)(y_true, y_pred)
        assert float(area) == pytest.approx(roc_auc_score(y_true, y_pred), abs=2e-3)

    def test_float_weights_of_integer_counts_warn(self):
        with pytest.warns(UserWarning, match="dtype='float32'"):
            metrics.MeanIoU(2).update_state([0, 1], [0, 1], sample_weight=np.array([0.5, 1.5], "float32"))

    def test_updates_are_few_operations(self):
        """Metrics run in every training step."""
        from kerasish.backend.primitives.primitive import Spec
        from kerasish.backend.trace import trace

        def count(metric, *specs):
            return len(trace(lambda *batch: metric.update_state(*batch), [Spec(*s) for s in specs]).nodes)

        column = ((32, 1), "float32")
        assert count(metrics.Mean(), ((32,), "float32")) <= 3
        assert count(metrics.MeanSquaredError(), column, column) <= 7
        assert count(metrics.BinaryAccuracy(), column, column) <= 8
        assert count(metrics.SparseCategoricalAccuracy(), ((32,), "int32"), ((32, 10), "float32")) <= 6
        assert count(metrics.Precision(), column, column) <= 16
        assert count(metrics.AUC(), column, column) <= 40


BAD_ARGUMENTS = [
    (lambda: metrics.Precision(thresholds=1.5), r"thresholds.*\[0, 1\].*1.5"),
    (lambda: metrics.Recall(thresholds=[0.5, -0.1]), r"-0.1"),
    (lambda: metrics.TruePositives(thresholds=[0.5, None]), "None"),
    (lambda: metrics.FalsePositives(thresholds=[]), "at least one"),
    (lambda: metrics.Precision(top_k=0), "top_k"),
    (lambda: metrics.Precision(class_id=-1), "class_id"),
    (lambda: metrics.SensitivityAtSpecificity(1.5), "specificity"),
    (lambda: metrics.SpecificityAtSensitivity(-0.5), "sensitivity"),
    (lambda: metrics.PrecisionAtRecall(2.0), "recall"),
    (lambda: metrics.RecallAtPrecision("0.5"), "precision"),
    (lambda: metrics.RecallAtPrecision(0.5, num_thresholds=0), "num_thresholds"),
    (lambda: metrics.AUC(num_thresholds=1), "num_thresholds"),
    (lambda: metrics.AUC(thresholds=[0.5, 2.0]), r"2.0"),
    (lambda: metrics.AUC(curve="ROCK"), "curve.*'ROC'"),
    (lambda: metrics.AUC(summation_method="interpolate"), "Did you mean 'interpolation'"),
    (lambda: metrics.AUC(num_labels=3), "multi_label"),
    (lambda: metrics.FBetaScore(beta=2), "beta.*float"),
    (lambda: metrics.FBetaScore(beta=-1.0), "beta"),
    (lambda: metrics.FBetaScore(average="mean"), "average"),
    (lambda: metrics.F1Score(threshold=1), "threshold"),
    (lambda: metrics.F1Score(threshold=0.0), "threshold"),
    (lambda: metrics.R2Score(class_aggregation="mean"), "class_aggregation"),
    (lambda: metrics.R2Score(num_regressors=-1), "num_regressors"),
    (lambda: metrics.MeanIoU(num_classes=0), "num_classes"),
    (lambda: metrics.MeanIoU(num_classes=2.0), "num_classes"),
    (lambda: metrics.IoU(num_classes=2, target_class_ids=[2]), r"target_class_ids.*\[2\]"),
    (lambda: metrics.IoU(num_classes=2, target_class_ids=[]), "target_class_ids"),
    (lambda: metrics.TopKCategoricalAccuracy(k=0), "`k`"),
    (lambda: metrics.MeanMetricWrapper("mse"), "fn"),
]


@pytest.mark.parametrize("make, message", BAD_ARGUMENTS)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def some(*shape):
    return np.full(shape, 0.5, "float32")


BAD_BATCHES = [
    (lambda: metrics.Mean(), (some(4),), some(3), "sample_weight.*(3,).*(4,)"),
    (lambda: metrics.Mean(), (some(4),), some(4, 2, 2), "sample_weight"),
    (lambda: metrics.MeanSquaredError(), (some(4, 2), some(4, 3)), None, r"\(4, 2\).*\(4, 3\)"),
    (lambda: metrics.RootMeanSquaredError(), (some(4, 2), some(4, 3)), None, r"\(4, 2\).*\(4, 3\)"),
    (lambda: metrics.BinaryAccuracy(), (some(4, 2), some(4, 3)), None, r"\(4, 2\).*\(4, 3\)"),
    (lambda: metrics.Accuracy(), (some(5), some(4)), None, r"\(5,\).*\(4,\)"),
    (lambda: metrics.CategoricalAccuracy(), (some(4), some(4, 3)), None, "one-hot|One-hot"),
    (lambda: metrics.SparseCategoricalAccuracy(), (some(4, 3), some(4, 3)), None, "One-hot"),
    (lambda: metrics.SparseTopKCategoricalAccuracy(k=1), (some(4, 3), some(4, 3)), None, "One-hot"),
    (lambda: metrics.Precision(), (some(4), some(4, 3)), None, r"one-hot"),
    (lambda: metrics.Precision(class_id=3), (some(4, 3), some(4, 3)), None, "class_id.*3 classes"),
    (lambda: metrics.Precision(class_id=0), (some(4), some(4)), None, "class_id"),
    (lambda: metrics.Precision(top_k=4), (some(4, 3), some(4, 3)), None, "top_k"),
    (lambda: metrics.Precision(), (some(4, 3), some(4, 3)), some(5), "sample_weight"),
    (lambda: metrics.AUC(multi_label=True), (some(4), some(4)), None, "multi_label"),
    (lambda: metrics.AUC(multi_label=True, num_labels=2), (some(4, 3), some(4, 3)), None, "counts 2"),
    (lambda: metrics.AUC(label_weights=[1.0, 2.0]), (some(4, 3), some(4, 3)), None, "label_weights"),
    (lambda: metrics.AUC(multi_label=True, label_weights=[1.0, 2.0]), (some(4, 3), some(4, 3)), None, "label_weights"),
    (lambda: metrics.F1Score(), (some(4), some(4)), None, r"\(batch, classes\)"),
    (lambda: metrics.F1Score(), (some(4, 3), some(4, 3)), some(3), "sample_weight"),
    (lambda: metrics.R2Score(), (some(4), some(4)), None, r"\(batch, columns\)"),
    (lambda: metrics.R2Score(), (some(4, 2), some(4, 2)), some(3), "sample_weight"),
    (lambda: metrics.MeanIoU(2), (some(4, 2), some(4)), None, "sparse_y_true"),
    (lambda: metrics.OneHotMeanIoU(2), (some(4, 3), some(4, 3)), None, "2 classes"),
    (lambda: metrics.MeanIoU(2, dtype="float32"), (some(4), some(4)), some(3), "sample_weight"),
]


@pytest.mark.parametrize("make, batch, weight, message", BAD_BATCHES)
def test_bad_batches_change_nothing(make, batch, weight, message):
    metric = make()
    with pytest.raises(ValueError, match=message):
        metric.update_state(*batch, sample_weight=weight)
    assert not any(np.asarray(v).any() for v in metric.variables)


def test_results_need_an_update_first():
    for metric in (metrics.AUC(multi_label=True), metrics.F1Score(), metrics.R2Score()):
        with pytest.raises(ValueError, match="first `update_state`"):
            metric.result()


def test_columns_may_not_change():
    for metric in (metrics.F1Score(), metrics.R2Score(), metrics.AUC(multi_label=True)):
        metric.update_state(some(4, 3), some(4, 3))
        with pytest.raises(ValueError, match="counts 3"):
            metric.update_state(some(4, 2), some(4, 2))


@pytest.mark.parametrize("metric", [metrics.MeanIoU, metrics.OneHotMeanIoU])
def test_a_matrix_of_too_many_classes_is_refused_at_once(metric):
    with pytest.raises(ValueError, match="`num_classes` must be at most"):
        metric(10**30)
