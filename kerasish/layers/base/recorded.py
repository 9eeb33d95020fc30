"""What a layer was made and built with: recorded, so that its config and its file can say it."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from kerasish.backend import context, deprecation
from kerasish.layers.base.call_arguments import build_parameters
from kerasish.layers.base.old_arguments import OLD_ARGUMENTS
from kerasish.scalars import plain_numbers
from kerasish.suggestions import name_the_nearest
from kerasish.typing import AnyFunction, Config


def recorded_init(init: AnyFunction) -> AnyFunction:
    """Wrap a class's `__init__`.

    Of the constructor that a user calls, NumPy's numbers become Python's, old spellings are renamed, and the arguments
    are recorded for layers that define no `get_config`. No metaclass does this: a user's layer may have its own.
    """

    @functools.wraps(init)
    def wrapped(self, *args, **kwargs):
        if "_init_arguments" not in vars(self):
            args, kwargs = plain_numbers(args), plain_numbers(kwargs)
            if type(self).old_arguments:
                kwargs = deprecation.renamed(type(self).__name__, kwargs, type(self).old_arguments)
            object.__setattr__(self, "_init_arguments", (args, kwargs))
        try:
            init(self, *args, **kwargs)
        except TypeError as error:
            name_the_nearest(error, init, type(self), kwargs)
            raise

    return wrapped


class SignatureOfInit:
    """What `inspect.signature` of a class says: the parameters of `__init__`, not those of `__new__`."""

    def __get__(self, instance: Any, cls: type) -> inspect.Signature:
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
        return inspect.Signature(parameters)


def recorded_build(build: AnyFunction) -> AnyFunction:
    """Wrap a class's `build`.

    Names of variables get the layer's path, the shapes are remembered, `built` becomes True.
    """
    names = build_parameters(build)

    @functools.wraps(build)
    def wrapped(self, *args, **kwargs):
        self._remember_path()
        outermost = self._build_shapes is None  # a `build` that calls `super().build()` is what a file calls again
        if outermost:
            self._build_shapes = {**dict(zip(names, args)), **kwargs}
        try:
            with context.scope(variable_path=self.path):
                result = build(self, *args, **kwargs)
        except Exception:
            if outermost:
                self._build_shapes = None
            raise
        self.built = True
        if outermost:
            self._set_old_weights()
        return result

    return wrapped


def is_custom_without_config(layer: Any) -> bool:
    """Whether a user's subclass has its own `__init__` below the last class that defines `get_config`."""
    order = type(layer).__mro__
    return order.index(_owner(type(layer), "__init__")) < order.index(_owner(type(layer), "get_config"))


def recorded_arguments(layer: Any) -> Config:
    """What the layer's constructor was called with, by the names of its parameters."""
    args, kwargs = layer._init_arguments
    bound = inspect.signature(type(layer).__init__).bind(layer, *args, **kwargs)
    recorded = {}
    for name, value in list(bound.arguments.items())[1:]:
        parameter = inspect.signature(type(layer).__init__).parameters[name]
        recorded.update(value if parameter.kind is parameter.VAR_KEYWORD else {name: value})
    for old in (*OLD_ARGUMENTS, "dtype", "name", "trainable"):
        recorded.pop(old, None)
    return recorded


def _owner(cls, attribute):
    return next(c for c in cls.__mro__ if attribute in c.__dict__)
