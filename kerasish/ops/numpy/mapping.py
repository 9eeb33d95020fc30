"""`vectorize`: a function of scalars (or of small arrays) applied along broadcast axes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import broadcast, product
from kerasish.ops.convert import value_of
from kerasish.ops.numpy.helpers import broadcast_shape, reshape_to, window
from kerasish.suggestions import suggesting

_SIGNATURE = re.compile(r"^\([\w,]*\)(,\([\w,]*\))*->\([\w,]*\)(,\([\w,]*\))*$")


@suggesting
def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Sequence[int] | None = None, signature: str | None = None
) -> Callable[..., Any]:
    """A function that applies `pyfunc` to every element of its (broadcast) arguments and stacks the results.

    Args:
        pyfunc: function of tensors, built of `ops`.
        excluded: positions of arguments that are passed as they are.
        signature: string, the axes that `pyfunc` takes whole and returns, e.g. "(n),(n)->()"; by default scalars.

    Returns:
        A function of the same arguments, which broadcast.

    Raises:
        ValueError: when `pyfunc` can't be called, or `signature` does not fit.

    Example:
        >>> import kerasish as keras
        >>> double = keras.ops.vectorize(lambda v: v * 2)
        >>> double(keras.ops.arange(3)).tolist()
        [0, 2, 4]
    """
    if not callable(pyfunc):
        raise ValueError(f"`pyfunc` must be callable, got {pyfunc!r}.")
    excluded = set(excluded or ())
    cores = None if signature is None else _core_ranks(signature)

    def vectorized(*args, **kwargs):
        places = [i for i in range(len(args)) if i not in excluded]
        if cores is not None and len(cores) != len(places):
            raise ValueError(f"`signature` {signature!r} describes {len(cores)} arguments, got {len(places)}.")
        ranks = cores or [0] * len(places)
        xs = [value_of(args[i]) for i in places]
        shape = broadcast(*(tuple(x.shape[: len(x.shape) - rank]) for x, rank in zip(xs, ranks)))
        count = product(shape)
        columns = [_elements(x, shape, rank, count) for x, rank in zip(xs, ranks)]
        results = [_call(pyfunc, args, places, row, kwargs) for row in zip(*columns)]
        return tree.map_structure(lambda *parts: _stacked(parts, shape), *results)

    return vectorized


def _core_ranks(signature):
    text = signature.replace(" ", "")
    if not _SIGNATURE.match(text):
        raise ValueError(f"`signature` must look like '(n),(n)->()', got {signature!r}.")
    inputs = text.split("->")[0]
    return [len([name for name in core.split(",") if name]) for core in re.findall(r"\(([\w,]*)\)", inputs)]


def _elements(x, shape, rank, count):
    core = tuple(x.shape[len(x.shape) - rank :])
    flat = reshape_to(broadcast_shape(x, shape + core), (count, *core))
    return [reshape_to(window(flat, 0, i, i + 1), core) for i in range(count)]


def _call(pyfunc, args, places, row, kwargs):
    values = list(args)
    for place, value in zip(places, row):
        values[place] = value
    return pyfunc(*values, **kwargs)


def _stacked(parts, shape):
    parts = [value_of(part) for part in parts]
    rows = [p.reshape(part, shape=(1, *part.shape)) for part in parts]
    joined = rows[0] if len(rows) == 1 else p.concatenate(*rows, axis=0)
    return reshape_to(joined, shape + tuple(parts[0].shape))
