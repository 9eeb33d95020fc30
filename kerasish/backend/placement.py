"""Where arrays are to be: `keras.device`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kerasish.backend.device import device as current_device


@contextmanager
def device(device_name: str) -> Iterator[None]:
    """Within `with`, compute on the device of that name.

    The device in use is one for the process (`KERASISH_BACKEND`, `keras.backend.set_backend`); this says where a
    program expects to be, and refuses what is not there. Of several cards it chooses one for this thread: a model
    computes on the card on which it was made.

    Args:
        device_name: string "kind" or "kind:index": "cpu", "cpu:0", "gpu:1".

    Raises:
        ValueError: for what is no such string.
        RuntimeError: when the device in use is of another kind, or has no such index.

    Example:
        >>> import kerasish as keras
        >>> with keras.device("cpu:0"):
        ...     x = keras.ops.ones((2,))
    """
    if not isinstance(device_name, str):
        raise ValueError(f"`device_name` must be a string such as 'cpu:0', got {device_name!r}.")
    kind, _, index = device_name.lower().partition(":")
    if index and not index.isdecimal():
        raise ValueError(f"`device_name` must be a string such as 'cpu:0', got {device_name!r}.")
    there = current_device()
    try:
        card = there.card(int(index or 0)) if kind == there.kind else None
    except IndexError:
        card = None
    if card is None:
        raise RuntimeError(
            f"The device {device_name!r} is not there: this process computes on '{there.kind}:0'. "
            "`keras.backend.set_backend` changes it."
        )
    with card:
        yield
