"""True and false positives and negatives at one or many thresholds: the state that half of the metrics share.

A value is predicted positive where it is above the threshold. For evenly spread thresholds (AUC has 200) each value is
put into the bucket between its two thresholds, and sums over buckets give the counts at all thresholds: the work grows
with the values, not with values times thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kerasish import backend, ops
from kerasish.backend import Variable, context
from kerasish.losses.reduction import broadcasts, equal_shapes, squeeze_or_expand_to_same_rank
from kerasish.typing import AnyTensor, TensorLike

TRUE_POSITIVES, FALSE_POSITIVES = "true_positives", "false_positives"
TRUE_NEGATIVES, FALSE_NEGATIVES = "true_negatives", "false_negatives"
OUTCOMES = (TRUE_POSITIVES, FALSE_POSITIVES, TRUE_NEGATIVES, FALSE_NEGATIVES)
# The threshold that goes with `top_k`: what is not among the best k is moved to it, and so is not above it.
LOWEST = -1e10


def parse_thresholds(thresholds: float | Sequence[float] | None, default: float) -> list[float]:
    """`thresholds` as a list of floats.

    Args:
        thresholds: None, a number or several.
        default: float to take for None.

    Returns:
        List of floats.

    Raises:
        ValueError: for none at all, or one outside of [0, 1].
    """
    if thresholds is None:
        return [default]
    several = list(thresholds) if hasattr(thresholds, "__len__") else [thresholds]
    if not several:
        raise ValueError("`thresholds` must hold at least one value, got none.")
    wrong = [t for t in several if isinstance(t, (str, type(None))) or not 0.0 <= float(t) <= 1.0]
    if wrong:
        raise ValueError(f"`thresholds` must be in [0, 1], got {wrong}.")
    return [float(t) for t in several]


def check_fraction(name: str, value: float) -> float:
    """Refuse a number outside of [0, 1]."""
    if isinstance(value, (str, type(None))) or not 0.0 <= value <= 1.0:
        raise ValueError(f"`{name}` must be in [0, 1], got {value!r}.")
    return value


def check_count(name: str, value: int, least: int) -> int:
    """Refuse what is not an int of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"`{name}` must be an int, {least} or larger; got {value!r}.")
    context.claim(value, f"`{name}`")
    return value


def are_even(thresholds: Sequence[float]) -> bool:
    """Whether there are three or more, spread evenly from 0 to 1."""
    steps = len(thresholds) - 1
    if steps < 2:
        return False
    even = [i / steps for i in range(steps + 1)]
    return all(abs(t - e) <= backend.epsilon() + 1e-5 * e for t, e in zip(thresholds, even))


def update_confusion(
    variables: Mapping[str, Variable],
    y_true: TensorLike,
    y_pred: TensorLike,
    thresholds: Sequence[float],
    evenly: bool = False,
    top_k: int | None = None,
    class_id: int | None = None,
    sample_weight: TensorLike | None = None,
    multi_label: bool = False,
    label_weights: Sequence[float] | None = None,
) -> None:
    """Add a batch to counts.

    Args:
        variables: dict from an outcome (one of `OUTCOMES`) to the Variable that counts it, of shape (thresholds,), or
            (thresholds, labels) where `multi_label`.
        y_true: targets, 0 or not, shape (batch, ...).
        y_pred: predictions, same shape.
        thresholds: list of floats, rising where `evenly`.
        evenly: whether they are spread evenly over [0, 1]; the ends may be an epsilon outside.
        top_k: None, or how many of the largest predictions of a sample count.
        class_id: None, or the only entry of the last axis that counts.
        sample_weight: None, or weights that broadcast against `y_true`, (batch,) or (batch, ...).
        multi_label: whether to count each entry of the last axis on its own.
        label_weights: None, or weights (labels,) of the last axis.

    Raises:
        ValueError: for shapes that don't fit; nothing is changed then.
    """
    dtype = next(iter(variables.values())).dtype
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred, dtype=dtype)
    y_pred, y_true = squeeze_or_expand_to_same_rank(y_pred, y_true)
    if not equal_shapes(y_true.shape, y_pred.shape):
        raise ValueError(
            f"`y_true` and `y_pred` must have the same shape, got {tuple(y_true.shape)} and {tuple(y_pred.shape)}. "
            "Targets that are class indices must be made one-hot for this metric."
        )
    weight = _weights(sample_weight, y_true, dtype)
    if top_k is not None:
        y_pred = _only_top(y_pred, top_k)
    if class_id is not None:
        y_true, y_pred = _only_class(y_true, class_id), _only_class(y_pred, class_id)
    weight = _combined_weights(weight, label_weights, y_pred, dtype)
    is_true = ops.cast(y_true, "bool")
    if not multi_label:
        is_true, y_pred = ops.reshape(is_true, (-1,)), ops.reshape(y_pred, (-1,))
        weight = None if weight is None else ops.reshape(weight, (-1,))
    count = _count_in_buckets if evenly else _count_by_comparison
    counts = count(list(variables), is_true, y_pred, weight, thresholds, dtype)
    for outcome, variable in variables.items():
        variable.assign_add(counts[outcome])


def _weights(sample_weight, y_true, dtype):
    """Weights of the rank of `y_true`, or None."""
    if sample_weight is None:
        return None
    given = ops.convert_to_tensor(sample_weight, dtype=dtype)
    weight = ops.expand_dims(given, axis=-1)
    _, weight = squeeze_or_expand_to_same_rank(y_true, weight, expand_rank_1=False)
    if len(weight.shape) > len(y_true.shape) or not broadcasts(weight.shape, y_true.shape):
        raise ValueError(
            f"`sample_weight` of shape {tuple(given.shape)} does not fit targets of shape {tuple(y_true.shape)}: pass "
            "a weight a sample, or one a value."
        )
    return weight


def _only_top(y_pred, k):
    """`y_pred` with all but the `k` largest of the last axis moved to `LOWEST`."""
    if len(y_pred.shape) < 2 or (y_pred.shape[-1] is not None and k > y_pred.shape[-1]):
        raise ValueError(
            f"`top_k` is {k}: `y_pred` must have shape (batch, classes) with so many classes, got "
            f"{tuple(y_pred.shape)}."
        )
    _, best = ops.top_k(y_pred, k)
    entries = ops.arange(y_pred.shape[-1], dtype="int32")
    chosen = ops.any(ops.equal(ops.expand_dims(best, axis=-1), entries), axis=-2)
    return ops.where(chosen, y_pred, LOWEST)


def _only_class(x, class_id):
    if len(x.shape) < 2:
        raise ValueError(f"`class_id` needs targets and predictions of shape (batch, classes), got {tuple(x.shape)}.")
    if x.shape[-1] is not None and class_id >= x.shape[-1]:
        raise ValueError(
            f"`class_id` is {class_id}, but there are {x.shape[-1]} classes: `y_pred` has shape {tuple(x.shape)}."
        )
    return x[..., class_id : class_id + 1]


def _combined_weights(weight, label_weights, y_pred, dtype):
    """Weights of the shape of `y_pred`, or None where all weigh the same."""
    if label_weights is not None:
        label_weights = ops.convert_to_tensor(label_weights, dtype=dtype)
        if not broadcasts(label_weights.shape, y_pred.shape):
            raise ValueError(
                f"`label_weights` has {label_weights.shape[0]} entries, which don't fit the last axis of `y_pred` of "
                f"shape {tuple(y_pred.shape)}."
            )
        weight = label_weights if weight is None else ops.multiply(weight, label_weights)
    return None if weight is None else ops.broadcast_to(weight, ops.shape(y_pred))


def _count_by_comparison(outcomes, is_true, y_pred, weight, thresholds, dtype):
    """Counts from comparing every value with every threshold.

    Returns:
        Dict from outcome to (thresholds,) or (thresholds, labels).
    """
    limits = ops.reshape(ops.convert_to_tensor(thresholds, dtype=dtype), (len(thresholds),) + (1,) * len(y_pred.shape))
    is_positive = ops.greater(ops.expand_dims(y_pred, axis=0), limits)
    is_true = ops.expand_dims(is_true, axis=0)
    sides = {
        TRUE_POSITIVES: (True, True),
        FALSE_POSITIVES: (False, True),
        TRUE_NEGATIVES: (False, False),
        FALSE_NEGATIVES: (True, False),
    }
    counts = {}
    for outcome in outcomes:
        true, positive = sides[outcome]
        met = ops.logical_and(
            is_true if true else ops.logical_not(is_true), is_positive if positive else ops.logical_not(is_positive)
        )
        met = ops.cast(met, dtype) if weight is None else ops.where(met, weight, 0.0)
        counts[outcome] = ops.sum(met, axis=1)
    return counts


def _count_in_buckets(outcomes, is_true, y_pred, weight, thresholds, dtype):
    """Counts at evenly spread thresholds: dict from outcome to (thresholds,) or (thresholds, labels).

    Row 0 of the table is above the last threshold but one, row `steps` above the first one only, and the row after it
    above none (a prediction of 0, or nan): running sums down the rows are the counts at falling thresholds.
    """
    size, steps = len(thresholds), len(thresholds) - 1
    labels = y_pred.shape[1] if len(y_pred.shape) > 1 else 1
    zero_is_above = thresholds[0] < 0.0
    y_pred = ops.minimum(ops.where(ops.greater(y_pred, 0.0), y_pred, 0.0), 1.0)
    above = ops.ceil(ops.multiply(y_pred, float(steps)))  # how many thresholds are below the value
    if zero_is_above:
        above = ops.maximum(above, 1.0)
    row = ops.subtract(size, ops.cast(above, "int32"))
    cell = ops.add(ops.multiply(row, 2 * labels), ops.cast(is_true, "int32"))
    if labels > 1:
        cell = ops.add(cell, ops.multiply(ops.arange(labels, dtype="int32"), 2))
    weight = ops.ones_like(y_pred) if weight is None else weight
    table = sum_by_index(ops.reshape(weight, (-1,)), ops.reshape(cell, (-1,)), (size + 1) * labels * 2)
    shape = (size + 1, labels, 2) if len(is_true.shape) > 1 else (size + 1, 2)
    table = ops.cumsum(ops.reshape(table, shape), axis=0)
    positives, totals = ops.flip(table[:size], axis=0), table[size]
    counts = {}
    for side, (found, missed) in enumerate(((FALSE_POSITIVES, TRUE_NEGATIVES), (TRUE_POSITIVES, FALSE_NEGATIVES))):
        if found in outcomes or missed in outcomes:
            counts[found] = positives[..., side]
        if missed in outcomes:
            counts[missed] = ops.subtract(totals[..., side], counts[found])
    return counts


def sum_by_index(values: TensorLike, index: TensorLike, size: int) -> AnyTensor:
    """The sums of the `values` with the same index, a vector of `size`.

    Args:
        values: vector.
        index: ints of the same shape, all in [0, size).
        size: int, how many sums.

    Returns:
        Vector of shape (size,).
    """
    return ops.scatter(ops.expand_dims(index, axis=-1), values, (size,))
