"""TFSMLayer."""

from __future__ import annotations

import os
from typing import Any

from kerasish import tree
from kerasish.backend.host_functions import HostFunction
from kerasish.backend.primitives.primitive import Spec
from kerasish.layers.base.layer import Layer
from kerasish.layers.frameworks.installed import code_is_refused, framework, weight_of
from kerasish.typing import Config, CustomObjects, DTypeLike


class TFSMLayer(Layer):
    """A SavedModel of TensorFlow as a layer: TensorFlow computes it on the host, forward and backward.

    Its variables are the layer's weights. It has none of the structure of the model that was saved: it is one function.

    A SavedModel is a program, so a file that names one is loaded with `safe_mode=False` alone.

    Args:
        filepath: path of the folder of the SavedModel.
        call_endpoint: name of the function that is called, "serve" where `Model.export` wrote it, else often
            "serving_default".
        call_training_endpoint: name of the function that is called in training; None for the same.
        trainable: bool, whether the variables are trained.
        name: string, by default the class name in snake_case, numbered.
        dtype: a dtype, DTypePolicy or its name; the default is the global policy.

    Call arguments:
        inputs: tensor, or list or dict of tensors, as the function takes them.
        training: bool; None takes it from the call around.
        **kwargs: further arguments of the function, passed on as they are.

    Raises:
        ImportError: TensorFlow is not installed.
        ValueError: the SavedModel has no function of that name; the message lists those that it has.

    Example:
        >>> import kerasish as keras
        >>> layer = keras.layers.TFSMLayer("exported", call_endpoint="serve")  # doctest: +SKIP
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        call_endpoint: str = "serve",
        call_training_endpoint: str | None = None,
        trainable: bool = True,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        self._tensorflow = framework("tensorflow", "TFSMLayer", "tensorflow")
        super().__init__(trainable=trainable, name=name, dtype=dtype)
        self.filepath: str = os.fspath(filepath)
        self.call_endpoint: str = call_endpoint
        self.call_training_endpoint: str | None = call_training_endpoint
        self._loaded = self._tensorflow.saved_model.load(self.filepath)
        self._endpoints = {False: self._endpoint(call_endpoint, "call_endpoint")}
        self._endpoints[True] = (
            self._endpoint(call_training_endpoint, "call_training_endpoint")
            if call_training_endpoint
            else self._endpoints[False]
        )
        trained, others = self._variables()
        self._theirs = [*trained, *others]
        self._mine = [self._weight(v, index < len(trained)) for index, v in enumerate(self._theirs)]
        self.built = True

    def _endpoint(self, name, argument):
        found = getattr(self._loaded, name, None)
        if not callable(found):
            found = self._loaded.signatures[name] if name in self._loaded.signatures else None
        if found is None:
            known = sorted({*self._loaded.signatures, *(n for n in ("serve",) if hasattr(self._loaded, n))})
            raise ValueError(
                f"`{argument}` must name a function of the SavedModel {self.filepath!r}, got {name!r}. It has "
                f"{', '.join(map(repr, known)) or 'none'}."
            )
        return found

    def _variables(self):
        """The trainable variables and the others: of the model that was saved, or of the functions that are called."""
        holders = [self._loaded]
        for endpoint in self._endpoints.values():
            holders += [endpoint, *getattr(endpoint, "concrete_functions", ())]
        found: dict[int, Any] = {}
        for holder in holders:
            found.update((id(v), v) for v in getattr(holder, "variables", ()))
        trained = [v for v in found.values() if v.trainable]
        return trained, [v for v in found.values() if not v.trainable]

    def _weight(self, theirs, trained):
        return weight_of(self, theirs.numpy(), trained, theirs.name.partition(":")[0].rpartition("/")[2])

    def build(self, *args: Any, **kwargs: Any) -> None:
        """There is nothing to make: the SavedModel has its variables."""

    def call(self, inputs: Any, training: bool = False, **kwargs: Any) -> Any:
        made = _Computation(self, inputs, kwargs, bool(training))
        results = made.function.on(*self._mine, *tree.flatten(inputs))
        count = len(results) - len(self._mine)
        if training and self.trainable:
            for variable, value in zip(self._mine, results[count:]):
                if not variable.trainable:
                    variable.assign(value)
        return tree.pack_sequence_as(made.structure, results[:count])

    def get_config(self) -> Config:
        names = ("filepath", "call_endpoint", "call_training_endpoint")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None, safe_mode: bool | None = None) -> Any:
        if code_is_refused(safe_mode):
            raise ValueError(
                f"The layer {config.get('name')!r} (TFSMLayer) would load and run the SavedModel "
                f"{config.get('filepath')!r}, a program that lies outside of the file. If you trust it, pass "
                "`safe_mode=False`."
            )
        return super().from_config(config)


class _Computation:
    """A function of a SavedModel, as one of flat arrays: those of its variables, then those of the inputs."""

    def __init__(self, layer: TFSMLayer, inputs: Any, options: Any, training: bool) -> None:
        self._tensorflow, self._layer, self._inputs, self._options = layer._tensorflow, layer, inputs, options
        self._endpoint = layer._endpoints[training]
        self._count = len(layer._mine)
        self.structure: Any = None
        self.function = HostFunction(layer.name, self._describe, self._forward, self._backward)

    def _run(self, inputs):
        given = tree.pack_sequence_as(self._inputs, inputs)
        positional = getattr(self._endpoint, "structured_input_signature", ((), {}))
        by_name = list(positional[1]) if positional and not positional[0] else []
        if by_name and not isinstance(given, dict):  # a signature of TensorFlow takes its tensors by name
            listed = given if isinstance(given, (list, tuple)) else [given]
            outputs = self._endpoint(**dict(zip(by_name, listed)), **self._options)
        elif by_name:
            outputs = self._endpoint(**given, **self._options)
        else:
            outputs = self._endpoint(given, **self._options)
        self.structure = tree.map_structure(lambda y: 0, outputs)
        return tree.flatten(outputs)

    def _describe(self, specs):
        made = [self._tensorflow.zeros(spec.shape, spec.dtype) for spec in specs[self._count :]]
        kept = [v.numpy() for v in self._layer._theirs]
        outputs = self._run(made)
        self._set(kept)
        found = [Spec(tuple(y.shape), y.dtype.name) for y in outputs]
        return [*found, *specs[: self._count]]

    def _set(self, arrays):
        for theirs, array in zip(self._layer._theirs, arrays):
            theirs.assign(array)

    def _forward(self, *arrays):
        self._set(arrays[: self._count])
        outputs = self._run([self._tensorflow.constant(array) for array in arrays[self._count :]])
        return [y.numpy() for y in outputs] + [v.numpy() for v in self._layer._theirs]

    def _backward(self, *arrays):
        tf, layer = self._tensorflow, self._layer
        self._set(arrays[: self._count])
        count = self._count + len(tree.flatten(self._inputs))
        inputs, gradients = [tf.constant(a) for a in arrays[self._count : count]], arrays[count:]
        with tf.GradientTape() as tape:
            tape.watch(layer._theirs)
            floats = [x for x in inputs if x.dtype.is_floating]
            tape.watch(floats)
            outputs = self._run(inputs)
        changing = [v for v in layer._theirs if v.dtype.is_floating] + floats
        weigh = [tf.constant(g, y.dtype) for g, y in zip(gradients, outputs)]
        slopes = tape.gradient(outputs, changing, output_gradients=weigh, unconnected_gradients="zero")
        return [tf.convert_to_tensor(g).numpy() for g in slopes]
