"""Connectionist temporal classification as a loss of models."""

from __future__ import annotations

from kerasish import ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.loss import BuiltInLoss, Loss
from kerasish.typing import AnyTensor, DTypeLike, LossReduction, TensorLike


def ctc(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """The connectionist temporal classification loss: -log of the probability of each sample's label.

    All steps count, and of a label as many classes as it has numbers that are not 0, the blank.

    Args:
        y_true: int labels, shape (batch, longest label), 0 behind their end.
        y_pred: logits, shape (batch, steps, classes).

    Returns:
        Tensor of shape (batch,).

    Raises:
        ValueError: for other ranks.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.ctc([[1]], [[[0.0, 0.0], [0.0, 0.0]]])[0]), 4)
        0.2877

    Reference:
        Graves et al. 2006, "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent
        Neural Networks".
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) != 2:
        raise ValueError(f"`y_true` must have shape (batch, longest label), got {tuple(y_true.shape)}.")
    if len(y_pred.shape) != 3:
        raise ValueError(f"`y_pred` must have shape (batch, steps, classes), got {tuple(y_pred.shape)}.")
    lengths = ops.sum(ops.cast(ops.not_equal(y_true, 0), "int32"), axis=1)
    steps = ops.full((y_pred.shape[0],), y_pred.shape[1], dtype="int32")
    return ops.ctc_loss(y_true, y_pred, lengths, steps, mask_index=0)


@shares_arguments(Loss)
class CTC(BuiltInLoss):
    """-log of the probability of labels whose alignment with the sequence is not known; 0 is the blank.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.CTC()([[1]], [[[0.0, 0.0], [0.0, 0.0]]])), 4)
        0.2877
    """

    def __init__(
        self, reduction: LossReduction = "sum_over_batch_size", name: str = "ctc", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(ctc, reduction=reduction, name=name, dtype=dtype)
