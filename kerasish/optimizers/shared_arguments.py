"""The arguments that every optimizer takes besides its own, said once: at run time and to type checkers."""

from __future__ import annotations

import functools
import inspect
from typing import TypedDict

from kerasish.optimizers.optimizer import Optimizer
from kerasish.typing import AnyFunction

_FIRST, *SHARED, _OLD = [*inspect.signature(Optimizer.__init__).parameters.values()][1:]
"""Parameters of `Optimizer` between the learning rate and `**kwargs`, with their defaults."""


class UpdateArguments(TypedDict, total=False):
    """What type checkers know of `SHARED`, for an optimizer whose `weight_decay` is an argument of its own."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class SharedArguments(UpdateArguments, total=False):
    """What type checkers know of `SHARED`: `**shared: Unpack[SharedArguments]` of a constructor."""

    weight_decay: float | None


def with_shared_arguments(init: AnyFunction) -> AnyFunction:
    """Give a constructor `SHARED` behind its own parameters, and before those that stand behind a `*`.

    Its `**shared`, which it hands to its base class, holds those of them that were passed. `inspect.signature` and
    `help` show all, with their defaults; each may be passed by position too.

    Args:
        init: an `__init__(self, learning_rate, ..., **shared)`. A shared argument that is among its own parameters
            keeps that place and default.

    Returns:
        The constructor that takes them all.

    >>> class Signed(Optimizer):
    ...     @with_shared_arguments
    ...     def __init__(self, learning_rate=0.1, floor=0.0, **shared):
    ...         super().__init__(learning_rate, **shared)
    >>> inspect.signature(Signed).parameters["ema_momentum"].default
    0.99
    >>> Signed(0.1, 0.0, 0.004).weight_decay
    0.004
    """
    parameters = inspect.signature(init).parameters.values()
    own = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    behind = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in parameters if p.kind is p.KEYWORD_ONLY]
    taken = {p.name for p in own}
    further = [p for p in SHARED if p.name not in taken] + behind
    signature = inspect.Signature([*own, *further, _OLD], return_annotation=None)
    count, names = len(own) - 1, [p.name for p in further]  # `self` is not among the arguments

    @functools.wraps(init)
    def wrapped(self, *args, **kwargs):
        if len(args) > count:
            signature.bind(self, *args, **kwargs)  # refuses too many, and one that is passed twice
            kwargs |= zip(names, args[count:])
        init(self, *args[:count], **kwargs)

    wrapped.__signature__ = signature
    return wrapped
