"""Sounds from .wav files, in the number of points a second that is asked for."""

from __future__ import annotations

import wave

import numpy as np

_ZEROS = 16  # of the sinc on each side: how sharp the border between kept and lost frequencies is


def read_wav(path: str, sampling_rate: int | None = None) -> np.ndarray:
    """A sound of linear PCM with 8, 16, 24 or 32 bits a point.

    Args:
        path: of the .wav file.
        sampling_rate: points a second to resample to; None: as it is.

    Returns:
        float32 array of shape (points, channels), values from -1 to 1.
    """
    try:
        with wave.open(path, "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
        points = _decoded(data, width).reshape(-1, channels)
    except (wave.Error, EOFError, ValueError) as error:
        raise ValueError(f"{path!r} is no sound of linear PCM that can be read: {error}.") from error
    return points if sampling_rate in (None, rate) else resampled(points, rate, sampling_rate)


def _decoded(data, width):
    if width == 1:
        return (np.frombuffer(data, "uint8").astype("float32") - 128) / 128
    if width == 3:  # put each into the upper three bytes of four
        wide = np.zeros((len(data) // 3, 4), "uint8")
        wide[:, 1:] = np.frombuffer(data, "uint8").reshape(-1, 3)
        return (wide.view("<i4")[:, 0] / 2**31).astype("float32")
    return (np.frombuffer(data, f"<i{width}") / 2 ** (8 * width - 1)).astype("float32")


def resampled(points: np.ndarray, rate: int, new_rate: int) -> np.ndarray:
    """A sound with another number of points a second, by a windowed sinc that lets no frequency fold back.

    Args:
        points: float32 array of shape (points, channels).
        rate: points a second that it has.
        new_rate: points a second that it gets.
    """
    count, cutoff = -(-len(points) * new_rate // rate), min(1.0, new_rate / rate)
    radius = int(np.ceil(_ZEROS / cutoff))
    padded = np.pad(points, ((radius, radius + 1), (0, 0)))
    found = np.empty((count, points.shape[1]), "float32")
    for start in range(0, count, 4096):  # a bound on memory
        middles = np.arange(start, min(start + 4096, count)) * (rate / new_rate)
        first = np.floor(middles).astype(int) - radius + 1
        taps = first[:, None] + np.arange(2 * radius)
        distances = (taps - middles[:, None]) * cutoff
        weights = cutoff * np.sinc(distances) * np.cos(np.clip(distances / _ZEROS, -1, 1) * np.pi / 2) ** 2
        found[start : start + 4096] = np.einsum("it,itc->ic", weights, padded[taps + radius])
    return found
