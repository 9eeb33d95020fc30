"""Global settings under Keras's names (`keras.config`)."""

from __future__ import annotations

import os
from typing import Any

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
from kerasish.suggestions import suggesting

__all__ = [
    "backend",
    "compiled_memory",
    "disable_flash_attention",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "dtype_policy",
    "enable_flash_attention",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_flash_attention_enabled",
    "is_interactive_logging_enabled",
    "is_nnx_enabled",
    "is_traceback_filtering_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "set_backend",
    "set_compiled_memory",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_max_epochs",
    "set_max_steps_per_epoch",
]

_is_on: dict[str, bool | None] = {"interactive logging": True, "traceback filtering": True, "flash attention": None}
_limits: dict[str, int | None] = {}  # what was set; what is not there says the environment


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


def disable_flash_attention() -> None:
    """Tell attention layers that were not told themselves to do without flash attention.

    The CPU has one implementation of attention, so that nothing changes; what a layer was told itself
    (`flash_attention=True`) it is held to.

    Example:
        >>> import kerasish as keras
        >>> keras.config.disable_flash_attention()
        >>> keras.config.is_flash_attention_enabled()
        False
        >>> keras.config.enable_flash_attention()
    """
    _is_on["flash attention"] = False


def enable_flash_attention() -> None:
    """Let attention layers use flash attention where there is such a thing; on the CPU there is not.

    Example:
        >>> import kerasish as keras
        >>> keras.config.enable_flash_attention()
    """
    _is_on["flash attention"] = None


def is_flash_attention_enabled() -> bool | None:
    """Whether attention layers may use flash attention where there is such a thing.

    Returns:
        False after `disable_flash_attention()`; else None, as in Keras: where it is there it is used.

    Example:
        >>> import kerasish as keras
        >>> keras.config.is_flash_attention_enabled() is None
        True
    """
    return _is_on["flash attention"]


def is_nnx_enabled() -> bool:
    """Whether layers are modules of Flax NNX, as Keras's can be on JAX; here they never are.

    Returns:
        False.

    Example:
        >>> import kerasish as keras
        >>> keras.config.is_nnx_enabled()
        False
    """
    return False


def max_epochs() -> int | None:
    """The most epochs that any `fit` trains.

    Returns:
        Int, as `set_max_epochs` or else the environment variable KERAS_MAX_EPOCHS says; None for no limit.

    Raises:
        ValueError: where KERAS_MAX_EPOCHS is no such number.

    Example:
        >>> import kerasish as keras
        >>> keras.config.max_epochs() is None
        True
    """
    return _limit("max_epochs")


@suggesting
def set_max_epochs(max_epochs: int | None) -> None:
    """Limit the epochs of every `fit`, to try a program quickly without changing it.

    The environment variable KERAS_MAX_EPOCHS does so from outside. `fit` warns where it is limited.

    Args:
        max_epochs: int, the epoch (counted from the first ever) at which `fit` ends; None or 0 for no limit.

    Raises:
        ValueError: for anything else.

    Example:
        >>> import kerasish as keras
        >>> keras.config.set_max_epochs(2)
        >>> keras.config.max_epochs()
        2
        >>> keras.config.set_max_epochs(None)
    """
    _limits["max_epochs"] = _checked_limit("`max_epochs`", max_epochs)


def max_steps_per_epoch() -> int | None:
    """The most batches that any `fit`, `evaluate` or `predict` reads in one pass.

    Returns:
        Int, as `set_max_steps_per_epoch` or else the environment variable KERAS_MAX_STEPS_PER_EPOCH says; None for no
        limit.

    Raises:
        ValueError: where KERAS_MAX_STEPS_PER_EPOCH is no such number.

    Example:
        >>> import kerasish as keras
        >>> keras.config.max_steps_per_epoch() is None
        True
    """
    return _limit("max_steps_per_epoch")


@suggesting
def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limit the batches in an epoch of every `fit`, and in every validation, `evaluate` and `predict`.

    The environment variable KERAS_MAX_STEPS_PER_EPOCH does so from outside. The loops warn where they are limited.

    Args:
        max_steps_per_epoch: int, a number of batches; None or 0 for no limit.

    Raises:
        ValueError: for anything else.

    Example:
        >>> import kerasish as keras
        >>> keras.config.set_max_steps_per_epoch(10)
        >>> keras.config.max_steps_per_epoch()
        10
        >>> keras.config.set_max_steps_per_epoch(None)
    """
    _limits["max_steps_per_epoch"] = _checked_limit("`max_steps_per_epoch`", max_steps_per_epoch)


def _limit(name):
    if name not in _limits:
        variable = f"KERAS_{name.upper()}"
        given = os.environ.get(variable, "").strip() or None
        _limits[name] = _checked_limit(variable, int(given) if given and given.isdigit() else given)
    return _limits[name]


def _checked_limit(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 0:
        raise ValueError(f"{name} must be an int from 0, or None for no limit, got {value!r}.")
    return int(value) or None
