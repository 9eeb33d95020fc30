"""`keras.remat` and `keras.RematScope`: values of the forward pass that the backward pass makes again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

from kerasish.backend import context
from kerasish.backend.recomputation import Region, dissolve, recorded_in
from kerasish.backend.trace import Trace

MODES = ("full", "activations", "larger_than", "list_of_layers", None)


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function's values again in the backward pass, in place of keeping them for it.

    What comes into `f` and what it returns is kept; all between is computed a second time when the gradient arrives.
    A compiled step then needs less memory (`explain()` shows how much: its arena) and more time. Random numbers are
    counted, so dropout drops the same values again. Computed at once, outside of a compiled step, nothing changes.

    Args:
        f: function, or layer.

    Returns:
        A function of the same arguments.

    Raises:
        TypeError: when `f` can't be called.

    Example:
        >>> import kerasish as keras
        >>> block = keras.remat(lambda x: keras.ops.exp(keras.ops.sin(x)))
        >>> float(block(keras.ops.zeros(())))
        1.0

    Reference:
        Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016.
    """
    return Rematerialized(f)


class Rematerialized:
    """A function whose values are made again; `function` is the one that it was made of."""

    def __init__(self, function: Callable[..., Any], when: Callable[[Any], bool] | None = None) -> None:
        """`when`: function of what `function` returned, to whether its values are to be made again."""
        if not callable(function):
            raise TypeError(f"`remat` takes a function or a layer, got {function!r}.")
        wraps(function, updated=())(self)
        self.function: Callable[..., Any] = function
        self._when = when

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function returns."""
        with _region() as (trace, region):
            result = self.function(*args, **kwargs)
        if region is not None and self._when is not None and not self._when(result):
            dissolve(trace, region)
        return result


@contextmanager
def _region() -> Iterator[tuple[Any, Region | None]]:
    """The running trace and a new region of it, in which meanwhile all is recorded; Nones where nothing is traced."""
    trace = next((running for running in context.active_interpreters() if isinstance(running, Trace)), None)
    if trace is None or trace.computes:
        yield None, None
        return
    region = Region(trace.region)
    with recorded_in(trace, region):
        yield trace, region


class RematScope(context.Setting):
    """Says of the layers made inside `with` which make their values again in the backward pass (see `remat`).

    The innermost scope counts. A layer keeps what was said when it was made; configs and files hold nothing of it.

    Args:
        mode: which layers. "full": all. "activations": of all layers their `activation` alone. "larger_than": those
            whose outputs have more than `output_size_threshold` elements. "list_of_layers": those named. None: none.
        output_size_threshold: int, of "larger_than"; the batch counts.
        layer_names: list of strings, of "list_of_layers".

    Raises:
        ValueError: for another `mode`, a threshold that is no number of elements, or names that are no list of strings.

    Example:
        >>> import kerasish as keras
        >>> with keras.RematScope(mode="list_of_layers", layer_names=["wide"]):
        ...     wide = keras.layers.Dense(1000, activation="gelu", name="wide")
    """

    def __init__(
        self,
        mode: str | None = "full",
        output_size_threshold: int = 1024,
        layer_names: Sequence[str] | None = None,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"`mode` must be one of {', '.join(map(repr, MODES))}, got {mode!r}.")
        if not isinstance(output_size_threshold, (int, float)) or isinstance(output_size_threshold, bool):
            raise ValueError(f"`output_size_threshold` must be a number of elements, got {output_size_threshold!r}.")
        names = [] if layer_names is None else layer_names
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise ValueError(f"`layer_names` must be a list of strings, got {layer_names!r}.")
        self.mode: str | None = mode
        self.output_size_threshold: int = output_size_threshold
        self.layer_names: list[str] = list(names)

    def _settings(self):
        return {"remat": self}
