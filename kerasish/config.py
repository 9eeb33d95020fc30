"""Global settings under Keras's names (`keras.config`)."""

from __future__ import annotations

from kerasish.backend.device import backend, set_backend
from kerasish.backend.settings import (
    compiled_memory,
    epsilon,
    floatx,
    image_data_format,
    set_compiled_memory,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from kerasish.configs.serialization import enable_unsafe_deserialization
from kerasish.dtype_policies.dtype_policy import dtype_policy
from kerasish.dtype_policies.lookup import set_dtype_policy

__all__ = [
    "backend",
    "compiled_memory",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "dtype_policy",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_interactive_logging_enabled",
    "is_traceback_filtering_enabled",
    "set_backend",
    "set_compiled_memory",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
]

_is_on = {"interactive logging": True, "traceback filtering": True}


def disable_interactive_logging() -> None:
    """Show no progress bars where `verbose` is "auto".

    Example:
        >>> import kerasish as keras
        >>> keras.config.disable_interactive_logging()
        >>> keras.config.is_interactive_logging_enabled()
        False
        >>> keras.config.enable_interactive_logging()
    """
    _is_on["interactive logging"] = False


def enable_interactive_logging() -> None:
    """Show progress bars where `verbose` is "auto".

    Example:
        >>> import kerasish as keras
        >>> keras.config.enable_interactive_logging()
        >>> keras.config.is_interactive_logging_enabled()
        True
    """
    _is_on["interactive logging"] = True


def is_interactive_logging_enabled() -> bool:
    """Whether `verbose="auto"` shows progress bars.

    Returns:
        Bool, True at the start.

    Example:
        >>> import kerasish as keras
        >>> keras.config.is_interactive_logging_enabled()
        True
    """
    return _is_on["interactive logging"]


def disable_traceback_filtering() -> None:
    """Kept for programs that call it; it changes nothing, for tracebacks are always whole here.

    Example:
        >>> import kerasish as keras
        >>> keras.config.disable_traceback_filtering()
        >>> keras.config.is_traceback_filtering_enabled()
        False
        >>> keras.config.enable_traceback_filtering()
    """
    _is_on["traceback filtering"] = False


def enable_traceback_filtering() -> None:
    """Kept for programs that call it; it changes nothing, for tracebacks are always whole here.

    Example:
        >>> import kerasish as keras
        >>> keras.config.enable_traceback_filtering()
        >>> keras.config.is_traceback_filtering_enabled()
        True
    """
    _is_on["traceback filtering"] = True


def is_traceback_filtering_enabled() -> bool:
    """What `enable_traceback_filtering` and `disable_traceback_filtering` said last; nothing hangs on it.

    Returns:
        Bool, True at the start.

    Example:
        >>> import kerasish as keras
        >>> keras.config.is_traceback_filtering_enabled()
        True
    """
    return _is_on["traceback filtering"]
