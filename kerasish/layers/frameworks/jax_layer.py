"""JaxLayer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from kerasish import ops, tree
from kerasish.backend.dtypes import is_float_dtype, standardize_dtype
from kerasish.backend.host_functions import HostFunction
from kerasish.backend.primitives.primitive import Spec
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.layer import Layer
from kerasish.layers.frameworks.installed import framework, weight_of
from kerasish.random import SeedGenerator
from kerasish.typing import Config, ShapeLike

_OF_CALL = ("params", "state", "rng", "inputs", "training")
_OF_INIT = ("rng", "inputs", "training")


class JaxLayer(Layer):
    """A model written in JAX as a layer: JAX computes it on the host, forward and backward.

    Its parameters are the layer's weights, in the order of JAX's `tree_flatten`: optimizers train them, files keep
    them.

    Args:
        call_fn: function of `inputs` and, where it takes arguments of these names, `params` (trained), `state` (not
            trained), `rng` (a key in training, else None) and `training` (bool). It returns the outputs; one that takes
            `state`, the pair of outputs and new state.
        init_fn: function of `rng`, `inputs` (zeros of the shapes that come) and, where it takes that, `training`
            (True). It returns params; where `call_fn` takes `state`, the pair of params and state. None where
            `params` or `state` are given.
        params: nested structure of arrays, the trained parameters to begin with; None for those of `init_fn`.
        state: nested structure of arrays, the state to begin with; None for that of `init_fn`.
        seed: int or None for a random one, of the keys.
        native_serialization_platforms: accepted; it concerns Keras on TensorFlow.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        inputs: tensor, or nested structure of tensors.
        training: bool; None takes it from the call around.

    Raises:
        ImportError: JAX is not installed.
        TypeError: `call_fn` or `init_fn` is no function.
        ValueError: for arguments of theirs that are not those above, and where nothing says what the weights are.

    Example:
        >>> import kerasish as keras
        >>> def dense(params, inputs):
        ...     return inputs @ params["kernel"]
        >>> layer = keras.layers.JaxLayer(dense, params={"kernel": keras.ops.ones((4, 3))})  # doctest: +SKIP
        >>> layer(keras.ops.ones((2, 4))).shape  # doctest: +SKIP
        (2, 3)
    """

    def __init__(
        self,
        call_fn: Callable[..., Any],
        init_fn: Callable[..., Any] | None = None,
        params: Any = None,
        state: Any = None,
        seed: int | None = None,
        native_serialization_platforms: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        self._jax = framework("jax", type(self).__name__, "jax")
        super().__init__(**kwargs)
        self.call_fn: Callable[..., Any] = call_fn
        self.init_fn: Callable[..., Any] | None = init_fn
        self.native_serialization_platforms: Any = native_serialization_platforms
        self._takes = _arguments_of(call_fn, "call_fn", _OF_CALL, ("inputs",))
        self._init_takes = () if init_fn is None else _arguments_of(init_fn, "init_fn", _OF_INIT, ("rng", "inputs"))
        if init_fn is None and params is None and state is None and {"params", "state"} & set(self._takes):
            raise ValueError(
                "`init_fn`, `params` and `state` can't all be None where `call_fn` takes `params` or `state`: nothing "
                "says what they are."
            )
        self._parts: dict[str, Any] = {}
        self._trees: dict[str, Any] = {}
        self._computations: dict[Any, _Computation] = {}
        if "rng" in self._takes:
            self.seed_generator: SeedGenerator = SeedGenerator(seed)
        if params is not None or state is not None:
            self._make_weights(params, state)
            self.built = True
        elif init_fn is None:
            self.built = True

    # -- weights ------------------------------------------------------------------------------------------------

    def build(self, input_shape: ShapeLike) -> None:
        if self._parts or self.init_fn is None:
            return
        zeros = tree.map_shape_structure(
            lambda shape: self._jax.numpy.zeros([n or 1 for n in shape], self.compute_dtype), input_shape
        )
        given = {"rng": self._first_key(), "inputs": zeros, "training": True}
        made = self.init_fn(**{name: given[name] for name in self._init_takes})
        self._make_weights(*(made if "state" in self._takes else (made, None)))

    def _first_key(self):
        """The key that `init_fn` gets."""
        return self._jax.numpy.asarray(SeedGenerator().state.numpy())

    def _make_weights(self, params, state):
        for part, values, trained in (("params", params, True), ("state", state, False)):
            leaves, self._trees[part] = self._jax.tree_util.tree_flatten(values)
            self._parts[part] = [self._weight(leaf, trained) for leaf in leaves]

    def _weight(self, leaf, trained):
        return weight_of(self, self._jax.device_get(self._jax.numpy.asarray(leaf)), trained, "variable")

    # -- calling ------------------------------------------------------------------------------------------------

    def call(self, inputs: Any, training: bool = False) -> Any:
        leaves, structure = self._jax.tree_util.tree_flatten(inputs)
        keys = [self.seed_generator.next()] if "rng" in self._takes and training else []
        params, state = (self._parts.get(part, []) for part in ("params", "state"))
        kind = (structure, len(keys), bool(training))
        if kind not in self._computations:
            self._computations[kind] = _Computation(
                self, structure, (len(params), len(state), len(keys)), bool(training)
            )
        made = self._computations[kind]
        values = [self._in_compute_dtype(variable) for variable in (*params, *state)]
        results = made.function.on(*values, *keys, *leaves)
        outputs, new = self._jax.tree_util.tree_unflatten(made.structure, results), None
        if "state" in self._takes:
            outputs, new = outputs
            for variable, value in zip(state, self._jax.tree_util.tree_leaves(new)):
                variable.assign(value)
        return outputs

    def _in_compute_dtype(self, variable):
        return ops.cast(variable, self.compute_dtype) if is_float_dtype(variable.dtype) else variable.read()

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "call_fn": serialize_keras_object(self.call_fn),
            "init_fn": serialize_keras_object(self.init_fn),
            "native_serialization_platforms": self.native_serialization_platforms,
        }

    @classmethod
    def from_config(cls, config: Config) -> Any:
        made = {
            key: deserialize_keras_object(value) if key in ("call_fn", "init_fn") else value
            for key, value in config.items()
        }
        return super().from_config(made)


class _Computation:
    """`call_fn` for one structure of inputs and one mode, as a function of flat arrays."""

    def __init__(self, layer: JaxLayer, inputs: Any, counts: tuple[int, int, int], training: bool) -> None:
        self._layer, self._inputs, self._counts, self._training = layer, inputs, counts, training
        self._jax = layer._jax
        self.structure: Any = None
        self._compiled = self._jax.jit(self._flat)
        self._compiled_gradient = self._jax.jit(self._slopes)
        self.function = HostFunction(layer.name, self._describe, self._compiled, self._compiled_gradient)

    def _flat(self, *arrays):
        """The leaves of what `call_fn` returns."""
        params, state, keys = self._counts
        unflatten, trees = self._jax.tree_util.tree_unflatten, self._layer._trees
        given = {
            "params": unflatten(trees["params"], arrays[:params]) if trees else None,
            "state": unflatten(trees["state"], arrays[params : params + state]) if trees else None,
            "rng": arrays[params + state] if keys else None,
            "inputs": unflatten(self._inputs, arrays[params + state + keys :]),
            "training": self._training,
        }
        leaves, self.structure = self._jax.tree_util.tree_flatten(
            self._layer.call_fn(**{name: given[name] for name in self._layer._takes})
        )
        return [self._jax.numpy.asarray(leaf) for leaf in leaves]

    def _describe(self, specs):
        shapes = [self._jax.ShapeDtypeStruct(spec.shape, spec.dtype) for spec in specs]
        return [Spec(tuple(x.shape), standardize_dtype(x.dtype)) for x in self._jax.eval_shape(self._flat, *shapes)]

    def _slopes(self, *arrays):
        """The gradients of the floating-point inputs, for inputs and the gradients of the outputs."""
        numbers = self._jax.numpy
        count = sum(self._counts) + self._inputs.num_leaves
        inputs, gradients = arrays[:count], arrays[count:]
        changing = [i for i, x in enumerate(inputs) if numbers.issubdtype(x.dtype, numbers.floating)]

        def of_floats(*floats):
            made = dict(zip(changing, floats))
            outputs = self._flat(*(made.get(i, x) for i, x in enumerate(inputs)))
            return [y for y in outputs if numbers.issubdtype(y.dtype, numbers.floating)]

        outputs, pull = self._jax.vjp(of_floats, *(inputs[i] for i in changing))
        floats = [g for g in gradients if numbers.issubdtype(g.dtype, numbers.floating)]
        return list(pull([g.astype(y.dtype) for g, y in zip(floats, outputs)]))


def _arguments_of(function, role, allowed, required):
    """The names of the arguments of `call_fn` or `init_fn`.

    Raises TypeError where it is no function, ValueError for other names than those `allowed`, or one `required`.
    """
    if not callable(function):
        raise TypeError(f"`{role}` must be a function, got {function!r}.")
    names = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if name not in allowed and parameter.default is parameter.empty:
            raise ValueError(f"`{role}` takes an argument `{name}`, which is none of {', '.join(allowed)}.")
        if name in allowed:
            names.append(name)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(function).parameters.values())
    missing = [name for name in required if name not in names]
    if missing and not takes_any:
        raise ValueError(f"`{role}` must take an argument `{missing[0]}`, it takes {', '.join(names) or 'none'}.")
    return tuple([*names, *(missing if takes_any else ())])
