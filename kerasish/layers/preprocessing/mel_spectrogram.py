"""MelSpectrogram: the power of a signal over time, in bands as the ear parts them."""

from __future__ import annotations

import math
from typing import Any

from kerasish import ops
from kerasish.backend.fixed_arrays import fixed
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.typing import AnyTensor, Config, CustomObjects, TensorLike

_HERTZ, _MELS = 700.0, 1127.0  # a frequency f is 1127 log(1 + f / 700) mels


class MelSpectrogram(DataLayer):
    """The spectrogram of a signal in bands that are equally wide on the mel scale, in decibels.

    Args:
        fft_length: int, the points of a Fourier transform.
        sequence_stride: int, points of the signal from one column of the result to the next.
        sequence_length: int, points of the signal that a column sees; None for `fft_length`.
        window: "hann" or "hamming", by which these are weighed, an array of `sequence_length` floats, or None.
        sampling_rate: int, points of the signal a second.
        num_mel_bins: int, bands.
        min_freq: float, in hertz, where the lowest band begins.
        max_freq: float, in hertz, where the highest band ends; None for half the sampling rate.
        power_to_db: whether results are decibels, 10 log10(power / ref_power).
        top_db: float, how far below the largest decibel of all results the smallest may lie.
        mag_exp: float, the power of the magnitudes: 1 for magnitudes, 2 for power.
        min_power: float, which takes the place of smaller powers, so that their logarithm is finite.
        ref_power: float, the power of 0 decibels.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        numbers (samples,) or (batch, samples).

    Output shape:
        floats (num_mel_bins, frames) or (batch, num_mel_bins, frames), a frame each `sequence_stride` samples.

    >>> import kerasish as keras
    >>> layer = keras.layers.MelSpectrogram(fft_length=256, sequence_stride=64, num_mel_bins=20, sampling_rate=8000)
    >>> layer(keras.ops.ones((2, 1000))).shape
    (2, 20, 16)
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: str | TensorLike | None = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fft_length: int = fft_length
        self.sequence_stride: int = sequence_stride
        self.sequence_length: int = sequence_length or fft_length
        self.window: Any = window if isinstance(window, str) else fixed(window)
        self.sampling_rate: int = sampling_rate
        self.num_mel_bins: int = num_mel_bins
        self.min_freq: float = min_freq
        self.max_freq: float = max_freq or int(sampling_rate / 2)
        self.power_to_db: bool = power_to_db
        self.top_db: float = top_db
        self.mag_exp: float = mag_exp
        self.min_power: float = min_power
        self.ref_power: float = ref_power
        self.supports_masking = False
        self._check()

    def _check(self):
        for name in ("fft_length", "sequence_stride", "sequence_length", "sampling_rate", "num_mel_bins"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"`{name}` must be a whole number of 1 or more, got {value!r}.")
        if self.fft_length < self.sequence_length:
            raise ValueError(
                f"`fft_length` must be at least `sequence_length`={self.sequence_length}, got {self.fft_length}."
            )
        if isinstance(self.window, str) and self.window not in ("hann", "hamming"):
            raise ValueError(f"`window` must be 'hann', 'hamming', an array or None, got {self.window!r}.")
        shape = tuple(getattr(self.window, "shape", (self.sequence_length,)))
        if shape != (self.sequence_length,):
            raise ValueError(f"`window` must have shape ({self.sequence_length},), got {shape}.")
        for name in ("min_freq", "max_freq", "top_db", "mag_exp", "min_power", "ref_power"):
            if not isinstance(getattr(self, name), (int, float)):
                raise ValueError(f"`{name}` must be a number, got {getattr(self, name)!r}.")
        if not 0 <= self.min_freq < self.max_freq:
            raise ValueError(
                f"`min_freq` must not be negative, and be less than `max_freq`={self.max_freq}, got {self.min_freq!r}."
            )

    def call(self, inputs: Any) -> AnyTensor:
        x = ops.cast(inputs, self.compute_dtype)
        if len(x.shape) == 0:
            raise ValueError(f"{self.name!r} takes signals, (samples,) or (batch, samples), got a number.")
        real, imaginary = ops.stft(x, self.sequence_length, self.sequence_stride, self.fft_length, self.window)
        power = ops.power(ops.sqrt(ops.square(real) + ops.square(imaginary)), self.mag_exp)
        bands = ops.swapaxes(ops.matmul(power, self._weights(power.dtype)), -1, -2)
        return self._decibels(bands) if self.power_to_db else bands

    def _weights(self, dtype):
        """Matrix (frequencies, bands): each band is a triangle over its neighbours' middles, in mels."""
        frequencies = ops.linspace(0.0, self.sampling_rate / 2, self.fft_length // 2 + 1, dtype="float64")
        mels = ops.expand_dims(ops.log1p(frequencies / _HERTZ) * _MELS, -1)
        lowest, highest = (_MELS * math.log1p(frequency / _HERTZ) for frequency in (self.min_freq, self.max_freq))
        corners = ops.linspace(lowest, highest, self.num_mel_bins + 2, dtype="float64")
        left, middle, right = corners[:-2], corners[1:-1], corners[2:]
        slopes = ops.minimum((mels - left) / (middle - left), (right - mels) / (right - middle))
        weights = ops.where(mels > 0, ops.maximum(slopes, 0.0), 0.0)  # what is constant belongs to no band
        return ops.cast(weights, dtype)

    def _decibels(self, power):
        reference = 10.0 * math.log10(max(self.min_power, self.ref_power))
        decibels = 10.0 * ops.log10(ops.maximum(power, self.min_power)) - reference
        return ops.maximum(decibels, ops.max(decibels) - self.top_db)

    def get_config(self) -> Config:
        names = (
            "fft_length sequence_stride sequence_length window sampling_rate num_mel_bins min_freq max_freq "
            "power_to_db top_db mag_exp min_power ref_power"
        )
        config = {name: getattr(self, name) for name in names.split()}
        return {**super().get_config(), **config, "window": serialize_keras_object(self.window)}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Any:
        window = config.get("window")
        if isinstance(window, dict):
            config = {**config, "window": deserialize_keras_object(window, custom_objects)}
        return super().from_config(config)
