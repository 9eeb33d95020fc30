"""The data and the table of cases that the tests of metrics share."""

import numpy as np

RNG = np.random.RandomState(11)
ROWS, CLASSES = 8, 3


def draws(make):
    """Two batches of (y_true, y_pred)."""
    return [make(), make()]


def floats(*shape, low=None, high=None):
    values = RNG.normal(size=shape) if low is None else RNG.uniform(low, high, shape)
    return values.astype("float32")


def bits(*shape):
    return RNG.randint(0, 2, shape).astype("float32")


def labels(*shape, classes=CLASSES):
    return RNG.randint(0, classes, shape).astype("int32")


def one_hot(*shape, classes=CLASSES):
    return np.eye(classes, dtype="float32")[labels(*shape, classes=classes)]


def shares(*shape):
    values = RNG.uniform(0.1, 1.0, shape)
    return (values / values.sum(-1, keepdims=True)).astype("float32")


REAL = draws(lambda: (floats(ROWS, CLASSES), floats(ROWS, CLASSES)))
DEEP = draws(lambda: (floats(ROWS, 4, CLASSES), floats(ROWS, 4, CLASSES)))
FLAT = draws(lambda: (floats(ROWS), floats(ROWS)))
TALL = [(t[:, 0], p[:, :1]) for t, p in REAL]  # a vector of targets, a column of predictions
POSITIVE = draws(lambda: (floats(ROWS, CLASSES, low=0.2, high=3.0), floats(ROWS, CLASSES, low=0.2, high=3.0)))
COUNTS = draws(lambda: (RNG.poisson(2.0, (ROWS, CLASSES)).astype("float32"), floats(ROWS, CLASSES, low=0.2, high=3.0)))
SIGNS = [(2 * bits(ROWS, CLASSES) - 1, p) for _, p in REAL]
YES_NO = draws(lambda: (bits(ROWS, CLASSES), floats(ROWS, CLASSES, low=0.0, high=1.0)))
YES_NO_FLAT = [(t[:, 0], p[:, 0]) for t, p in YES_NO]
YES_NO_TALL = [(t[:, 0], p[:, :1]) for t, p in YES_NO]
YES_NO_INTS = [(t.astype("int32"), p) for t, p in YES_NO]
YES_NO_DEEP = draws(lambda: (bits(ROWS, 2, CLASSES), floats(ROWS, 2, CLASSES, low=0.0, high=1.0)))
YES_NO_LOGITS = [(t, 3 * p) for (t, _), (_, p) in zip(YES_NO, REAL)]
# Predictions on the thresholds themselves, 0 and 1 among them.
ON_GRID = draws(lambda: (bits(ROWS, CLASSES), RNG.randint(0, 5, (ROWS, CLASSES)).astype("float32") / 4))
ONE_HOT = draws(lambda: (one_hot(ROWS), shares(ROWS, CLASSES)))
ONE_HOT_DEEP = draws(lambda: (one_hot(ROWS, 4), shares(ROWS, 4, CLASSES)))
ONE_HOT_LOGITS = [(t, 3 * p) for (t, _), (_, p) in zip(ONE_HOT, REAL)]
SPARSE = draws(lambda: (labels(ROWS), shares(ROWS, CLASSES)))
SPARSE_TALL = [(t[:, None], p) for t, p in SPARSE]
SPARSE_FLOATS = [(t.astype("float32"), p) for t, p in SPARSE]
SPARSE_DEEP = draws(lambda: (labels(ROWS, 4), shares(ROWS, 4, CLASSES)))
SORTED_IDS = draws(lambda: (labels(ROWS), np.stack([RNG.permutation(CLASSES) for _ in range(ROWS)]).astype("int32")))
SAME_KIND = draws(lambda: (labels(ROWS), labels(ROWS)))
SAME_KIND_DEEP = draws(lambda: (labels(ROWS, 4), labels(ROWS, 4)))
BEYOND = draws(lambda: (RNG.randint(-1, 5, (ROWS, 4)).astype("int32"), labels(ROWS, 4)))
VALUES = [(floats(ROWS),), (floats(ROWS),)]
VALUES_DEEP = [(floats(ROWS, 4),), (floats(ROWS, 4),)]

BY_SAMPLE = RNG.uniform(0.1, 2.0, (ROWS,)).astype("float32")
BY_COLUMN = BY_SAMPLE[:, None]
WHOLE = RNG.randint(0, 4, (ROWS,)).astype("int32")


class M:
    """A case: a metric, its arguments, two batches, and the sample weights to try besides none."""

    def __init__(self, name, batches, weights=(BY_SAMPLE,), rtol=1e-5, **kwargs):
        self.name, self.batches, self.kwargs, self.rtol = name, batches, kwargs, rtol
        self.weights = (None, *weights)

    def __str__(self):
        options = ",".join(f"{k}={v}" for k, v in self.kwargs.items())
        return f"{self.name}({options})-{'x'.join(map(str, self.batches[0][0].shape))}"

    def metric(self, library):
        return getattr(library.metrics, self.name)(name="m", **self.kwargs)


def by_value(batches):
    return RNG.uniform(0.1, 2.0, batches[0][0].shape).astype("float32")


MEANS = [
    M("Mean", VALUES, (BY_SAMPLE, np.float32(3.0), WHOLE)),
    M("Mean", VALUES_DEEP, (BY_SAMPLE, BY_COLUMN, by_value(VALUES_DEEP))),
    M("Mean", [(np.float32(2.0),), (np.float32(5.0),)], (np.int32(4),)),
    M("Sum", VALUES),
    M("Sum", VALUES_DEEP, (BY_SAMPLE, by_value(VALUES_DEEP))),
]
ACCURACIES = [
    M("Accuracy", SAME_KIND),
    M("Accuracy", SAME_KIND_DEEP, (BY_SAMPLE, by_value(SAME_KIND_DEEP))),
    M("BinaryAccuracy", YES_NO),
    M("BinaryAccuracy", YES_NO_TALL, (BY_SAMPLE, BY_COLUMN)),
    M("BinaryAccuracy", YES_NO_INTS, threshold=0.3),
    M("CategoricalAccuracy", ONE_HOT, (BY_SAMPLE, BY_COLUMN)),
    M("CategoricalAccuracy", ONE_HOT_DEEP, (BY_SAMPLE, by_value(SAME_KIND_DEEP))),
    M("CategoricalAccuracy", [(t[:, None], p) for t, p in ONE_HOT]),
    M("SparseCategoricalAccuracy", SPARSE, (BY_SAMPLE, BY_COLUMN)),
    M("SparseCategoricalAccuracy", SPARSE_TALL, (BY_SAMPLE, BY_COLUMN)),
    M("SparseCategoricalAccuracy", SPARSE_FLOATS),
    M("SparseCategoricalAccuracy", SPARSE_DEEP, (BY_SAMPLE, by_value(SAME_KIND_DEEP))),
    M("TopKCategoricalAccuracy", ONE_HOT, k=2),
    M("TopKCategoricalAccuracy", ONE_HOT_DEEP, k=1),
    M("SparseTopKCategoricalAccuracy", SPARSE, k=2),
    M("SparseTopKCategoricalAccuracy", SPARSE_DEEP, k=2),
    M("SparseTopKCategoricalAccuracy", SORTED_IDS, k=2, from_sorted_ids=True),
]
REGRESSIONS = [
    M("MeanSquaredError", REAL, (BY_SAMPLE, BY_COLUMN)),
    M("MeanSquaredError", DEEP, (BY_SAMPLE, by_value(SAME_KIND_DEEP))),
    M("MeanSquaredError", TALL),
    M("RootMeanSquaredError", REAL, (BY_SAMPLE, by_value(REAL))),
    M("RootMeanSquaredError", TALL),
    M("MeanAbsoluteError", REAL),
    M("MeanAbsolutePercentageError", REAL),
    M("MeanSquaredLogarithmicError", POSITIVE),
    M("CosineSimilarity", REAL),
    M("CosineSimilarity", DEEP, axis=1),
    M("LogCoshError", REAL),
    M("R2Score", REAL, (BY_SAMPLE, BY_COLUMN, by_value(REAL))),
    M("R2Score", [(t[:, :1], p[:, :1]) for t, p in REAL], num_regressors=2),
    M("R2Score", REAL, class_aggregation=None),
    M("R2Score", REAL, class_aggregation="variance_weighted_average"),
    M("PearsonCorrelation", REAL),
    M("PearsonCorrelation", DEEP, axis=1),
    M("ConcordanceCorrelation", REAL),
    M("ConcordanceCorrelation", DEEP, axis=(1, 2)),
]
PROBABILITIES = [
    M("Hinge", SIGNS),
    M("SquaredHinge", SIGNS),
    M("CategoricalHinge", ONE_HOT_LOGITS),
    M("KLDivergence", ONE_HOT),
    M("Poisson", COUNTS),
    M("BinaryCrossentropy", YES_NO),
    M("BinaryCrossentropy", YES_NO_LOGITS, from_logits=True, label_smoothing=0.1),
    M("CategoricalCrossentropy", ONE_HOT),
    M("CategoricalCrossentropy", ONE_HOT_LOGITS, from_logits=True, label_smoothing=0.1),
    M("CategoricalCrossentropy", ONE_HOT_DEEP, (by_value(SAME_KIND_DEEP),)),
    M("SparseCategoricalCrossentropy", SPARSE),
    M("SparseCategoricalCrossentropy", SPARSE_DEEP, from_logits=True),
    M("SparseCategoricalCrossentropy", SPARSE, ignore_class=1),
]
CONFUSIONS = [
    M("TruePositives", YES_NO, (BY_SAMPLE, BY_COLUMN, by_value(YES_NO))),
    M("TruePositives", YES_NO_TALL),
    M("TruePositives", YES_NO_FLAT, thresholds=0.3),
    M("FalsePositives", YES_NO, thresholds=[0.2, 0.6]),
    M("TrueNegatives", YES_NO_INTS, thresholds=[0.8, 0.1]),
    M("FalseNegatives", ON_GRID, thresholds=[0.0, 0.5, 1.0]),
    M("TruePositives", YES_NO, thresholds=[0.0, 0.5, 1.0]),
    M("Precision", YES_NO),
    M("Precision", YES_NO_DEEP, (by_value(YES_NO_DEEP),)),
    M("Precision", YES_NO, top_k=2),
    M("Precision", YES_NO, class_id=1, thresholds=0.4),
    M("Precision", YES_NO, thresholds=[0.1, 0.5, 0.7], top_k=1),
    M("Recall", YES_NO_FLAT),
    M("Recall", ON_GRID, thresholds=0.5),
    M("Recall", YES_NO, top_k=1, class_id=2),
    M("Recall", YES_NO, thresholds=[0.25, 0.75]),
    M("SensitivityAtSpecificity", YES_NO, specificity=0.6),
    M("SensitivityAtSpecificity", YES_NO_FLAT, specificity=1.0, num_thresholds=1),
    M("SpecificityAtSensitivity", YES_NO, sensitivity=0.6, num_thresholds=20),
    M("SpecificityAtSensitivity", YES_NO, sensitivity=0.6, num_thresholds=2),
    M("PrecisionAtRecall", YES_NO, recall=0.5, class_id=1),
    M("RecallAtPrecision", YES_NO, precision=0.6),
    M("RecallAtPrecision", YES_NO, precision=1.0, num_thresholds=5),
]
AREAS = [
    M("AUC", YES_NO_FLAT),
    M("AUC", YES_NO, (BY_SAMPLE, by_value(YES_NO))),
    M("AUC", ON_GRID, num_thresholds=5),
    M("AUC", YES_NO, curve="PR"),
    M("AUC", YES_NO, curve="PRGAIN", num_thresholds=10),
    M("AUC", YES_NO, curve="PR", summation_method="minoring", num_thresholds=10),
    M("AUC", YES_NO, summation_method="majoring", num_thresholds=10),
    M("AUC", YES_NO, thresholds=[0.3, 0.1, 0.9]),
    M("AUC", ON_GRID, thresholds=[0.25, 0.5, 0.75]),
    M("AUC", YES_NO, multi_label=True, num_thresholds=20),
    M("AUC", YES_NO, multi_label=True, num_labels=CLASSES, curve="PR"),
    M("AUC", YES_NO, multi_label=True, label_weights=[0.2, 1.0, 3.0], num_thresholds=20),
    M("AUC", YES_NO, multi_label=True, label_weights=[0.2, 1.0, 3.0], curve="PR", thresholds=[0.1, 0.4]),
    M("AUC", YES_NO, label_weights=[0.2, 1.0, 3.0], num_thresholds=20),
    M("AUC", YES_NO, label_weights=[0.2, 1.0, 3.0], thresholds=[0.2, 0.7]),
    M("AUC", YES_NO_LOGITS, from_logits=True),
    M("FBetaScore", YES_NO),
    M("FBetaScore", YES_NO, beta=2.0, threshold=0.4, average="weighted"),
    M("F1Score", YES_NO, average="micro", threshold=0.5),
    M("F1Score", ONE_HOT, average="macro"),
]
OVERLAPS = [
    M("IoU", SAME_KIND, (WHOLE,), num_classes=CLASSES, target_class_ids=[0, 2]),
    M(
        "IoU",
        ONE_HOT,
        num_classes=CLASSES,
        target_class_ids=(1,),
        sparse_y_true=False,
        sparse_y_pred=False,
        dtype="float32",
    ),
    M("BinaryIoU", YES_NO_FLAT, (WHOLE,)),
    M("BinaryIoU", YES_NO, (), target_class_ids=[1], threshold=0.3),
    M("MeanIoU", SAME_KIND_DEEP, (), num_classes=CLASSES),
    M("MeanIoU", SAME_KIND, (WHOLE,), num_classes=5, ignore_class=0),
    M("MeanIoU", BEYOND, (), num_classes=CLASSES, ignore_class=-1),
    M("OneHotIoU", ONE_HOT_DEEP, (), num_classes=CLASSES, target_class_ids=[0, 1]),
    M("OneHotMeanIoU", ONE_HOT, (WHOLE,), num_classes=CLASSES),
]
CASES = MEANS + ACCURACIES + REGRESSIONS + PROBABILITIES + CONFUSIONS + AREAS + OVERLAPS
