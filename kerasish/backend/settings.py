"""Global settings: float type, fuzz factor, image layout, which device; from a file, the environment or a call."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from kerasish.typing import TensorLike

FLOAT_TYPES = ("float16", "bfloat16", "float32", "float64")
DATA_FORMATS = ("channels_last", "channels_first")

_DEFAULTS = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last", "backend": "numpy"}
_settings = None
_lock = threading.Lock()


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


def floatx() -> Any:
    """The default float type, as a string.

    >>> import kerasish as keras
    >>> keras.config.floatx()
    'float32'
    """
    return settings()["floatx"]


def set_floatx(value: TensorLike) -> None:
    """Set the default float type: "float16", "float32" or "float64". Raises ValueError for another."""
    _check_floatx(value)
    settings()["floatx"] = str(value)


def epsilon() -> Any:
    """The fuzz factor that keeps divisions and logarithms finite (a float).

    >>> import kerasish as keras
    >>> keras.config.epsilon()
    1e-07
    """
    return settings()["epsilon"]


def set_epsilon(value: TensorLike) -> None:
    """Set the fuzz factor, a positive float."""
    value = float(value)
    if not value > 0:
        raise ValueError(f"`epsilon` must be a positive number, got {value!r}.")
    settings()["epsilon"] = value


def image_data_format() -> Any:
    """Where image layers look for the channels when not told: "channels_last" or "channels_first".

    >>> import kerasish as keras
    >>> keras.config.image_data_format()
    'channels_last'
    """
    return settings()["image_data_format"]


def set_image_data_format(data_format: str) -> None:
    """Set the default image layout. Raises ValueError for an unknown one."""
    data_format = str(data_format).lower()
    _check_data_format(data_format)
    settings()["image_data_format"] = data_format


def standardize_data_format(data_format: str) -> Any:
    """`data_format` in lower case, or the default when None. Raises ValueError for an unknown one."""
    if data_format is None:
        return image_data_format()
    data_format = str(data_format).lower()
    _check_data_format(data_format)
    return data_format
