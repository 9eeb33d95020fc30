"""STFTSpectrogram: Fourier transforms of the frames of a signal, by convolutions whose kernels can be trained."""

from __future__ import annotations

import math
import warnings
from typing import Any

from kerasish import backend, config, initializers, ops
from kerasish.backend.fixed_arrays import fixed
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import AnyTensor, Config, CustomObjects, ShapeLike, TensorLike

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")


class STFTSpectrogram(Layer):
    """The short-time Fourier transform of each channel of a signal.

    The kernels begin as the sines and cosines of a Fourier transform, weighed by the window; training changes them
    unless the layer is made with `trainable=False`.

    Args:
        mode: what of the transform is returned: "magnitude", "log" (of the magnitude), "psd" (the power, that of
            negative frequencies added to their opposites), "real", "imag", "angle", or "stft" (real and imaginary
            parts, one behind the other).
        frame_length: int, points of a frame.
        frame_step: int, from the start of a frame to the next, no more than `frame_length`; None for half of it.
        fft_length: int, points of a transform, no fewer than `frame_length`, best a power of two; None for the smallest
            power of two that will do.
        window: name of a window ("hann", "hamming", "blackman", ...), an array of `frame_length` floats, or None.
        periodic: whether the window is one period of a periodic function, not symmetric.
        scaling: "density" (of power a frequency), "spectrum" (of power), or None.
        padding: "valid", or "same" for a frame each `frame_step` points, with zeros at both ends.
        expand_dims: whether results have channels on an axis of their own, as pictures do.
        data_format: "channels_last" or "channels_first"; None for `config.image_data_format()`.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        floats (batch, samples, channels), or (batch, channels, samples) with "channels_first".

    Output shape:
        (batch, frames, channels * frequencies), or (batch, channels * frequencies, frames) with "channels_first"; with
        `expand_dims` (batch, frames, frequencies, channels), or (batch, channels, frames, frequencies). There are
        `fft_length // 2 + 1` frequencies, twice as many of mode "stft".

    >>> import kerasish as keras
    >>> layer = keras.layers.STFTSpectrogram("magnitude", frame_length=64, trainable=False)
    >>> layer(keras.ops.ones((2, 320, 1))).shape
    (2, 9, 33)
    """

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: str | TensorLike | None = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check_choices(mode, scaling, padding)
        _check_lengths(frame_length, frame_step, fft_length)
        self.mode: str = mode
        self.frame_length: int = frame_length
        self.frame_step: int | None = frame_step
        self.fft_length: int | None = fft_length
        self.window: Any = window if isinstance(window, str) else fixed(window)
        self.periodic: bool = periodic
        self.scaling: str | None = scaling
        self.padding: str = padding
        self.expand_dims: bool = expand_dims
        self.data_format: str = backend.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=3)
        self._step = frame_step or max(frame_length // 2, 1)
        self._points = fft_length or 2 ** math.ceil(math.log2(frame_length))
        self._check_window()

    def _check_window(self):
        self._basis("real")  # refuses names that are none
        shape = (self.frame_length,)
        if not (self.window is None or isinstance(self.window, str)) and ops.shape(self.window) != shape:
            raise ValueError(
                f"`window` must be a name, None or an array of `frame_length`={self.frame_length} numbers, got an "
                f"array of shape {ops.shape(self.window)}."
            )

    def build(self, input_shape: ShapeLike) -> None:
        shape = (self.frame_length, 1, self._points // 2 + 1)
        if self.mode != "imag":
            self.real_kernel = self.add_weight(shape, self._basis("real"), name="real_kernel")
        if self.mode != "real":
            self.imag_kernel = self.add_weight(shape, self._basis("imag"), name="imag_kernel")
        self.built = True

    def _basis(self, side):
        return initializers.STFT(side, self.window, self.scaling, self.periodic)

    def call(self, inputs: Any) -> AnyTensor:
        dtype = backend.standardize_dtype(inputs.dtype)
        if dtype not in ("float16", "float32", "float64"):
            raise TypeError(f"`inputs` must be of float16, float32 or float64, got {dtype}.")
        first = self.data_format == "channels_first"
        channels = inputs.shape[1 if first else 2]
        signals = inputs if first else ops.transpose(inputs, (0, 2, 1))
        samples = ops.shape(signals)[2]
        frames = self._transformed(ops.reshape(signals, (-1, samples, 1)))
        count, width = ops.shape(frames)[1:]
        frames = ops.reshape(frames, (-1, channels, count, width))
        if self.expand_dims:
            return frames if first else ops.transpose(frames, (0, 2, 3, 1))
        if first:
            return ops.reshape(ops.transpose(frames, (0, 1, 3, 2)), (-1, channels * width, count))
        return ops.reshape(ops.transpose(frames, (0, 2, 1, 3)), (-1, count, channels * width))

    def _transformed(self, signals):
        """(signals, samples, 1) to (signals, frames, what the mode gives)."""
        real = None if self.mode == "imag" else self._convolved(signals, self.real_kernel)
        imaginary = None if self.mode == "real" else self._convolved(signals, self.imag_kernel)
        if self.mode in ("real", "imag"):
            return real if imaginary is None else imaginary
        if self.mode == "stft":
            return ops.concatenate([real, imaginary], axis=-1)
        if self.mode == "angle":
            return ops.arctan2(imaginary, real)
        power = ops.square(real) + ops.square(imaginary)
        if self.mode == "psd":
            return ops.concatenate([power[..., :1], 2.0 * power[..., 1:-1], power[..., -1:]], axis=-1)
        magnitude = ops.sqrt(ops.maximum(power, config.epsilon()))
        return ops.log(magnitude) if self.mode == "log" else magnitude

    def _convolved(self, signals, kernel):
        return ops.conv(signals, ops.cast(kernel, signals.dtype), self._step, self.padding, "channels_last")

    def get_config(self) -> Config:
        names = "mode frame_length frame_step fft_length window periodic scaling padding data_format expand_dims"
        config = {name: getattr(self, name) for name in names.split()}
        return {**super().get_config(), **config, "window": serialize_keras_object(self.window)}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Any:
        window = config.get("window")
        if isinstance(window, dict):
            config = {**config, "window": deserialize_keras_object(window, custom_objects)}
        return super().from_config(config)


def _check_choices(mode, scaling, padding):
    for name, value, choices in (
        ("mode", mode, _MODES),
        ("scaling", scaling, ("density", "spectrum", None)),
        ("padding", padding, ("valid", "same")),
    ):
        if value not in choices:
            raise ValueError(f"`{name}` must be one of {', '.join(map(repr, choices))}, got {value!r}.")


def _check_lengths(frame_length, frame_step, fft_length):
    for name, value in (("frame_length", frame_length), ("frame_step", frame_step), ("fft_length", fft_length)):
        if value is None and name != "frame_length":
            continue
        if not isinstance(value, int) or value < 1:
            raise (ValueError if isinstance(value, (int, float)) else TypeError)(
                f"`{name}` must be a whole number of 1 or more, got {value!r}."
            )
    if frame_step is not None and frame_step > frame_length:
        raise ValueError(f"`frame_step` must be no more than `frame_length`={frame_length}, got {frame_step}.")
    if fft_length is not None and fft_length < frame_length:
        raise ValueError(f"`fft_length` must be at least `frame_length`={frame_length}, got {fft_length}.")
    if fft_length is not None and fft_length & (fft_length - 1):
        warnings.warn(f"`fft_length`={fft_length} is no power of two, which takes longer.", stacklevel=4)
