"""Connectionist temporal classification."""

from __future__ import annotations

from kerasish import ops
from kerasish.backend.settings import epsilon
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike

_NEVER = -1e30  # the logarithm of the probability 0, with which sums stay numbers


def ctc_batch_cost(
    y_true: TensorLike, y_pred: TensorLike, input_length: TensorLike, label_length: TensorLike
) -> AnyTensor:
    """The connectionist temporal classification loss of each sample: -log of the probability of its label.

    Args:
        y_true: int tensor (samples, longest label): class numbers.
        y_pred: tensor (samples, steps, classes) of probabilities; the last class is the blank.
        input_length: int tensor (samples, 1), how many steps of each sample count.
        label_length: int tensor (samples, 1), how many classes of each label count.

    Returns:
        Float tensor (samples, 1).

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> y_pred, one = keras.ops.array([[[0.25, 0.75]]]), keras.ops.array([[1]])
        >>> round(float(K.ctc_batch_cost([[0]], y_pred, one, one)[0, 0]), 3)
        1.386
    """
    lengths = [ops.cast(ops.reshape(length, (-1,)), "int32") for length in (input_length, label_length)]
    return _ctc(ops.cast(y_true, "int32"), y_pred, *lengths)


@operation
def _ctc(labels, y_pred, steps, label_lengths):
    """Equations 6 to 8 of Graves et al., "Connectionist temporal classification", 2006, in logarithms."""
    y_pred = ops.convert_to_tensor(y_pred)
    samples, length, classes = y_pred.shape
    places = 2 * labels.shape[1] + 1  # the label with a blank before, between and after its classes
    blank = ops.full((samples, labels.shape[1]), classes - 1, dtype="int32")
    path = ops.concatenate([ops.reshape(ops.stack([blank, labels], axis=2), (samples, places - 1)), blank[:, :1]], 1)
    skips = ops.concatenate(  # a class may follow on another one without the blank between them
        [
            ops.zeros((samples, 2), dtype="bool"),
            ops.logical_and(path[:, 2:] != classes - 1, path[:, 2:] != path[:, :-2]),
        ],
        axis=1,
    )
    scores = ops.take_along_axis(
        ops.log_softmax(ops.log(ops.add(y_pred, epsilon()))),
        ops.broadcast_to(path[:, None], (samples, length, places)),
        2,
    )
    scores = ops.moveaxis(scores, 1, 0)
    begins = ops.broadcast_to(ops.arange(places) < 2, (samples, places))

    def step(alpha, now):
        score, t = now
        one, two = (ops.pad(alpha[:, :-k], ((0, 0), (k, 0)), constant_values=_NEVER) for k in (1, 2))
        before = ops.logaddexp(ops.logaddexp(alpha, one), ops.where(skips, two, _NEVER))
        new = ops.maximum(ops.add(before, score), _NEVER)
        return ops.where(ops.expand_dims(t < steps, 1), new, alpha), None

    alpha = ops.where(begins, scores[0], _NEVER)
    alpha, _ = ops.scan(step, alpha, (scores[1:], ops.arange(1, length, dtype="int32")))
    end = ops.expand_dims(2 * label_lengths, 1)
    last = ops.take_along_axis(alpha, end, 1)
    last_class = ops.take_along_axis(alpha, ops.maximum(end - 1, 0), 1)
    return ops.negative(ops.where(end > 0, ops.logaddexp(last, last_class), last))
