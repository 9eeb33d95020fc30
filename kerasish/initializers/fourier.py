"""Convolution kernels that take a short-time Fourier transform."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerasish import ops
from kerasish.backend import standardize_dtype
from kerasish.backend.float_formats import HALVES
from kerasish.backend.lowbits.widening import WIDE
from kerasish.initializers.initializer import Initializer
from kerasish.initializers.window_functions import check_window, window_values
from kerasish.typing import AnyTensor, Config, DTypeLike, ShapeLike


class STFT(Initializer):
    """The real or imaginary part of the Fourier basis under a window, as the kernel of a one-dimensional convolution.

    The shape asked for is (frame_length, input_channels, fft_length // 2 + 1).

    Args:
        side: "real" or "imag".
        window: name of a window ("hann", "hamming", "blackman", ...), its values (one a time step), or None.
        scaling: "density" (the window's squares sum to 1), "spectrum" (the window sums to 1) or None.
        periodic: bool, whether a named window is periodic rather than symmetric.

    Raises:
        ValueError: for an unknown `side`, `window` or `scaling`, or window values of another length.

    Example:
        >>> import kerasish as keras
        >>> kernel = keras.initializers.STFT(window=None, scaling=None)((4, 1, 3))
        >>> kernel[:, 0, 1].round(3).__add__(0.0).tolist()
        [1.0, 0.0, -1.0, 0.0]
    """

    def __init__(
        self,
        side: str = "real",
        window: str | Sequence[float] | None = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ) -> None:
        if side not in ("real", "imag"):
            raise ValueError(f"`side` must be 'real' or 'imag', got {side!r}.")
        if isinstance(window, str):
            check_window(window)
        if scaling not in (None, "density", "spectrum"):
            raise ValueError(f"`scaling` must be 'density', 'spectrum' or None, got {scaling!r}.")
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        dtype = standardize_dtype(dtype)
        if len(shape) != 3:
            raise ValueError(f"`shape` must be (frame_length, input_channels, frequencies), got {tuple(shape)}.")
        frame_length, _, frequencies = shape
        wide = WIDE if dtype in HALVES else dtype  # angles of many turns have no digits left in half precision
        return ops.cast(self._basis(frame_length, frequencies, wide), dtype)

    def _basis(self, frame_length, frequencies, dtype):
        time = ops.reshape(ops.arange(frame_length, dtype=dtype), (frame_length, 1, 1))
        bins = ops.reshape(ops.arange(frequencies, dtype=dtype), (1, 1, frequencies))
        turns = ops.divide(bins, 2.0 * (frequencies - 1))
        angle = ops.multiply(ops.multiply(time, turns), -2.0 * math.pi)
        kernel = ops.cos(angle) if self.side == "real" else ops.sin(angle)
        return kernel if self.window is None else ops.multiply(kernel, self._scaled_window(frame_length, dtype))

    def _scaled_window(self, frame_length, dtype):
        """The window with a total of 1, of its squares or of itself; shape (frame_length, 1, 1)."""
        named = isinstance(self.window, str)
        values = window_values(self.window, frame_length, self.periodic) if named else self.window
        window = ops.convert_to_tensor(values, dtype=dtype)
        if tuple(window.shape) != (frame_length,):
            raise ValueError(f"`window` must hold a value a step, shape ({frame_length},), got {tuple(window.shape)}.")
        if self.scaling == "density":
            window = ops.divide(window, ops.sqrt(ops.sum(ops.square(window))))
        elif self.scaling == "spectrum":
            window = ops.divide(window, ops.sum(ops.abs(window)))
        return ops.reshape(window, (frame_length, 1, 1))

    def get_config(self) -> Config:
        return {"side": self.side, "window": self.window, "periodic": self.periodic, "scaling": self.scaling}
