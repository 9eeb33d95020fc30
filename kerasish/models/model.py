"""Model: a layer that can be trained, saved and summarised."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.graph import KerasTensor
from kerasish.backend.texts import with_text_arrays
from kerasish.configs.serialization import serialize_keras_object
from kerasish.layers.base.call_arguments import shape_structure
from kerasish.layers.base.layer import Layer
from kerasish.models import state_trees
from kerasish.models.model_files import ModelFiles
from kerasish.models.own_outputs import apart_from
from kerasish.models.training.trainer import Trainer
from kerasish.suggestions import did_you_mean
from kerasish.typing import Arrays, Config, CustomObjects, ShapeLike

if TYPE_CHECKING:
    from kerasish.backend.compiler.explain import Explanation
    from kerasish.models.layer_costs import LayerExplanation


class Model(ModelFiles, Trainer, Layer):
    """A layer with `fit`, `evaluate`, `predict`, `save` and `summary`.

    Three ways to make one: `Model(inputs, outputs)` from symbolic tensors; a subclass that makes layers in `__init__`
    and uses them in `call`; or `Sequential`.

    Args:
        *args: (inputs, outputs), `KerasTensor`s or structures (lists, dicts, nested) of them, for a functional model;
            nothing for a subclass.
        **kwargs: `inputs` and `outputs` by name; `name`, `trainable` and `dtype` as for every `Layer`.

    Raises:
        ValueError: for a graph that is not connected (naming the tensor), for two layers of one name, for inputs that
            are no symbolic tensors.

    Example:
        >>> import kerasish as keras
        >>> inputs = keras.Input((8,))
        >>> model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
        >>> model.count_params()
        9

        A subclass computes in `call`:

        >>> class Tower(keras.Model):
        ...     def __init__(self, units):
        ...         super().__init__()
        ...         self.hidden = keras.layers.Dense(units, activation="relu")
        ...         self.head = keras.layers.Dense(1)
        ...     def call(self, inputs):
        ...         return self.head(self.hidden(inputs))
        >>> Tower(4)(keras.ops.ones((2, 8))).shape
        (2, 1)
    """

    _public_module = "keras"
    _is_sequence = False  # whether its layers are called one after the other, and listed so
    _untracked = Layer._untracked | {
        "optimizer",
        "_functions",
        "_course",
        "history",
        "_compile_loss",
        "_compile_metrics",
        "_loss_tracker",
        "_compile_arguments",
        "_metrics_found",
        "_direct",
    }

    takes_text = takes_plain_values = True  # its layers say themselves what they take
    _host_prefix = None  # of a graph with text among its inputs: how it is cut before a compiled step
    _direct = None  # of a model that is nothing but a graph of layers: what is known of compiling its calls
    _of_graphs = None  # Functional, which stands above this file and enters itself here

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if _is_functional_call(args, kwargs):
            self.__class__ = functional_class(type(self))
            Model._of_graphs.__init__(self, *args, **kwargs)
            return
        Layer.__init__(self, *args, **kwargs)
        self._init_training()

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; a subclass defines its own.

        Args:
            *args: the inputs, tensors or structures of them, first.
            **kwargs: `training` and `mask` where the subclass takes them.

        Returns:
            Tensor, or a structure of tensors.
        """
        raise NotImplementedError(
            f"Model {type(self).__name__!r} does not define `call`. Define it, or make the model from `inputs` and "
            "`outputs`."
        )

    _no_call = call

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle as usual, but for models of a class made for them.

        A class that was made for a user's functional model (`functional_class`) is not found by its name, and is made
        again.
        """
        declared = getattr(type(self), "_declared_class", None)
        return (
            super().__reduce_ex__(protocol)
            if declared is None
            else (_blank_functional, (declared,), self.__getstate__())
        )

    @property
    def layers(self) -> list[Layer]:
        """The direct sublayers."""
        return self._layers

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A direct sublayer by name or position.

        Args:
            name: string; either this or `index`.
            index: int, negative from the end, in the order of `layers`.

        Returns:
            The `Layer`.

        Raises:
            ValueError: for an unknown name (suggesting the nearest), an index out of range, both or neither.
        """
        layers = self.layers
        if (name is None) == (index is None):
            raise ValueError("`get_layer` takes either `name` or `index`.")
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"`index`={index} is out of range: the model has {len(layers)} layers.")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in layers]
        hint = did_you_mean(name, names, count=3, otherwise=f" It has: {', '.join(names)}.")
        raise ValueError(f"The model {self.name!r} has no layer {name!r}.{hint}")

    def build(self, input_shape: ShapeLike | None = None) -> None:
        """Make the weights for inputs of a shape.

        Args:
            input_shape: tuple with the batch axis, None where a size is open; a structure of shapes for several inputs.
        """
        if self.built or input_shape is None:
            return
        self._build_on(tree.map_shape_structure(lambda shape: KerasTensor(shape, self.input_dtype), input_shape))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._direct is not None:
            function = self._direct.function_for(self, args, kwargs)
            if function is not None:
                return function(args[0], None, None)
        if args and not hasattr(args[0], "dtype"):
            arrays = with_text_arrays(args[0], "inputs")
            if arrays is not args[0]:
                return self(arrays, *args[1:], **kwargs)
        outputs = super().__call__(*args, **kwargs)
        self.built = True
        if self._build_shapes is None and args:
            self._build_shapes = {"input_shape": _open_batch(shape_structure(args[0]))}
        return outputs if context.interpreter() is not None else apart_from((args, kwargs), outputs)

    def _build_for(self, arguments):
        """A model without a `build` of its own is built by its first call, which builds the layers inside."""
        if type(self).build is not Model.build:
            super()._build_for(arguments)

    def _build_on(self, symbolic):
        """Build by a symbolic call, which makes every sublayer's weights."""
        self(symbolic)
        self.built = True

    def get_config(self) -> Config:
        """What `from_config` needs: of a subclass, the recorded arguments of its constructor."""
        return (
            super().get_config()
        )  # defined here too, so that of a subclass without an `__init__` of its own nothing is recorded

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Model:
        """The model that `get_config` describes, with new weights.

        Args:
            config: dict.
            custom_objects: dict from name to class or function of the user's own.

        Returns:
            The model.
        """
        if cls is Model and "input_layers" in config:
            return Model._of_graphs.from_config(config, custom_objects)
        return super().from_config(config)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as a JSON string, for `model_from_json`.

        Args:
            **kwargs: passed on to `json.dumps`, e.g. `indent=2`.

        Returns:
            String, without weights.
        """
        with context.scope(without_assets=True):
            return json.dumps(serialize_keras_object(self), **kwargs)

    def get_build_config(self) -> Config | None:
        shapes = self._build_shapes
        return super().get_build_config() if shapes else None

    # -- looking and keeping ------------------------------------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print a table of the layers.

        It shows name, output shape and number of parameters, and for branched models what each layer is connected to.

        Args:
            line_length: int, the width of the table in characters; None: as wide as it needs to be.
            positions: list of the ends of the columns, as fractions of `line_length` or in characters.
            print_fn: function of a string that shows the text; `print` when None.
            expand_nested: bool. Show the layers of nested models.
            show_trainable: bool. Add a column that says whether a layer is trainable.
            layer_range: (first, last) names, or regular expressions for them, of the layers to show.

        Raises:
            ValueError: for a `layer_range` that fits no layer.

        Example:
            >>> import kerasish as keras
            >>> model, texts = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="small"), []
            >>> model.summary(print_fn=texts.append)
            >>> texts[0].splitlines()[0]
            'Model: "small"'
        """
        from kerasish.models.summary import print_summary  # start-up time: a script may never ask

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def explain(
        self,
        x: Arrays = None,
        y: Arrays = None,
        kind: str = "predict",
        sample_weight: Arrays = None,
        batch_size: int | None = None,
        repeat: int | None = None,
    ) -> Explanation | LayerExplanation:
        """What a step of the model does and how long each part takes, or what each layer costs.

        Weights, optimizer, metrics and seeds are as before when it returns.

        Args:
            x: inputs of one batch, as for `train_on_batch`; or what yields batches, as for `fit`: then a few steps of
                the loop show how long each waits for its batch. None: zeros of the shapes that the model expects.
            y: targets of that batch; None: zeros.
            kind: "predict", "train" or "test" (the latter two need `compile`): run one compiled step with a clock and
                return an Explanation: steps, fused groups, FLOPs, bytes and time of each, by primitive and by layer.
                "layers": compute nothing and return a LayerExplanation: output shape, parameters, FLOPs of a forward
                pass and bytes of activations of each layer.
            sample_weight: weights of that batch, or None.
            batch_size: int, of the zeros; None: 32, and 1 for "layers".
            repeat: int, how often each step is timed; None: for about a second.

        Returns:
            An `Explanation` or a `LayerExplanation`; `print` shows it as a table.

        Raises:
            ValueError: for another kind, for a model that runs eagerly, and where the shape of the inputs is not known.

        Example:
            >>> import kerasish as keras
            >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, use_bias=False)])
            >>> model.explain(batch_size=16, repeat=1).flops
            1024
            >>> model.explain(kind="layers").rows[0]["flops"]
            64
        """
        from kerasish.models.explain import explain  # start-up time: a script may never ask

        return explain(self, x, y, kind, sample_weight, batch_size, repeat)

    def _repr_html_(self):
        from kerasish.models.summary import html_summary  # start-up time: a script may never ask

        return html_summary(self)

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """The values of all variables, nested by their names.

        Args:
            value_format: "backend_tensor" or "numpy_array".

        Returns:
            Dict of "trainable_variables", "non_trainable_variables", "optimizer_variables" and "metrics_variables":
            each a nested dict from the parts of a variable's path to copies of the values.

        Raises:
            ValueError: for another `value_format`, and for two variables of one path.
        """
        return state_trees.read(self, value_format)

    def set_state_tree(self, state_tree: Mapping[str, Any]) -> None:
        """Assign values by name; what is left out stays as it is.

        Args:
            state_tree: nested dict as `get_state_tree` gives it.

        Raises:
            ValueError: for an unknown name (suggesting the nearest) or a value of another shape; nothing has changed.
        """
        state_trees.write(self, state_tree)


def _open_batch(shapes):
    """The shapes with the first axis of each unknown."""
    return None if shapes is None else tree.map_shape_structure(lambda shape: (None, *shape[1:]), shapes)


def _is_functional_call(args, kwargs):
    """Whether a constructor was called as `Model(inputs, outputs)`."""
    return len(args) == 2 or (len(args) == 1 and "outputs" in kwargs) or ("inputs" in kwargs and "outputs" in kwargs)


_functional_classes = {}


def functional_class(cls: type[Model]) -> type[Model]:
    """`cls` (a Model or a user's subclass) with Functional among its bases.

    Same name, so configs and messages name the user's class.
    """
    functional = Model._of_graphs
    if cls is Model:
        return functional
    if issubclass(cls, functional):
        return cls
    if cls not in _functional_classes:
        members = {
            "__module__": cls.__module__,
            "__qualname__": cls.__qualname__,
            "__doc__": cls.__doc__,
            "_declared_class": cls,
        }
        _functional_classes[cls] = type(cls.__name__, (cls, functional), members)
    return _functional_classes[cls]


def _blank_functional(declared):
    cls = functional_class(declared)
    return cls.__new__(cls)
