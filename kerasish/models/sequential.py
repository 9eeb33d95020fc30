"""Sequential: a stack of layers, each with one input and one output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import tree
from kerasish.backend.graph import KerasTensor
from kerasish.backend.texts import is_text
from kerasish.configs.eras import modernize_once
from kerasish.configs.registration import CustomObjectScope
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.input_layer import Input, InputLayer
from kerasish.models.functional import Functional
from kerasish.models.model import Model
from kerasish.ops.convert import dtype_of
from kerasish.typing import Config, CustomObjects, ShapeLike, TensorLike


class Sequential(Model):
    """A stack of layers, each of which takes what the one before it gives.

    Args:
        layers: list of layers; an `Input` (or a layer with an old `input_shape`) in front fixes the shape at once,
            otherwise the first data do. None: an empty stack to `add` to.
        trainable: bool, whether the weights are trained.
        name: string; from the class's name when None.

    Raises:
        ValueError: for something that is no layer, or two layers of one name.

    Example:
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3)])
        >>> model.output_shape
        (None, 3)
        >>> model.add(keras.layers.Softmax())
        >>> len(model.layers)
        3
    """

    _calls_only_layers = True
    _untracked = Model._untracked | {"_functional", "_stack"}
    _is_sequence = True

    _shown_text = False  # whether the data that it was built for are text

    def __init__(
        self, layers: Sequence[Layer | KerasTensor] | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        if isinstance(trainable, (Layer, KerasTensor)):
            raise ValueError(
                "`Sequential` takes its layers in one list, got a second layer as `trainable`: write "
                "`Sequential([first, second])`."
            )
        Layer.__init__(self, trainable=trainable, name=name)
        self._init_training()
        self._functional = None
        self._stack = []
        for layer in [] if layers is None else layers if isinstance(layers, (list, tuple)) else [layers]:
            self.add(layer, rebuild=False)
        self._maybe_rebuild()

    def add(self, layer: Layer | KerasTensor, rebuild: bool = True) -> None:
        """Put a layer on top of the stack.

        Args:
            layer: `Layer`, or an `Input` as the first.
            rebuild: bool. Build at once where the shape of the input is known.

        Raises:
            ValueError: for something that is no layer, a name that is taken, an `Input` that is not the first.
        """
        if isinstance(layer, KerasTensor) and isinstance(getattr(layer.node, "operation", None), InputLayer):
            layer = layer.node.operation
        if not isinstance(layer, Layer):
            layer = _as_layer(layer)
        if isinstance(layer, InputLayer) and self._stack:
            raise ValueError(
                f"{self.name!r} begins already with {self._stack[0].name!r}: an Input can only be the first layer."
            )
        if any(other.name == layer.name for other in self._stack):
            raise ValueError(
                f"All layers added to a Sequential model should have unique names. {layer.name!r} is already the name "
                f"of a layer in {self.name!r}. "
                "Give the new layer another `name`."
            )
        shape = layer._old_arguments.get("batch_shape") if not self._stack else None
        if shape is not None:
            self._stack.append(InputLayer(batch_shape=shape, dtype="int32" if layer.takes_indices else None))
        elif not self._stack and isinstance(layer, Functional):
            self._stack.append(InputLayer(batch_shape=layer.input_shape, dtype=layer.inputs[0].dtype))
        self._stack.append(layer)
        if rebuild:
            self._maybe_rebuild()

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the last layer off.

        Args:
            rebuild: bool. Build at once what is left, where the shape of the input is known.

        Returns:
            The `Layer`.

        Raises:
            TypeError: where there is none.
        """
        if not self.layers:
            raise TypeError(f"{self.name!r} has no layers to pop.")
        layer = self._stack.pop()
        self.built, self._functional, self._build_shapes = False, None, None
        if rebuild:
            self._maybe_rebuild()
        return layer

    def _maybe_rebuild(self):
        """(Re)build where the input shape is known; what was compiled is out of date."""
        self.built, self._functional, self._build_shapes = False, None, None
        self._functions.clear()
        if len(self._stack) > 1 and isinstance(self._stack[0], InputLayer):
            self.build(self._stack[0].batch_shape)

    @property
    def _inputs_struct(self):
        return self._functional._inputs_struct if self._functional is not None else None

    @property
    def _outputs_struct(self):
        return self._functional._outputs_struct if self._functional is not None else None

    @property
    def _graph(self):
        return self._functional._graph if self._functional is not None else None

    @property
    def _host_prefix(self):
        plain = self._functional is not None and type(self).call is Sequential.call
        return self._functional._host_prefix if plain else None

    def _prepare_text(self, inputs):
        return self._functional._prepare_text(inputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Shapes and dtypes of the outputs for symbolic arguments."""
        if self._host_prefix is not None:
            return self._functional.compute_output_spec(*args, **kwargs)
        return super().compute_output_spec(*args, **kwargs)

    @property
    def _layers(self):
        added = self._functional._added if self._functional is not None else None
        return [*self._stack, *(added.layers if added is not None else ())]

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the Input."""
        return [layer for layer in self._stack if not isinstance(layer, InputLayer)]

    def build(self, input_shape: ShapeLike | None = None) -> None:
        """Make the weights for inputs of `input_shape`, batch axis included."""
        if self.built or input_shape is None:
            return
        if not self.layers:
            raise ValueError(
                f"Sequential model {self.name!r} can't be built, because it has no layers. Call `model.add(layer)`."
            )
        sizes_only_shown = not isinstance(self._stack[0], InputLayer)
        if sizes_only_shown and not tree.is_shape(input_shape):
            self._build_on_structure(
                tree.map_shape_structure(lambda s: KerasTensor(s, self._first_dtype()), input_shape)
            )
            return
        if sizes_only_shown:
            self._stack.insert(0, InputLayer(batch_shape=tuple(input_shape), dtype=self._first_dtype()))
        inputs = outputs = self._stack[0].output
        for layer in self.layers:
            outputs = layer(outputs)
        self._functional = Functional(inputs, outputs, name=self.name)
        self._functional._sizes_only_shown = sizes_only_shown
        self._functional._tells = self
        self.built = True

    def _first_dtype(self):
        if self._shown_text:
            return "string"
        return "int32" if self.layers[0].takes_indices else None

    def call(self, inputs: Any, training: bool | None = None, mask: TensorLike | None = None) -> Any:
        """Run the layers on tensors.

        Args:
            inputs: tensor, or the model's structure of inputs.
            training: bool, handed to the layers that behave differently in training; None: what the caller runs in.
            mask: mask, or structure of masks, of the inputs; None where there is none.

        Returns:
            Tensor, or the model's structure of outputs.
        """
        if not self.layers:
            return inputs
        if self._functional is not None:
            return self._functional.call(inputs, training=training, mask=mask)
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def _build_for(self, arguments):
        if not self.built and self.layers:
            value = next(iter(arguments.values()))
            if tree.is_nested(value):
                self._build_on_structure(value)
                return
            shape = tuple(value.shape)
            self._shown_text = is_text(value)
            self.build((None, *shape[1:]) if shape else shape)

    def _build_on_structure(self, value):
        """Build layer by layer, where the first one takes a list or dict of tensors."""
        has_text = any(
            is_text(t) for t in tree.flatten(value)
        )  # then a graph, so that the steps are compiled behind it
        make = (lambda shape, dtype: Input(shape[1:], dtype=dtype)) if has_text else KerasTensor
        inputs = outputs = tree.map_structure(
            lambda t: make((None, *tuple(t.shape)[1:]), "string" if is_text(t) else dtype_of(t)), value
        )
        for layer in self.layers:
            outputs = layer(outputs)
        if has_text:
            self._functional = Functional(inputs, outputs, name=self.name)
            self._functional._sizes_only_shown = True
            self._functional._tells = self
        self.built = True

    def add_loss(self, loss: Any, inputs: Any = None) -> None:
        """Add to what training minimises: tensors of the built model's graph, as with a functional model.

        Args:
            loss: tensor of the model's graph, or a list of them.
            inputs: accepted for programs written for Keras 2.
        """
        if any(isinstance(item, KerasTensor) for item in tree.flatten(loss)):
            self._built_part("add_loss")(loss)
            self._functions.clear()
        else:
            super().add_loss(loss)

    def add_metric(self, value: Any, name: str | None = None, aggregation: str | None = "mean") -> None:
        """Report the mean of a tensor of the built model's graph, as with a functional model.

        Args:
            value: tensor of the model's graph.
            name: string under which it is reported.
            aggregation: "mean".
        """
        if isinstance(value, KerasTensor):
            self._built_part("add_metric")(value, name)
            self._functions.clear()
        else:
            super().add_metric(value, name, aggregation)

    def compute_mask(self, inputs: Any, mask: TensorLike | None = None) -> Any:
        """The masks of the outputs.

        Args:
            inputs: tensor, or the model's structure of inputs.
            mask: mask, or structure of masks, of the inputs.

        Returns:
            A mask or None for each output, in their structure.
        """
        return None

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        """The shape of the output for that of the input."""
        if self._functional is not None:
            return self._functional.compute_output_shape(input_shape)
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def _built_part(self, attribute):
        if self._functional is None:
            raise AttributeError(
                f"Sequential model {self.name!r} has no `{attribute}` yet: its input shape is unknown. Start with an "
                "`Input`, or call it on data."
            )
        return getattr(self._functional, attribute)

    inputs = property(lambda self: self._built_part("inputs"), doc="List of the symbolic input.")
    outputs = property(lambda self: self._built_part("outputs"), doc="List of the symbolic output.")
    input = property(lambda self: self._built_part("input"), doc="The symbolic input.")
    output = property(lambda self: self._built_part("output"), doc="The symbolic output.")
    input_shape = property(lambda self: self._built_part("input_shape"), doc="Shape of the input, batch axis included.")
    output_shape = property(
        lambda self: self._built_part("output_shape"), doc="Shape of the output, batch axis included."
    )
    output_names = property(
        lambda self: self._functional.output_names if self._functional is not None else None, doc="Name of the output."
    )
    supports_masking = property(lambda self: True, lambda self, value: None)

    def get_config(self) -> Config:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize_keras_object(self.dtype_policy),
            "layers": [serialize_keras_object(layer) for layer in self._stack],
            **({"build_input_shape": self._functional.input_shape} if self._functional is not None else {}),
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Any:
        with CustomObjectScope(custom_objects or {}):
            config = modernize_once(config)
        layers = [deserialize_keras_object(item, custom_objects=custom_objects) for item in config["layers"]]
        model = cls(layers, trainable=config.get("trainable", True), name=config.get("name"))
        shape = config.get("build_input_shape")
        if not model.built and shape is not None and model.layers:
            model.build(tuple(shape))
        return model


def _as_layer(item):
    """A bare function as a Lambda-like layer is refused, as in Keras: the message says what to do."""
    raise ValueError(
        f"A Sequential model is made of layers, got {item!r}. Wrap a function in `keras.layers.Lambda`, or name it in "
        "`Activation`."
    )
