"""NumPy kernels of `primitives/communication.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend import ranks
from kerasish.backend.numpy.kernels import kernel


def _in_one_piece(out):
    """`out`, or an array to be copied there, which messages can be written to."""
    return out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)


def _put(out, made):
    if made is not out:
        np.copyto(out, made)


@kernel("all_reduce")
def all_reduce(out: Any, x: Any, op: str = "sum", shares: Sequence[int] | None = None) -> None:
    world, made = ranks.world(), _in_one_piece(out)
    _put(made, x)
    if world is not None:
        world.all_reduce(made.view("uint8") if made.dtype == bool else made, op)
    _put(out, made)


@kernel("all_gather")
def all_gather(out: Any, x: Any, rows: Sequence[int], rank: int) -> None:
    world, made = ranks.world(), _in_one_piece(out)
    if world is None:
        _put(made, x)
    else:
        world.all_gather(np.ascontiguousarray(x), made, rows)
    _put(out, made)


@kernel("reduce_scatter")
def reduce_scatter(out: Any, x: Any, rows: Sequence[int], rank: int) -> None:
    world, made = ranks.world(), _in_one_piece(out)
    if world is None:
        _put(made, x)
    else:
        world.reduce_scatter(np.ascontiguousarray(x), made, rows)
    _put(out, made)


@kernel("reduce_start")
def reduce_start(out: Any, *xs: Any, turn: int) -> None:
    at = 0
    for x in xs:
        np.copyto(out[at : at + x.size].reshape(x.shape), x)
        at += x.size
    world = ranks.world()
    if world is not None:
        world.background.start(out)


@kernel("reduce_wait")
def reduce_wait(out: Any, x: Any, turn: int) -> None:
    world = ranks.world()
    if world is not None:
        world.background.wait(x)
    _put(out, x)
