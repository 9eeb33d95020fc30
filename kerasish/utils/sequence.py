"""Sequences of different lengths in one rectangular array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.host_arrays import fetched
from kerasish.suggestions import suggesting
from kerasish.typing import DTypeLike

_SIDES = ("pre", "post")


@suggesting
def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: DTypeLike = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: float | str = 0.0,
) -> np.ndarray:
    """Pad (and cut) sequences to one length.

    Args:
        sequences: list of n sequences (lists or arrays); their elements are scalars or arrays of one shape.
        maxlen: the length; None takes the longest sequence.
        dtype: of the result. `object` holds strings of any length.
        padding: "pre" or "post", the end of a sequence that is filled.
        truncating: "pre" or "post", the end of a sequence that is cut.
        value: what fills the gaps, a number or a string.

    Returns:
        A NumPy array of shape `(n, maxlen)` followed by the shape of an element.

    Raises:
        ValueError: for sequences that have no length, elements of different shapes, no sequences at all without
            `maxlen`, an unknown side, or a string `value` that `dtype` cannot hold.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2)
        array([[0, 1],
               [2, 3],
               [5, 6]], dtype=int32)
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in _SIDES:
            raise ValueError(f'`{name}` must be "pre" or "post", got {side!r}.')
    sequences = _on_the_host(sequences)
    lengths = _lengths(sequences)
    if maxlen is None:
        if not lengths:
            raise ValueError("`sequences` is empty, so the length cannot be told: pass `maxlen`.")
        maxlen = max(lengths)
    holds_text = dtype is object or np.dtype(dtype).kind in "OSUT"
    if isinstance(value, str) and not holds_text:
        raise ValueError(f"`value` is the string {value!r}, which dtype {dtype} cannot hold: pass `dtype=object`.")

    first = next((s for s, length in zip(sequences, lengths) if length), ())
    element_shape = np.asarray(first).shape[1:]
    padded = np.full((len(lengths), maxlen, *element_shape), value, dtype=dtype)
    for position, (sequence, length) in enumerate(zip(sequences, lengths)):
        if not length:
            continue
        kept = min(length, maxlen)
        part = np.asarray(sequence[length - kept :] if truncating == "pre" else sequence[:kept], dtype=dtype)
        if kept and part.shape[1:] != element_shape:
            raise ValueError(
                f"`sequences[{position}]` has elements of shape {part.shape[1:]}, but the first sequence has elements "
                f"of shape {element_shape}: all must be alike."
            )
        if padding == "pre":
            padded[position, maxlen - kept :] = part
        else:
            padded[position, :kept] = part
    return padded


def _on_the_host(sequences):
    sequences = fetched(sequences)
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"`sequences` must be a list of sequences, got {type(sequences).__name__}.")
    return [fetched(sequence) for sequence in sequences]


def _lengths(sequences):
    lengths = []
    for position, sequence in enumerate(sequences):
        try:
            lengths.append(len(sequence))
        except TypeError:
            raise ValueError(
                f"`sequences` must be a list of sequences, but `sequences[{position}]` is {sequence!r}, without length."
            ) from None
    return lengths
