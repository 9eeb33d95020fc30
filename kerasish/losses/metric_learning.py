"""The circle loss, for embeddings in which samples of one class lie together."""

from __future__ import annotations

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.loss import BuiltInLoss, Loss
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, LossReduction, TensorLike


@suggesting
def circle(
    y_true: TensorLike,
    y_pred: TensorLike,
    ref_labels: TensorLike | None = None,
    ref_embeddings: TensorLike | None = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> AnyTensor:
    """softplus(logsumexp over positives + logsumexp over negatives) of weighted distances.

    Args:
        y_true: int labels, shape (batch,) or (batch, 1).
        y_pred: embeddings of length 1, shape (batch, d).
        ref_labels: labels of the reference set; `y_true` when None.
        ref_embeddings: embeddings of the reference set, shape (references, d); `y_pred` when None.
        remove_diagonal: whether a sample is no reference for itself.
        gamma: float, scale of the similarities.
        margin: float, the relaxation.

    Returns:
        Tensor of shape (batch,); samples without loss are masked.

    Example:
        >>> import kerasish as keras
        >>> embeddings = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
        >>> keras.losses.circle([0, 0, 1], embeddings, gamma=2.0).tolist()[2]
        0.0

    Reference:
        Sun et al. 2020, "Circle loss: a unified perspective of pair similarity optimization", arXiv:2002.10857.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    dtype = backend.standardize_dtype(y_pred.dtype)
    y_true = ops.cast(y_true, "int32")
    references = y_pred if ref_embeddings is None else ops.convert_to_tensor(ref_embeddings, dtype=dtype)
    ref_labels = y_true if ref_labels is None else ops.cast(ref_labels, "int32")
    positive, negative = _pairs(y_true, ref_labels, remove_diagonal)

    distance = ops.maximum(ops.subtract(1.0, ops.matmul(y_pred, ops.transpose(references))), 0.0)
    pull = ops.multiply(ops.multiply(ops.add(distance, margin), ops.subtract(distance, margin)), gamma)
    reach = ops.maximum(ops.subtract(1.0 + margin, distance), 0.0)
    push = ops.multiply(ops.multiply(reach, ops.subtract(1.0 - margin, distance)), gamma)

    # Low enough to vanish in the sums, finite so that a row without partners has a gradient (of 0) rather than NaN.
    nothing = -2.0e4 if dtype == "float16" else -1.0e30
    pull = ops.logsumexp(ops.where(positive, pull, nothing), axis=1)
    push = ops.logsumexp(ops.where(negative, push, nothing), axis=1)
    loss = ops.softplus(ops.add(pull, push))
    backend.set_keras_mask(loss, ops.greater(loss, 0.0))
    return loss


def _pairs(labels, ref_labels, remove_diagonal):
    """Which references have a sample's label and which another, two bool tensors of shape (batch, references)."""
    same = ops.equal(ops.reshape(labels, (-1, 1)), ops.reshape(ref_labels, (1, -1)))
    other = ops.logical_not(same)
    if remove_diagonal:
        itself = ops.equal(ops.reshape(_places(labels), (-1, 1)), ops.reshape(_places(ref_labels), (1, -1)))
        same = ops.logical_and(same, ops.logical_not(itself))
    return same, other


def _places(labels):
    """1, 2, 3, ...: counted rather than taken from the shape, which may be open."""
    return ops.cumsum(ops.ones_like(ops.reshape(labels, (-1,))))


@shares_arguments(Loss)
class Circle(BuiltInLoss):
    """Pulls embeddings of one class together and pushes those of others apart, each pair at its own pace.

    Args:
        gamma: float, scale of the similarities.
        margin: float, the relaxation.
        remove_diagonal: whether a sample is no reference for itself.

    Example:
        >>> import kerasish as keras
        >>> loss = keras.losses.Circle(gamma=2.0)
        >>> near = loss([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> far = loss([0, 1, 0], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> bool(near < far)
        True

    Reference:
        Sun et al. 2020, "Circle loss: a unified perspective of pair similarity optimization", arXiv:2002.10857.
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "circle",
        dtype: DTypeLike | None = None,
    ) -> None:
        options = dict(gamma=gamma, margin=margin, remove_diagonal=remove_diagonal)
        super().__init__(circle, reduction=reduction, name=name, dtype=dtype, **options)
