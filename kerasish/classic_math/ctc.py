"""Connectionist temporal classification."""

from __future__ import annotations

from kerasish import ops
from kerasish.backend.settings import epsilon
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, TensorLike


@suggesting
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
    steps, lengths = (ops.reshape(length, (-1,)) for length in (input_length, label_length))
    logits = _logits(y_pred)
    return ops.expand_dims(ops.ctc_loss(y_true, logits, lengths, steps, mask_index=logits.shape[-1] - 1), 1)


@suggesting
def ctc_decode(
    y_pred: TensorLike, input_length: TensorLike, greedy: bool = True, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[AnyTensor], AnyTensor]:
    """The labels that a network trained with `ctc_batch_cost` reads off sequences.

    Args:
        y_pred: tensor (samples, steps, classes) of probabilities; the last class is the blank.
        input_length: int tensor (samples,), how many steps of each sample count.
        greedy: bool, whether the most likely class at each step is taken; else beams are searched.
        beam_width: int, how many beginnings of labels the search goes on with.
        top_paths: int, how many labels the search returns.

    Returns:
        List of labels, one int tensor (samples, steps) a path, most likely first, with -1 behind their end; and the
        tensor of their scores: minus the sum of the logarithms of the largest probabilities, (samples, 1), or the
        logarithms of the probabilities of the labels, (samples, top_paths).

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> y_pred = keras.ops.array([[[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]])
        >>> K.ctc_decode(y_pred, [3])[0][0].tolist()
        [[0, 0, -1]]
    """
    logits = _logits(y_pred)
    strategy = "greedy" if greedy else "beam_search"
    labels, scores = ops.ctc_decode(
        logits, ops.reshape(input_length, (-1,)), strategy, beam_width, top_paths, mask_index=logits.shape[-1] - 1
    )
    return [labels[i] for i in range(1 if greedy else top_paths)], scores


@suggesting
def ctc_label_dense_to_sparse(labels: TensorLike, label_lengths: TensorLike) -> AnyTensor:
    """Labels whose numbers behind their ends are -1: what stands here for TensorFlow's sparse tensor of them.

    Args:
        labels: int tensor (samples, longest label).
        label_lengths: int tensor (samples,), how many numbers of each label count.

    Returns:
        Int tensor of the shape of `labels`.

    Example:
        >>> from kerasish import backend as K
        >>> K.ctc_label_dense_to_sparse([[1, 2], [3, 4]], [2, 1]).tolist()
        [[1, 2], [3, -1]]
    """
    labels = ops.convert_to_tensor(labels)
    counts = ops.reshape(ops.convert_to_tensor(label_lengths), (-1, 1))
    return ops.where(ops.less(ops.arange(labels.shape[1]), counts), labels, -1)


def _logits(y_pred):
    return ops.log(ops.add(ops.convert_to_tensor(y_pred), epsilon()))
