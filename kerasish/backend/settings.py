"""Global settings: float type, fuzz factor, image layout, which device; from a file, the environment or a call."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from kerasish import forks
from kerasish.suggestions import suggesting

FLOAT_TYPES = ("float16", "bfloat16", "float32", "float64")
DATA_FORMATS = ("channels_last", "channels_first")

_DEFAULTS = {
    "floatx": "float32",
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
    "backend": "numpy",
    "compiled_memory": 2 << 30,
}
_settings = None
_lock = forks.lock()


def config_path() -> Any:
    """Where the settings file lies: `$KERASISH_HOME/kerasish.json`, by default `~/.kerasish/kerasish.json`."""
    home = os.environ.get("KERASISH_HOME") or os.path.join(os.path.expanduser("~"), ".kerasish")
    return Path(home) / "kerasish.json"


def _read_settings():
    settings = dict(_DEFAULTS)
    path = config_path()
    if path.is_file():
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"The settings file {path} is not valid JSON ({error}). Mend or delete it.") from None
        if not isinstance(stored, dict):
            raise ValueError(f"The settings file {path} must hold a JSON object, got {type(stored).__name__}.")
        settings.update({key: stored[key] for key in _DEFAULTS if key in stored})
        _check_floatx(settings["floatx"])
        _check_data_format(settings["image_data_format"])
        _check_compiled_memory(settings["compiled_memory"])
    settings["backend"] = os.environ.get("KERASISH_BACKEND") or settings["backend"]
    return settings


def settings() -> Any:
    """The live settings dictionary, read from the file and the environment at first use."""
    global _settings
    if _settings is None:
        with _lock:
            if _settings is None:
                _settings = _read_settings()
    return _settings


def _check_floatx(value):
    if value not in FLOAT_TYPES:
        raise ValueError(f"`floatx` must be one of {', '.join(FLOAT_TYPES)}, got {value!r}.")


def _check_data_format(value):
    if value not in DATA_FORMATS:
        raise ValueError(f"`data_format` must be 'channels_last' or 'channels_first', got {value!r}.")


def _check_compiled_memory(value):
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"`compiled_memory` must be a number of bytes, an int from 0, got {value!r}.")


def floatx() -> str:
    """The default float type.

    Returns:
        String.

    Example:
        >>> import kerasish as keras
        >>> keras.config.floatx()
        'float32'
    """
    return settings()["floatx"]


@suggesting
def set_floatx(value: str) -> None:
    """Set the default float type.

    Args:
        value: "float16", "bfloat16", "float32" or "float64".

    Raises:
        ValueError: for another.

    Example:
        >>> import kerasish as keras
        >>> keras.config.set_floatx("float64")
        >>> keras.ops.ones((2,)).dtype.name
        'float64'
        >>> keras.config.set_floatx("float32")
    """
    _check_floatx(value)
    settings()["floatx"] = str(value)


def epsilon() -> float:
    """The fuzz factor that keeps divisions and logarithms finite.

    Returns:
        Float.

    Example:
        >>> import kerasish as keras
        >>> keras.config.epsilon()
        1e-07
    """
    return settings()["epsilon"]


@suggesting
def set_epsilon(value: float) -> None:
    """Set the fuzz factor that keeps divisions and logarithms finite.

    Args:
        value: positive number.

    Raises:
        ValueError: for any other value.

    Example:
        >>> import kerasish as keras
        >>> keras.config.set_epsilon(1e-5)
        >>> keras.config.epsilon()
        1e-05
        >>> keras.config.set_epsilon(1e-7)
    """
    value = float(value)
    if not value > 0:
        raise ValueError(f"`epsilon` must be a positive number, got {value!r}.")
    settings()["epsilon"] = value


def image_data_format() -> str:
    """Where image layers look for the channels when not told.

    Returns:
        "channels_last" or "channels_first".

    Example:
        >>> import kerasish as keras
        >>> keras.config.image_data_format()
        'channels_last'
    """
    return settings()["image_data_format"]


@suggesting
def set_image_data_format(data_format: str) -> None:
    """Set where image layers look for the channels when not told.

    Args:
        data_format: "channels_last" or "channels_first".

    Raises:
        ValueError: for an unknown one.

    Example:
        >>> import kerasish as keras
        >>> keras.config.set_image_data_format("channels_last")
    """
    data_format = str(data_format).lower()
    _check_data_format(data_format)
    settings()["image_data_format"] = data_format


def compiled_memory() -> int:
    """How much memory each compiled function may keep what it has compiled in.

    A step is compiled for each signature, the shapes and dtypes of its arguments. Where those of many signatures take
    more together, some are compiled again at each call, and the function warns; two are always kept.

    Returns:
        Int, bytes. 2 GiB at the start.

    Example:
        >>> import kerasish as keras
        >>> keras.config.compiled_memory()
        2147483648
    """
    return settings()["compiled_memory"]


@suggesting
def set_compiled_memory(size: int) -> None:
    """Set how much memory each compiled function may keep what it has compiled in.

    What is kept already stays until another signature comes.

    Args:
        size: int from 0, bytes.

    Raises:
        ValueError: for anything else.

    Example:
        >>> import kerasish as keras
        >>> keras.config.set_compiled_memory(4 << 30)
        >>> keras.config.compiled_memory() // 2**30
        4
        >>> keras.config.set_compiled_memory(2 << 30)
    """
    _check_compiled_memory(size)
    settings()["compiled_memory"] = size


def standardize_data_format(data_format: str | None) -> str:
    """The name of an image layout.

    Args:
        data_format: string, in any case, or None for the default.

    Returns:
        "channels_last" or "channels_first".

    Raises:
        ValueError: for an unknown one.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.standardize_data_format("Channels_First")
        'channels_first'
    """
    if data_format is None:
        return image_data_format()
    data_format = str(data_format).lower()
    _check_data_format(data_format)
    return data_format


_ORDERINGS = {"tf": "channels_last", "th": "channels_first"}


def image_dim_ordering() -> str:
    """`image_data_format()` in the words of Keras 1.

    Returns:
        "tf" for channels last, "th" for channels first.

    Example:
        >>> from kerasish import backend as K
        >>> K.image_dim_ordering()
        'tf'
    """
    return next(old for old, new in _ORDERINGS.items() if new == image_data_format())


@suggesting
def set_image_dim_ordering(dim_ordering: str) -> None:
    """`set_image_data_format` in the words of Keras 1.

    Args:
        dim_ordering: "tf" for channels last, "th" for channels first.

    Raises:
        ValueError: for anything else.

    Example:
        >>> from kerasish import backend as K
        >>> K.set_image_dim_ordering("tf")
    """
    if dim_ordering not in _ORDERINGS:
        raise ValueError(f"`dim_ordering` must be 'tf' or 'th', got {dim_ordering!r}.")
    set_image_data_format(_ORDERINGS[dim_ordering])
