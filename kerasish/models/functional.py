"""Functional: a model that is a graph of layers from inputs to outputs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend.graph import Graph, KerasTensor, has_keras_tensor
from kerasish.backend.masks import get_keras_mask, set_keras_mask
from kerasish.backend.sizes import unlike_shapes
from kerasish.backend.texts import is_text
from kerasish.configs.eras import modernize_once
from kerasish.configs.registration import CustomObjectScope
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.input_layer import Input, InputLayer
from kerasish.models import functional_config
from kerasish.models.added_tensors import AddedTensors
from kerasish.models.host_prefix import HostPrefix, Prepared, is_string
from kerasish.models.layer_graph import LayerGraph, check_symbolic
from kerasish.models.model import Model
from kerasish.ops import expand_dims, squeeze
from kerasish.ops.convert import as_dtype, dtype_of
from kerasish.suggestions import nearest
from kerasish.typing import AnyTensor, Arrays, Config, CustomObjects, Shape, ShapeLike, TensorLike
from kerasish.utils.batch import unpack_singleton


class Functional(Model):
    """A model given by its symbolic inputs and outputs; `Model(inputs, outputs)` makes one.

    Args:
        inputs: `KerasTensor`, or a structure (list, dict, nested) of them.
        outputs: `KerasTensor`, or a structure of them.
        name: string; from the class's name when None.
        **kwargs: `trainable` and `dtype`, as for every `Layer`.

    Raises:
        ValueError: for a graph that is not connected (naming the tensor), for two layers of one name, for inputs that
            are no symbolic tensors.

    Example:
        >>> import kerasish as keras
        >>> inputs = keras.Input((8,))
        >>> keras.Model(inputs, {"a": keras.layers.Dense(1)(inputs), "b": keras.layers.Dense(2)(inputs)}).output_shape
        {'a': (None, 1), 'b': (None, 2)}
    """

    _public_module = "keras.src.models.functional"
    _calls_only_layers = True
    _sizes_only_shown = False  # whether the sizes of the inputs are those of data it was built on, and bind nobody
    _untracked = Model._untracked | {"_input_layers", "_ordered_layers", "_added", "_tells", "_prefix_found"}

    def __init__(
        self,
        inputs: KerasTensor | Sequence[Any] | Mapping[str, Any],
        outputs: KerasTensor | Sequence[Any] | Mapping[str, Any],
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        trainable = kwargs.pop("trainable", None)
        Layer.__init__(self, name=name, **kwargs)
        self._init_training()
        check_symbolic("a functional model", "inputs", inputs)
        check_symbolic("a functional model", "outputs", outputs)
        if any(not _is_input(t) for t in tree.flatten(inputs)):
            inputs, outputs = _with_new_inputs(inputs, outputs)
        self._graph = LayerGraph(inputs, outputs, self.name)
        self._added, self._tells, self._prefix_found = None, self, None
        self._inputs_struct, self._outputs_struct = inputs, outputs
        self._input_layers = [t.node.operation for t in self._graph.inputs]
        self._ordered_layers = [operation for operation in self._graph.operations if isinstance(operation, Layer)]
        self._check_names()
        self.input_spec = None
        self.supports_masking = True
        self.output_names = [_tensor_name(t) for t in self._graph.outputs]
        self.built = True
        if trainable is not None and not trainable:
            self.trainable = False

    def __getstate__(self) -> Any:
        """As every model's, the graph first.

        Its nodes are in order, so that in a deep model none is reached through all those before it.
        """
        return {"_graph": self._graph, **super().__getstate__(), "_prefix_found": None}

    def _check_names(self):
        seen = {}
        for operation in self._graph.operations:
            other = seen.setdefault(operation.name, operation)
            if other is not operation:
                raise ValueError(
                    f"The name {operation.name!r} is used 2 times in the model {self.name!r}. All operation names "
                    "should be unique: give one of the layers "
                    "another `name`."
                )

    @property
    def _layers(self):
        return [*self._ordered_layers, *(self._added.layers if self._added is not None else ())]

    @property
    def _nodes_by_depth(self):
        """Keras's name, by which programs walk the graph."""
        return self._graph.nodes_by_depth()

    layers = property(lambda self: list(self._ordered_layers), doc="The layers in order, InputLayers included.")
    operations = property(lambda self: list(self._graph.operations), doc="Layers and bare ops, in order.")
    inputs = property(lambda self: list(self._graph.inputs), doc="Flat list of the symbolic inputs.")
    outputs = property(lambda self: list(self._graph.outputs), doc="Flat list of the symbolic outputs.")
    input = property(lambda self: self._inputs_struct, doc="The symbolic inputs in their structure.")
    output = property(lambda self: self._outputs_struct, doc="The symbolic outputs in their structure.")
    input_names = property(lambda self: [layer.name for layer in self._input_layers], doc="Names of the inputs.")

    @property
    def input_shape(self) -> Shape | Any:
        """The shape of the input, or the shapes of several in their structure."""
        return _shapes_of(self._inputs_struct)

    @property
    def output_shape(self) -> Shape | Any:
        """The shape of the output, or the shapes of several in their structure."""
        return _shapes_of(self._outputs_struct)

    # -- running ------------------------------------------------------------------------------------------------

    def call(self, inputs: Arrays, training: bool | None = None, mask: TensorLike | None = None) -> AnyTensor:
        """Run the layers on tensors.

        Args:
            inputs: tensor, or the model's structure of inputs.
            training: bool, handed to the layers that behave differently in training; None: what the caller runs in.
            mask: mask, or structure of masks, of the inputs; None where there is none.

        Returns:
            Tensor, or the model's structure of outputs.
        """
        if type(inputs) is Prepared:
            return self._told(self._host_prefix.finish(inputs, self._fit))
        values = self._standardize(inputs)
        if mask is not None:
            for value, item in zip(values, tree.flatten(mask)):
                if item is not None:
                    set_keras_mask(value, item)
        return self._told(self._computed_graph.run(values))

    @property
    def _computed_graph(self):
        """The graph that a call computes: that of the model, or with what was added to it."""
        return self._graph if self._added is None else self._added.graph

    def _told(self, results):
        return unpack_singleton(results if self._added is None else self._added.tell(results, self._tells))

    @property
    def _host_prefix(self):
        """How the graph is cut before a compiled step, where there is text among the inputs and it can be; or None."""
        if type(self).call is not Functional.call or not any(map(is_string, self._graph.inputs)):
            return None
        graph = self._computed_graph
        if self._prefix_found is None or self._prefix_found[0] is not graph:
            self._prefix_found = graph, HostPrefix(graph)
        found = self._prefix_found[1]
        return found if found.obstacle is None else None

    def _prepare_text(self, inputs):
        """What `call` takes in place of inputs with text among them: numbers."""
        prefix, flat = self._host_prefix, self._match(inputs)
        for index, (value, tensor, read) in enumerate(zip(flat, self._graph.inputs, prefix.reads_input)):
            if read or value is None:
                flat[index] = self._fit(value, tensor, index)
        return prefix.prepare(flat)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Shapes and dtypes of the outputs; those of a model that takes text are known since it was made."""
        if any(map(is_string, self._graph.inputs)) and type(self).call is Functional.call:
            self._standardize(args[0] if args else next(iter(kwargs.values())))
            return unpack_singleton(tree.map_structure(lambda t: KerasTensor(t.shape, t.dtype), self._outputs_struct))
        return super().compute_output_spec(*args, **kwargs)

    def add_loss(self, loss: Any, inputs: Any = None) -> None:
        """Add to what training minimises.

        Args:
            loss: tensor of the model's graph, which each step computes from its batch; in a subclass's `call` a scalar
                computed there; or a list of them.
            inputs: accepted for programs written for Keras 2.

        Raises:
            ValueError: for a tensor that depends on an Input that is none of the model's.
        """
        for item in tree.flatten(loss):
            if isinstance(item, KerasTensor):
                self._with_added().add_loss(item)
                self._functions.clear()
            else:
                super().add_loss(item)

    def add_metric(self, value: AnyTensor, name: str | None = None, aggregation: str | None = "mean") -> None:
        """Report the mean of a tensor.

        Args:
            value: tensor of the model's graph, which each step computes from its batch; in a subclass's `call` a tensor
                computed there.
            name: string under which it is reported.
            aggregation: "mean".

        Raises:
            ValueError: without a name, and for a tensor that depends on an Input that is none of the model's.
        """
        if not isinstance(value, KerasTensor):
            super().add_metric(value, name, aggregation)
            return
        if name is None:
            raise ValueError("`add_metric` needs a `name` under which the value is reported.")
        self._with_added().add_metric(value, name)
        self._functions.clear()

    def _with_added(self):
        if self._added is None:
            self._added = AddedTensors(self)
        return self._added

    def compute_mask(self, inputs: Any, mask: TensorLike | None = None) -> Any:
        """The masks of the outputs.

        Args:
            inputs: tensor, or the model's structure of inputs.
            mask: mask, or structure of masks, of the inputs.

        Returns:
            A mask or None for each output, in their structure.
        """
        return None

    def _standardize(self, inputs):
        """The flat list of input values: matched by position or name, checked, with the declared dtype and rank."""
        flat = self._match(inputs)
        return [self._fit(value, tensor, index) for index, (value, tensor) in enumerate(zip(flat, self._graph.inputs))]

    def _match(self, inputs):
        names = self.input_names
        if isinstance(inputs, dict) and not isinstance(self._inputs_struct, dict):
            self._check_keys(names, inputs)
            self._warn_of_extra_keys(names, inputs)
            return [inputs.get(name) for name in names]
        if isinstance(inputs, dict):
            self._check_keys(list(self._inputs_struct), inputs)
            self._warn_of_extra_keys(self._inputs_struct, inputs)
            inputs = {key: inputs.get(key) for key in self._inputs_struct}
        flat = tree.flatten(inputs)
        if len(flat) != len(names):
            hint = ""
            if len(names) == 1 and isinstance(inputs, (list, tuple)) and not has_keras_tensor(inputs):
                hint = " If these are the rows of one input, make them an array: `np.array(x)`."
            raise ValueError(
                f"Model {self.name!r} expects {len(names)} input(s) {names}, but it received {len(flat)}.{hint}"
            )
        return flat

    def _warn_of_extra_keys(self, wanted, given):
        extra = [key for key in given if key not in wanted]
        if extra:
            warnings.warn(
                f"Model {self.name!r} has the inputs {list(wanted)}; what was given as {extra} is not used.",
                stacklevel=6,
            )

    def _check_keys(self, wanted, given):
        optional = {layer.name for layer in self._input_layers if layer.optional}
        missing = [key for key in wanted if key not in given and key not in optional]
        if missing:
            near = nearest(missing[0], given)
            hint = f" Did you mean {missing[0]!r} by {near[0]!r}?" if near else ""
            raise ValueError(
                f"Model {self.name!r} needs the inputs {wanted}; {missing} are missing, got {sorted(given)}.{hint}"
            )

    def _fit(self, value, tensor, index):
        if value is None:
            if self._input_layers[index].optional:
                return None
            raise ValueError(f"Model {self.name!r}: the input {tensor.name!r} is None, but it is not optional.")
        if is_text(value) != is_string(tensor):
            self._refuse_kind(value, tensor)
        shape = tuple(value.shape)
        mask = get_keras_mask(value)
        if len(shape) == len(tensor.shape) + 1 and shape[-1] == 1:
            value = squeeze(value, axis=-1) if not is_text(value) else _of_shape(value, shape[:-1])
        elif len(shape) == len(tensor.shape) - 1 and tensor.shape[-1] == 1:
            value = expand_dims(value, axis=-1) if not is_text(value) else _of_shape(value, (*shape, 1))
        if len(value.shape) != len(tensor.shape) or (
            not self._sizes_only_shown and unlike_shapes(tensor.shape, value.shape)
        ):
            raise ValueError(
                f"Input {index} ({tensor.name!r}) of model {self.name!r} is incompatible with the model: expected "
                f"shape={tensor.shape}, found shape={shape}."
            )
        if not isinstance(value, KerasTensor) and not is_text(value) and dtype_of(value) != tensor.dtype:
            value = as_dtype(value, tensor.dtype)
        if mask is not None and get_keras_mask(value) is None:
            set_keras_mask(value, mask)
        return value

    def _refuse_kind(self, value, tensor):
        wanted, got = ("text", "numbers") if is_string(tensor) else ("numbers", "text")
        raise ValueError(
            f"The input {tensor.name!r} of model {self.name!r} takes {wanted} (dtype {tensor.dtype}), got {got} (dtype "
            f"{value.dtype}, shape {tuple(value.shape)})."
        )

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        """Shape(s) of the outputs for the shape(s) of the inputs."""
        return super().compute_output_shape(input_shape)

    def build(self, input_shape: ShapeLike | None = None) -> None:
        """A functional model is built when it is made."""
        self.built = True

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> Config:
        if type(self).__name__ != "Functional" and not functional_config.has_functional_constructor(type(self)):
            return super().get_config()
        if self._added is not None:
            warnings.warn(
                f"The config of {self.name!r} does not hold the losses and metrics of `add_loss(tensor)` and "
                "`add_metric(tensor)`: add them again to a model that is made from it or loaded from a file.",
                stacklevel=2,
            )
        return functional_config.to_config(self)

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Model:
        if "layers" not in config:
            return super().from_config(config)
        with CustomObjectScope(custom_objects or {}):
            config = modernize_once(config)
        return functional_config.from_config(cls, config, custom_objects)


Model._of_graphs = Functional  # `Model(inputs, outputs)` makes one


def _shapes_of(structure):
    flat = tree.flatten(structure)
    return flat[0].shape if len(flat) == 1 else tree.map_structure(lambda t: t.shape, structure)


def _is_input(tensor):
    return tensor.node is not None and isinstance(tensor.node.operation, InputLayer)


def _with_new_inputs(inputs, outputs):
    """The same layers called again from new Inputs, for a model that begins at intermediate tensors."""
    fresh = tree.map_structure(lambda t: t if _is_input(t) else Input(batch_shape=t.shape, dtype=t.dtype), inputs)
    outputs = Graph(inputs, outputs).run(tree.flatten(fresh))
    return fresh, outputs


def _of_shape(text, shape):
    """Text of another shape: on the host, or symbolic."""
    return KerasTensor(shape, "string") if isinstance(text, KerasTensor) else text.reshape(shape)


def _tensor_name(tensor):
    return tensor.node.operation.name
