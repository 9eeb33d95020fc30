"""The learning phase of classic Keras: whether training or testing goes on, where no call says it."""

from __future__ import annotations

from typing import Any

from kerasish.backend import context
from kerasish.backend.graph import Tensor
from kerasish.suggestions import suggesting

_phase = None


class LearningPhase(int):
    """0 (test) or 1 (training). As an input of `function`, the value passed for it sets the phase of that run."""


def learning_phase() -> Any:
    """Whether training or testing goes on: 1 inside a call in training mode (or after `set_learning_phase(1)`), else 0.

    Returns:
        0 or 1; as an input of `function`, the value passed for it sets the phase of that run.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> int(K.learning_phase())
        0
    """
    training = context.current().training
    return LearningPhase(bool(training if training is not None else _phase))


@suggesting
def set_learning_phase(value: int | None) -> None:
    """Set the phase that holds where no call says otherwise.

    Args:
        value: 0 (test), 1 (training), or None to forget it.

    Raises:
        ValueError: for anything else.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.set_learning_phase(1)
        >>> int(K.learning_phase())
        1
        >>> K.set_learning_phase(None)
    """
    global _phase
    if value not in (0, 1, None):
        raise ValueError(f"The learning phase is 0 or 1, got {value!r}.")
    _phase = value


@suggesting
def in_train_phase(x: Any, alt: Any, training: bool | None = None) -> Any:
    """One value in training, another one else.

    Args:
        x: tensor, or function without arguments that returns it: the value in training.
        alt: tensor, or function without arguments that returns it: the value otherwise.
        training: bool, or None for the learning phase.

    Returns:
        The chosen value.

    Raises:
        ValueError: when `training` is a symbolic tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.in_train_phase(1, 2, training=True)
        1
    """
    training = learning_phase() if training is None else training
    if isinstance(training, Tensor):
        raise ValueError("`training` must be True or False here: traces are made per mode.")
    chosen = x if training else alt
    return chosen() if callable(chosen) else chosen


@suggesting
def in_test_phase(x: Any, alt: Any, training: bool | None = None) -> Any:
    """One value in test mode, another one else.

    Args:
        x: tensor, or function without arguments that returns it: the value in test mode.
        alt: tensor, or function without arguments that returns it: the value otherwise.
        training: bool, or None for the learning phase.

    Returns:
        The chosen value.

    Raises:
        ValueError: when `training` is a symbolic tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.in_test_phase(1, 2, training=True)
        2
    """
    return in_train_phase(alt, x, training)
