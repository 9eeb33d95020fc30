"""From one value a sample (or a pixel, or a word) to the number that is minimised: weights, masks, reductions.

Losses and metrics share it.
"""

from __future__ import annotations

import math

from kerasish import ops
from kerasish.backend import standardize_dtype
from kerasish.backend.sizes import unlike, unlike_shapes
from kerasish.distribution import shares
from kerasish.suggestions import did_you_mean
from kerasish.typing import AnyTensor, DTypeLike, LossReduction, ShapeLike, TensorLike

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)
_AVERAGES = ("sum_over_batch_size", "mean")


def standardize_reduction(reduction: LossReduction) -> LossReduction:
    """`reduction` itself, where it is a known one.

    Args:
        reduction: one of `REDUCTIONS`.

    Returns:
        The same.

    Raises:
        ValueError: where it is none of the known ones, with the nearest.
    """
    if any(reduction is known or (isinstance(reduction, str) and reduction == known) for known in REDUCTIONS):
        return reduction
    hint = did_you_mean(reduction, REDUCTIONS)
    raise ValueError(f"`reduction` must be one of {', '.join(map(repr, REDUCTIONS))}, got {reduction!r}.{hint}")


def squeeze_or_expand_to_same_rank(
    x1: TensorLike, x2: TensorLike, expand_rank_1: bool = True
) -> tuple[AnyTensor, AnyTensor]:
    """The pair with equal ranks, where the ranks differ by one and the longer shape ends in 1.

    Args:
        x1: tensor.
        x2: tensor.
        expand_rank_1: whether a vector is made a column, rather than the column a vector.

    Returns:
        (x1, x2); unchanged where they don't fit.
    """
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if rank1 == rank2 + 1:
        x2, x1 = _meet(x2, x1, expand_rank_1)
    elif rank2 == rank1 + 1:
        x1, x2 = _meet(x1, x2, expand_rank_1)
    return x1, x2


def _meet(lower, higher, expand_rank_1):
    if higher.shape[-1] != 1:
        return lower, higher
    if len(lower.shape) == 1 and expand_rank_1:
        return ops.expand_dims(lower, axis=-1), higher
    return lower, ops.squeeze(higher, axis=-1)


def broadcasts(shape1: ShapeLike, shape2: ShapeLike) -> bool:
    """Whether two shapes broadcast; an unknown size (None) may be any."""
    pairs = zip(reversed(tuple(shape1)), reversed(tuple(shape2)))
    return not any(unlike(a, b) and unlike(a, 1) and unlike(b, 1) for a, b in pairs)


def equal_shapes(shape1: ShapeLike, shape2: ShapeLike) -> bool:
    """Whether two shapes are the same; an unknown size (None) may be any."""
    return not unlike_shapes(shape1, shape2)


def reduce_values(
    values: TensorLike, sample_weight: TensorLike | None = None, reduction: LossReduction = "sum_over_batch_size"
) -> AnyTensor:
    """`values` (already weighted) to one number, or as they are.

    Args:
        values: float tensor.
        sample_weight: the weights that went into `values`; what "mean_with_sample_weight" divides by.
        reduction: "sum"; "sum_over_batch_size" or "mean" (sum / number of values); "mean_with_sample_weight" (sum / sum
            of the weights); "none" or None.
    """
    if reduction in (None, "none") or tuple(values.shape) in ((), (0,)):
        return values
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        total = ops.cast(ops.sum(sample_weight), standardize_dtype(values.dtype))
        return ops.divide_no_nan(ops.sum(values), shares.averaged(total))
    if reduction == "sum" or 0 in values.shape:
        return shares.part_of_sum(ops.sum(values))
    return shares.part_of_mean(ops.mean(values), values.shape[0])


def apply_mask(
    sample_weight: TensorLike | None, mask: TensorLike | None, dtype: DTypeLike, reduction: LossReduction
) -> AnyTensor | None:
    """Weights in which masked entries count nothing.

    For the averages, valid entries weigh total / valid: their sum divided by the number of all entries is then the mean
    of
    the valid ones.

    Args:
        sample_weight: tensor of weights, or None.
        mask: bool tensor, False where an entry counts nothing, or None.
        dtype: string, dtype of the weights.
        reduction: see `reduce_values`.

    Returns:
        Tensor of weights, or None where there are neither weights nor mask.
    """
    if mask is None:
        return sample_weight
    weight = ops.cast(mask, dtype)
    if reduction in _AVERAGES:
        total = ops.sum(ops.ones_like(weight)) if None in mask.shape else math.prod(mask.shape)
        total = ops.cast(shares.count_of_all(total, mask.shape[0]), dtype)
        weight = ops.multiply(weight, ops.divide_no_nan(total, shares.summed(ops.sum(weight))))
    if sample_weight is None:
        return weight
    weight, sample_weight = squeeze_or_expand_to_same_rank(weight, ops.cast(sample_weight, dtype))
    weight, sample_weight = weights_of_samples(sample_weight, weight), weights_of_samples(weight, sample_weight)
    _check_weights(weight, sample_weight, "the mask")
    return ops.multiply(sample_weight, weight)


def weights_of_samples(values: TensorLike, weights: TensorLike) -> AnyTensor:
    """`weights` with axes of size 1 behind its own, where it has fewer than `values` and weighs their first axes.

    So weights of shape (batch,) weigh samples, however many axes a sample's loss has, and never time steps that happen
    to be as many. Weights that don't fit the first axes stay as they are, for broadcasting to the last ones.
    """
    shape, wanted = tuple(weights.shape), tuple(values.shape)
    spare = len(wanted) - len(shape)
    if not shape or spare <= 0 or not broadcasts(shape, wanted[: len(shape)]):
        return weights
    return ops.expand_dims(weights, axis=tuple(range(len(shape), len(wanted))))


def _mask_of_values(mask, values):
    """A mask with more axes than `values` averaged over the spare ones: the share of an entry that counts."""
    spare = len(mask.shape) - len(values.shape)
    if spare <= 0 or (spare == 1 and mask.shape[-1] == 1):
        return mask
    return ops.mean(ops.cast(mask, values.dtype), axis=tuple(range(len(values.shape), len(mask.shape))))


def _check_weights(values, weights, what):
    if not broadcasts(values.shape, weights.shape):
        raise ValueError(
            f"`sample_weight` of shape {tuple(weights.shape)} does not broadcast against {what} of shape "
            f"{tuple(values.shape)}: pass a weight a value, or one a sample and size 1 for the further axes."
        )


def reduce_weighted_values(
    values: TensorLike,
    sample_weight: TensorLike | None = None,
    mask: TensorLike | None = None,
    reduction: LossReduction = "sum_over_batch_size",
    dtype: DTypeLike | None = None,
) -> AnyTensor:
    """Weigh `values`, leave masked ones out, reduce.

    Args:
        values: float tensor, a loss a sample (or a finer grain).
        sample_weight: optional tensor that weighs the first axes of `values`, or broadcasts against it.
        mask: optional bool tensor, False where an entry counts nothing.
        reduction: as in `reduce_values`.
        dtype: dtype of the computation; None leaves that of each operand.

    Returns:
        A scalar, or a tensor like `values` for "none" and None.

    Raises:
        ValueError: for an unknown reduction, or weights whose shape doesn't fit.
    """
    reduction = standardize_reduction(reduction)
    values = ops.convert_to_tensor(values, dtype=dtype)
    dtype = standardize_dtype(values.dtype)
    if sample_weight is not None:
        sample_weight = ops.convert_to_tensor(sample_weight, dtype=dtype)
    mask = None if mask is None else _mask_of_values(mask, values)
    weight = apply_mask(sample_weight, mask, dtype, reduction)
    if weight is not None:
        values, weight = squeeze_or_expand_to_same_rank(values, weight)
        weight = weights_of_samples(values, weight)
        _check_weights(values, weight, "loss values")
        values = ops.multiply(values, weight)
    return reduce_values(values, weight, reduction)
