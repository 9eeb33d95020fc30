"""FlaxLayer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.frameworks.installed import framework
from kerasish.layers.frameworks.jax_layer import JaxLayer
from kerasish.typing import Config


class FlaxLayer(JaxLayer):
    """A module of Flax (`flax.linen.Module`) as a layer: JAX computes it on the host, forward and backward.

    The collection "params" of the module is trained, all others are state.

    Args:
        module: a `flax.linen.Module`.
        method: what computes the outputs, the name of a method of the module or a function of it, with `inputs` and,
            where it takes that, `training`; None for `__call__`.
        variables: dict as `module.init` returns it, the weights to begin with; None for those of `module.init`.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...; and `seed`.

    Call arguments:
        inputs: tensor, or nested structure of tensors.
        training: bool; None takes it from the call around.

    Raises:
        ImportError: Flax is not installed.
        TypeError: `module` is no module of Flax.

    Example:
        >>> import flax.linen, kerasish as keras  # doctest: +SKIP
        >>> keras.layers.FlaxLayer(flax.linen.Dense(8))(keras.ops.ones((2, 4))).shape  # doctest: +SKIP
        (2, 8)
    """

    def __init__(
        self, module: Any, method: str | Callable[..., Any] | None = None, variables: Any = None, **kwargs: Any
    ) -> None:
        flax = framework("flax.linen", "FlaxLayer", "flax")
        if not isinstance(module, flax.Module):
            raise TypeError(f"`module` must be a `flax.linen.Module`, got {module!r}.")
        self.module: Any = module
        self.method: Any = method
        self._apply_mutable = framework("flax.core", "FlaxLayer", "flax").DenyList(["params"])
        taking = _takes_training(module, method)
        params, state = _parted(variables) if variables else (None, None)
        super().__init__(
            call_fn=self._training_call if taking else self._call,
            init_fn=self._training_init if taking else self._init,
            params=params,
            state=state,
            **kwargs,
        )

    def _call(self, params, state, rng, inputs):
        return self._applied(params, state, rng, inputs)

    def _training_call(self, params, state, rng, inputs, training):
        return self._applied(params, state, rng, inputs, training=training)

    def _applied(self, params, state, rng, inputs, **more):
        variables = {"params": params, **(state or {})} if params else dict(state or {})
        rngs = None if rng is None else {"params": rng, "dropout": rng, "default": rng}
        return self.module.apply(variables, inputs, rngs=rngs, method=self.method, mutable=self._apply_mutable, **more)

    def _init(self, rng, inputs):
        return _parted(self.module.init({"params": rng, "dropout": rng}, inputs, method=self.method))

    def _training_init(self, rng, inputs, training):
        rngs = {"params": rng, "dropout": rng}
        return _parted(self.module.init(rngs, inputs, method=self.method, training=training))

    def get_config(self) -> Config:
        config = super().get_config()
        for name in ("call_fn", "init_fn"):
            config.pop(name)
        method = self.method
        return {
            **config,
            "module": serialize_keras_object(self.module),
            "method": method if isinstance(method, str) or method is None else serialize_keras_object(method),
        }

    @classmethod
    def from_config(cls, config: Config) -> Any:
        made = dict(config)
        made.pop("native_serialization_platforms", None)
        for key in ("module", "method"):
            if isinstance(made.get(key), dict):
                made[key] = deserialize_keras_object(made[key])
        return super(JaxLayer, cls).from_config(made)


def _parted(variables):
    """(params, state) of the variables of a module."""
    state = {name: value for name, value in variables.items() if name != "params"}
    return variables.get("params"), state


def _takes_training(module, method):
    """Whether what computes the outputs takes `training`."""
    function = getattr(module, method) if isinstance(method, str) else method or type(module).__call__
    return "training" in inspect.signature(function).parameters
