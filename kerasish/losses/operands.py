"""What every loss function does with its two arguments before the formula."""

from __future__ import annotations

from kerasish import ops
from kerasish.backend import standardize_dtype
from kerasish.backend.dtypes import COMPLEX
from kerasish.losses.reduction import broadcasts, equal_shapes, squeeze_or_expand_to_same_rank
from kerasish.typing import AnyTensor, TensorLike


def refuse_complex(*values: TensorLike) -> None:
    """Raise a TypeError for complex numbers among `values`: a loss is a distance between real ones."""
    for value in values:
        dtype = getattr(value, "dtype", None)
        if getattr(dtype, "name", dtype) in COMPLEX:
            raise TypeError(
                f"Losses take real numbers, got {dtype}. Take `ops.view_as_real`, `ops.abs` or "
                "`ops.angle` of them first."
            )


def as_operands(
    y_true: TensorLike, y_pred: TensorLike, match_rank: bool = False, same_shape: bool = False
) -> tuple[AnyTensor, AnyTensor]:
    """(`y_true`, `y_pred`) as tensors of the dtype of `y_pred`.

    Args:
        y_true: targets.
        y_pred: predictions.
        match_rank: whether a column meets a vector, as in (batch,) against (batch, 1).
        same_shape: whether the shapes must be equal; else they must broadcast.

    Returns:
        The two tensors.

    Raises:
        ValueError: for shapes that don't fit.
    """
    refuse_complex(y_true, y_pred)
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=standardize_dtype(y_pred.dtype))
    if match_rank:
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    equal = equal_shapes(y_true.shape, y_pred.shape)
    if not equal and (same_shape or not broadcasts(y_true.shape, y_pred.shape)):
        raise ValueError(
            f"`y_true` and `y_pred` must have the same shape, got {tuple(y_true.shape)} and {tuple(y_pred.shape)}. "
            "Compare the targets with the shape of the model's output."
        )
    return y_true, y_pred
