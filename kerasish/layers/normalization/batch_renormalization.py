"""Batch renormalization: the statistics of a batch, corrected towards moving ones while training."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish import initializers, ops
from kerasish.backend.variable import Variable
from kerasish.suggestions import did_you_mean

if TYPE_CHECKING:
    from kerasish.layers.normalization.batch_normalization import BatchNormalization

_BOUNDS = ("rmax", "rmin", "dmax")


class BatchRenormalization:
    """What BatchNormalization keeps and computes more where `renorm` is True.

    With the moving mean m and deviation s: r = deviation / s and d = (mean - m) / s, both within bounds and without a
    gradient, make normalized * r + d of what the statistics of the batch normalized.

    Args:
        layer: the BatchNormalization, which has the weights.
        channels: int.

    Reference:
        Ioffe, "Batch renormalization", 2017.
    """

    def __init__(self, layer: BatchNormalization, channels: int) -> None:
        self._layer = layer
        self._bounds = layer.renorm_clipping
        deviation = _root_of(layer.moving_variance_initializer)
        self.moving_stddev: Variable = self._add("moving_stddev", deviation, channels)
        self.mean: Variable = self._add("renorm_mean", "zeros", channels)
        self.stddev: Variable = self._add("renorm_stddev", deviation, channels)

    def _add(self, name, initializer, channels):
        return self._layer.add_weight((channels,), initializer, name=name, trainable=False, autocast=False)

    def __call__(self, mean: Any, variance: Any) -> tuple[Any, Any]:
        """(r, d) for the statistics of a batch, which move the averages."""
        layer, deviation = self._layer, ops.sqrt(variance + self._layer.epsilon)
        r, d = deviation / self.stddev, (mean - self.mean) / self.stddev
        if "rmin" in self._bounds or "rmax" in self._bounds:
            r = ops.minimum(ops.maximum(r, self._bounds.get("rmin", 0.0)), self._bounds.get("rmax", float("inf")))
        if "dmax" in self._bounds:
            d = ops.clip(d, -self._bounds["dmax"], self._bounds["dmax"])
        r, d = ops.stop_gradient(r), ops.stop_gradient(d)
        layer.move(self.mean, mean, layer.renorm_momentum)
        layer.move(self.stddev, deviation, layer.renorm_momentum)
        layer.move(layer.moving_mean, mean, layer.momentum)
        layer.move(self.moving_stddev, deviation, layer.momentum)
        layer.moving_variance.assign(ops.maximum(ops.square(self.moving_stddev) - layer.epsilon, 0.0))
        return r, d


def checked_clipping(bounds: Any) -> dict[str, float]:
    """`renorm_clipping` as a dict; {} for None.

    Raises:
        ValueError: for an unknown key, bounds that leave nothing between them, and a negative one for d.
        TypeError: for anything but a dict of numbers.
    """
    if bounds is None:
        return {}
    if not isinstance(bounds, dict):
        raise TypeError(f"`renorm_clipping` must be a dict of 'rmax', 'rmin' and 'dmax', or None; got {bounds!r}.")
    for key, value in bounds.items():
        if key not in _BOUNDS:
            raise ValueError(
                f"`renorm_clipping` knows the keys {', '.join(map(repr, _BOUNDS))}, got {key!r}."
                f"{did_you_mean(key, _BOUNDS)}"
            )
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"`renorm_clipping` must hold numbers, got {value!r} for {key!r}.")
    if bounds.get("rmin", 0.0) > bounds.get("rmax", float("inf")):
        raise ValueError(f"`renorm_clipping` must have 'rmin' <= 'rmax', got {bounds!r}.")
    if bounds.get("dmax", 0.0) < 0:
        raise ValueError(f"`renorm_clipping` must have 'dmax' >= 0, got {bounds!r}.")
    return bounds


def _root_of(initializer: Callable[..., Any]) -> Callable[..., Any]:
    """An initializer that gives the roots of what another one gives."""
    made = initializers.get(initializer)
    return lambda shape, dtype=None, **kwargs: ops.sqrt(made(shape, dtype=dtype))
