"""Connectionist temporal classification: labels of sequences whose alignment is not known."""

from __future__ import annotations

from kerasish.backend.sizes import unlike
from kerasish.ops import numpy as knp
from kerasish.ops.control import scan
from kerasish.ops.convert import as_dtype, as_float, dtype_of, value_of
from kerasish.ops.math.special import top_k
from kerasish.ops.nn.softmax import log_softmax
from kerasish.ops.numpy.helpers import reshape_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike

_NEVER = -1e5  # stands for the logarithm of the probability 0, so that sums and their slopes stay numbers


def _sequences(name, x, lengths_name, lengths):
    """`x` (samples, steps, classes) in float32 at least, and the lengths (samples,) as int32."""
    x, lengths = as_float(x), as_dtype(value_of(lengths), "int32")
    if len(x.shape) != 3:
        raise ValueError(f"`{name}` must have shape (samples, steps, classes), got {tuple(x.shape)}.")
    if len(lengths.shape) != 1 or unlike(lengths.shape[0], x.shape[0]):
        raise ValueError(f"`{lengths_name}` must have shape ({x.shape[0]},), got {tuple(lengths.shape)}.")
    return (x if dtype_of(x) == "float64" else as_dtype(x, "float32")), lengths


@operation
def ctc_loss(
    target: TensorLike, output: TensorLike, target_length: TensorLike, output_length: TensorLike, mask_index: int = 0
) -> AnyTensor:
    """The connectionist temporal classification loss: -log of the probability of each sample's label.

    A label that has no alignment, being longer than the sequence, costs about 100,000.

    Args:
        target: int tensor (samples, longest label): class numbers.
        output: float tensor (samples, steps, classes): logits.
        target_length: int tensor (samples,), how many classes of each label count.
        output_length: int tensor (samples,), how many steps of each sequence count.
        mask_index: int, the class of the blank.

    Returns:
        Float tensor (samples,).

    Raises:
        ValueError: for shapes that do not fit, or a blank that is no class.

    Example:
        >>> import kerasish as keras
        >>> loss = keras.ops.ctc_loss([[1]], [[[0.0, 0.0], [0.0, 0.0]]], [1], [2])
        >>> round(float(loss[0]), 4)
        0.2877

    Reference:
        Graves et al., "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent Neural
        Networks", 2006, equations 6 to 8, in logarithms.
    """
    output, steps = _sequences("output", output, "output_length", output_length)
    labels = as_dtype(value_of(target), "int32")
    if len(labels.shape) != 2 or unlike(labels.shape[0], output.shape[0]):
        raise ValueError(f"`target` must have shape ({output.shape[0]}, longest label), got {tuple(labels.shape)}.")
    label_lengths = as_dtype(value_of(target_length), "int32")
    if len(label_lengths.shape) != 1 or unlike(label_lengths.shape[0], output.shape[0]):
        raise ValueError(f"`target_length` must have shape ({output.shape[0]},), got {tuple(label_lengths.shape)}.")
    classes = output.shape[-1]
    if not 0 <= mask_index or isinstance(classes, int) and mask_index >= classes:
        raise ValueError(f"`mask_index` must be one of {classes} classes, got {mask_index}.")
    return _loss(labels, log_softmax(output), steps, label_lengths, mask_index)


def _loss(labels, scores, steps, label_lengths, blank):
    samples, length, _ = scores.shape
    places = 2 * labels.shape[1] + 1  # the label with a blank before, between and after its classes
    blanks = knp.full((samples, labels.shape[1]), blank, dtype="int32")
    pairs = reshape_to(knp.stack([blanks, labels], axis=2), (samples, places - 1))
    path = knp.concatenate([pairs, knp.full((samples, 1), blank, dtype="int32")], 1)
    skips = knp.concatenate(  # a class may follow on another one without the blank between them
        [
            knp.zeros((samples, 2), dtype="bool"),
            knp.logical_and(knp.not_equal(path[:, 2:], blank), knp.not_equal(path[:, 2:], path[:, :-2])),
        ],
        axis=1,
    )
    found = knp.take_along_axis(scores, knp.broadcast_to(path[:, None], (samples, length, places)), 2)
    found = knp.moveaxis(found, 1, 0)
    begins = knp.broadcast_to(knp.less(knp.arange(places), 2), (samples, places))

    def step(alpha, now):
        score, t = now
        one, two = (knp.pad(alpha[:, :-k], ((0, 0), (k, 0)), constant_values=_NEVER) for k in (1, 2))
        before = knp.logaddexp(knp.logaddexp(alpha, one), knp.where(skips, two, _NEVER))
        return knp.where(knp.expand_dims(knp.less(t, steps), 1), knp.add(before, score), alpha), None

    alpha = knp.where(begins, found[0], _NEVER)
    alpha, _ = scan(step, alpha, (found[1:], knp.arange(1, length, dtype="int32")))
    end = knp.expand_dims(knp.multiply(label_lengths, 2), 1)
    last = knp.take_along_axis(alpha, end, 1)
    last_class = knp.take_along_axis(alpha, knp.maximum(knp.subtract(end, 1), 0), 1)
    total = knp.where(knp.greater(end, 0), knp.logaddexp(last, last_class), last)
    return knp.negative(reshape_to(total, (samples,)))


@operation
def ctc_decode(
    inputs: TensorLike,
    sequence_lengths: TensorLike,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[AnyTensor, AnyTensor]:
    """The labels that a network trained with `ctc_loss` reads off sequences.

    Args:
        inputs: float tensor (samples, steps, classes): logits.
        sequence_lengths: int tensor (samples,), how many steps of each sequence count.
        strategy: "greedy" for the most likely class at each step, "beam_search" for the most likely labels.
        beam_width: int, how many beginnings of labels "beam_search" goes on with.
        top_paths: int, how many labels "beam_search" returns, the most likely first.
        merge_repeated: bool, whether "greedy" takes a class that follows on itself as one; "beam_search" always does.
        mask_index: int, the class of the blank.

    Returns:
        Labels as an int32 tensor (1 or `top_paths`, samples, steps) with -1 behind their end; and of "greedy" minus the
        sum of the largest logits, (samples, 1), of "beam_search" the logarithms of the probabilities, (samples,
        `top_paths`).

    Raises:
        ValueError: for another strategy, more paths than beams, or shapes that do not fit.

    Example:
        >>> import kerasish as keras
        >>> logits = keras.ops.one_hot([[0, 2, 2, 0, 1]], 3) * 5
        >>> keras.ops.ctc_decode(logits, [5])[0].tolist()
        [[[2, 1, -1, -1, -1]]]

    Reference:
        Hannun et al., "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs",
        2014, algorithm 1, without a language model.
    """
    x, lengths = _sequences("inputs", inputs, "sequence_lengths", sequence_lengths)
    if strategy not in ("greedy", "beam_search"):
        raise ValueError(f"`strategy` must be 'greedy' or 'beam_search', got {strategy!r}.")
    if strategy == "greedy":
        labels, scores = _greedy(x, lengths, merge_repeated, mask_index)
    else:
        if not 1 <= top_paths <= beam_width:
            raise ValueError(f"`top_paths` must be from 1 to `beam_width`, {beam_width}, got {top_paths}.")
        labels, scores = _beams(log_softmax(x), lengths, beam_width, top_paths, mask_index)
    return labels, scores


def _greedy(x, lengths, merge_repeated, blank):
    samples, steps, _ = x.shape
    best = as_dtype(knp.argmax(x, axis=-1), "int32")
    time = knp.arange(steps, dtype="int32")
    counts = knp.less(time, knp.expand_dims(lengths, 1))
    score = knp.negative(knp.sum(knp.where(counts, knp.max(x, axis=-1), 0.0), axis=1, keepdims=True))
    kept = knp.logical_and(counts, knp.not_equal(best, blank))
    if merge_repeated:
        before = knp.pad(best[:, :-1], ((0, 0), (1, 0)), constant_values=-1)
        kept = knp.logical_and(kept, knp.not_equal(best, before))
    order = knp.argsort(knp.where(kept, time, knp.add(time, steps)), axis=1)  # what is kept comes first
    labels = knp.take_along_axis(knp.where(kept, best, -1), order, axis=1)
    return knp.expand_dims(labels, 0), score


def _beams(scores, lengths, width, top, blank):
    """Beams (samples, width): the beginnings of labels so far.

    Each has the logarithms of its probabilities to end in a blank and in its last class.
    """
    samples, steps, classes = scores.shape
    never = float("-inf")
    first = knp.broadcast_to(knp.equal(knp.arange(width), 0), (samples, width))
    empty = knp.full((samples, width), never, dtype=dtype_of(scores))
    paths = knp.full((samples, width, steps), -1, dtype="int32")
    sizes = knp.zeros((samples, width), dtype="int32")
    numbers = knp.reshape(knp.arange(classes, dtype="int32"), (1, 1, classes))
    places = knp.arange(steps, dtype="int32")

    def step(state, now):
        paths, sizes, blanks, lasts = state
        score, t = now
        either = knp.logaddexp(blanks, lasts)
        last = knp.max(knp.where(knp.equal(places, knp.expand_dims(knp.subtract(sizes, 1), 2)), paths, -1), axis=2)
        of_last = knp.take_along_axis(score, knp.maximum(last, 0), 1)
        longer = knp.where(  # a class follows on itself only behind a blank
            knp.equal(numbers, knp.expand_dims(last, 2)), knp.expand_dims(blanks, 2), knp.expand_dims(either, 2)
        )
        longer = knp.add(longer, knp.expand_dims(score, 1))
        longer = knp.where(knp.equal(numbers, blank), never, longer)
        # a beam that grows into another one counts there
        shorter = knp.where(knp.equal(places, knp.expand_dims(knp.subtract(sizes, 1), 2)), -1, paths)
        same = knp.all(knp.equal(knp.expand_dims(paths, 2), knp.expand_dims(shorter, 1)), axis=3)
        same = knp.logical_and(same, knp.expand_dims(knp.logical_and(knp.greater(sizes, 0), _alive(either)), 1))
        same = knp.logical_and(same, knp.expand_dims(_alive(either), 2))
        grown = knp.take_along_axis(
            longer, knp.expand_dims(knp.maximum(last, 0), 1) + knp.zeros_like(sizes)[..., None], 2
        )
        joined = _log_sum(knp.where(same, grown, never), axis=1)
        meets = knp.any(
            knp.logical_and(
                knp.expand_dims(same, 3), knp.equal(numbers[None], knp.expand_dims(knp.expand_dims(last, 1), 3))
            ),
            axis=2,
        )
        longer = knp.where(meets, never, longer)
        new_blanks = knp.add(either, score[:, blank : blank + 1])
        new_lasts = knp.logaddexp(knp.where(knp.greater(sizes, 0), knp.add(lasts, of_last), never), joined)
        stays = knp.logaddexp(new_blanks, new_lasts)
        all_scores = knp.concatenate([stays, knp.reshape(longer, (samples, width * classes))], axis=1)
        _, chosen = top_k(all_scores, width)
        chosen = as_dtype(chosen, "int32")
        grows = knp.greater_equal(chosen, width)
        beyond = knp.maximum(knp.subtract(chosen, width), 0)
        parent = knp.where(grows, knp.floor_divide(beyond, classes), chosen)
        added = knp.mod(beyond, classes)
        old_sizes = knp.take_along_axis(sizes, parent, 1)
        new_paths = knp.take_along_axis(paths, knp.expand_dims(parent, 2), 1)
        at_end = knp.logical_and(knp.expand_dims(grows, 2), knp.equal(places, knp.expand_dims(old_sizes, 2)))
        new = (
            knp.where(at_end, knp.expand_dims(added, 2), new_paths),
            knp.where(grows, knp.add(old_sizes, 1), old_sizes),
            knp.where(grows, never, knp.take_along_axis(new_blanks, parent, 1)),
            knp.where(grows, knp.take_along_axis(all_scores, chosen, 1), knp.take_along_axis(new_lasts, parent, 1)),
        )
        goes_on = knp.less(t, lengths)
        kept = [knp.where(reshape_to(goes_on, (samples, *[1] * (len(a.shape) - 1))), a, b) for a, b in zip(new, state)]
        return tuple(kept), None

    state = (paths, sizes, knp.where(first, knp.zeros_like(empty), empty), empty)
    state, _ = scan(step, state, (knp.moveaxis(scores, 1, 0), knp.arange(steps, dtype="int32")))
    paths, _, blanks, lasts = state
    found, order = top_k(knp.logaddexp(blanks, lasts), top)
    best = knp.take_along_axis(paths, knp.expand_dims(as_dtype(order, "int32"), 2), 1)
    return knp.moveaxis(best, 1, 0), found


def _alive(x):
    return knp.greater(x, float("-inf"))


def _log_sum(x, axis):
    """Log of the sum of exp, -inf of nothing but -inf."""
    largest = knp.maximum(knp.max(x, axis=axis, keepdims=True), _NEVER)
    return knp.add(knp.log(knp.sum(knp.exp(knp.subtract(x, largest)), axis=axis)), knp.squeeze(largest, axis))
