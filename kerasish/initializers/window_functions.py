"""Window functions of signal processing, by name; as lists of floats, for they are short and computed once."""

from __future__ import annotations

import math

from kerasish.suggestions import did_you_mean

# Coefficients a_k of sum((-1)^k a_k cos(2 pi k n / (N - 1))).
_COSINE_SUMS = {
    "boxcar": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}


def _triangle(n, length, ends):
    """A straight rise and fall; with `ends` 0 the first and last value are 0."""
    middle = (length - 1) / 2
    return 1.0 - abs(n - middle) / (middle + ends) if middle + ends else 1.0


_SHAPES = {
    "bartlett": lambda n, length: _triangle(n, length, 0.0),
    "triang": lambda n, length: _triangle(n, length, 0.5 if length % 2 == 0 else 1.0),
    "cosine": lambda n, length: math.sin(math.pi * (n + 0.5) / length),
    "bohman": lambda n, length: _bohman(abs(2 * n / (length - 1) - 1)),
}
_ALIASES = {
    "rectangular": "boxcar",
    "rect": "boxcar",
    "ones": "boxcar",
    "box": "boxcar",
    "hanning": "hann",
    "han": "hann",
    "ham": "hamming",
    "hamm": "hamming",
    "blk": "blackman",
    "black": "blackman",
    "bart": "bartlett",
    "triangle": "triang",
}


def _bohman(x):
    return 0.0 if x >= 1 else (1 - x) * math.cos(math.pi * x) + math.sin(math.pi * x) / math.pi


WINDOWS = (*_COSINE_SUMS, *_SHAPES)


def check_window(name: str) -> str:
    """The plain name of a window. Raises ValueError, with the nearest names, for an unknown one."""
    plain = _ALIASES.get(name.lower(), name.lower())
    if plain not in WINDOWS:
        hint = did_you_mean(plain, WINDOWS, otherwise=" Pass the values themselves for another one.")
        raise ValueError(f"`window` must be one of {', '.join(map(repr, WINDOWS))}, got {name!r}.{hint}")
    return plain


def window_values(name: str, length: int, periodic: bool = False) -> list[float]:
    """The window `name` as `length` floats; `periodic` for spectra (the value after the last equals the first).

    Args:
        name: string, such as "hann".
        length: int, how many values.
        periodic: bool, whether the value after the last equals the first, as spectra want it.

    Returns:
        List of floats.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    Example:
        >>> from kerasish.initializers.window_functions import window_values
        >>> [round(x, 3) for x in window_values("hann", 4, periodic=True)]
        [0.0, 0.5, 1.0, 0.5]
    """
    name = check_window(name)
    if length <= 1:
        return [1.0] * length
    full = length + 1 if periodic else length
    if name in _SHAPES:
        return [_SHAPES[name](n, full) for n in range(length)]
    step = 2 * math.pi / (full - 1)
    terms = list(enumerate(_COSINE_SUMS[name]))
    return [sum((-1) ** k * a * math.cos(k * n * step) for k, a in terms) for n in range(length)]
