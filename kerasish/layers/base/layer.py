"""Layer: weights, and a `call` that uses them. The base of every layer and model."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kerasish import constraints, dtype_policies, initializers, regularizers, tree
from kerasish.backend import context
from kerasish.backend.dtypes import COMPLEX, is_float_dtype, standardize_dtype
from kerasish.backend.graph import KerasTensor, Tensor, has_keras_tensor, record
from kerasish.backend.masks import get_keras_mask, set_keras_mask
from kerasish.backend.names import to_snake_case, unique_name
from kerasish.backend.sizes import shown
from kerasish.backend.trace import infer
from kerasish.backend.variable import Variable
from kerasish.configs.serialization import is_builtin, serialize_keras_object
from kerasish.distribution import shares
from kerasish.distribution.shares import in_force
from kerasish.dtype_policies import DTypePolicy
from kerasish.layers.base.call_arguments import (
    build_arguments,
    call_signature,
    converted,
    fill_masks,
    refuse_plain_values,
    shape_structure,
    training_of,
)
from kerasish.layers.base.call_errors import refuse_no_tensor, say_where
from kerasish.layers.base.declared_shapes import declared_spec, declares_shapes
from kerasish.layers.base.host_specs import host_spec
from kerasish.layers.base.input_spec import InputSpec, check_inputs
from kerasish.layers.base.losses import LayerLosses
from kerasish.layers.base.old_arguments import take_old_arguments
from kerasish.layers.base.recorded import (
    SignatureOfInit,
    is_custom_without_config,
    recorded_arguments,
    recorded_build,
    recorded_init,
)
from kerasish.layers.base.rematerialized import rematerialized
from kerasish.ops.mask_of import give_mask
from kerasish.ops.symbolic_calls import SymbolicCalls
from kerasish.signatures import with_arguments
from kerasish.suggestions import refuse_unknown
from kerasish.typing import Config, ConstraintLike, DTypeLike, InitializerLike, RegularizerLike, ShapeLike

if TYPE_CHECKING:
    from typing_extensions import Self


class Layer(LayerLosses, SymbolicCalls):
    """Base of all layers: subclass it, make weights in `build(input_shape)`, compute in `call(inputs)`.

    `call` may take `training` (a Python bool) and `mask`; both are filled in from the surrounding call where the caller
    does not give them.

    Args:
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        trainable: whether the weights are updated in training.
        dtype: a dtype, DTypePolicy or its name; the default is the global policy.
        autocast: whether floating-point inputs are cast to the compute dtype.
        name: string, by default the class name in snake_case, numbered.

    >>> import kerasish as keras
    >>> class Scale(keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> Scale()(keras.ops.ones((2, 3))).shape
    (2, 3)
    """

    _untracked = frozenset({"_inbound_nodes", "_init_arguments", "_graph", "_losses_added", "_compiled"})
    old_arguments: dict[str, str] = {}  # of a subclass: spellings of Keras 1 and 2 -> today's
    looks_up_rows: bool = False  # of a subclass: whether all it does with its tables is to look up rows
    takes_indices: bool = False  # of a subclass: whether its inputs are whole numbers, which name rows of a table
    runs_on_host: bool = False  # of a subclass: whether `call` computes in Python on values, as with text
    _graph = None  # of a model made from symbolic tensors: the LayerGraph between them
    _inputs_struct = _outputs_struct = None  # and these in their structures

    __signature__: SignatureOfInit = SignatureOfInit()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        return super().__new__(cls)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, recorded in (("__init__", recorded_init), ("build", recorded_build)):
            if name in cls.__dict__:
                setattr(cls, name, recorded(cls.__dict__[name]))  # `cls.__init__ = ...` would hide it from editors

    @recorded_init
    def __init__(
        self,
        *,
        activity_regularizer: RegularizerLike = None,
        trainable: bool = True,
        dtype: DTypeLike | None = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._old_arguments = take_old_arguments(type(self), kwargs)
        refuse_unknown(type(self).__name__, kwargs, type(self), ValueError)
        if name is not None and not isinstance(name, str):
            raise ValueError(f"`name` must be a string, got {name!r}.")
        if name is not None and "/" in name and not context.current().config_is_modern:  # old files have such names
            raise ValueError(
                f"`name` must be without '/', which parts the names in a path, got {name!r}. Write "
                f"{name.replace('/', '_')!r}."
            )
        if not isinstance(trainable, bool):
            raise ValueError(f"`trainable` must be True or False, got {trainable!r}.")
        self.name: str = name or unique_name(to_snake_case(type(self).__name__))
        self.built: bool = type(self).build is Layer.build and is_builtin(type(self))  # no weights to make
        self.activity_regularizer: Callable[..., Any] | None = regularizers.get(activity_regularizer)
        self.autocast: bool = autocast
        self.supports_masking: bool = type(self).compute_mask is not Layer.compute_mask
        self.input_spec: InputSpec | Sequence[InputSpec] | None = None
        self.dtype_policy: DTypePolicy = dtype_policies.get(dtype)
        self._trainable = trainable
        self._path = self._build_shapes = None
        self._added_variables, self._losses_added, self._inbound_nodes, self._metrics_added = [], [], [], {}
        self._loss_functions = []
        self._remat = context.current().remat

    @property
    def takes_text(self) -> bool:
        """Whether text may be among the inputs; a user's own layer may do with it what it likes."""
        return self.runs_on_host or not is_builtin(type(self))

    @property
    def takes_plain_values(self) -> bool:
        """Whether Python's numbers, lists and text may be its inputs; of a user's own layer, whatever it likes."""
        return self.runs_on_host or not is_builtin(type(self))

    # -- building -----------------------------------------------------------------------------------------------

    def build(self, input_shape: ShapeLike) -> None:
        """Make the weights, knowing the shape(s) of the inputs. The default makes none."""
        self.built = True

    def add_weight(
        self,
        shape: ShapeLike | None = None,
        initializer: InitializerLike = None,
        dtype: DTypeLike | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: RegularizerLike = None,
        constraint: ConstraintLike = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Make a Variable that belongs to this layer.

        Args:
            shape: tuple of ints, () for a scalar.
            initializer: Initializer, its name or config; by default Glorot uniform for floats, zeros otherwise.
            dtype: string, by default the layer's variable dtype.
            trainable: bool, whether training updates it.
            autocast: bool, whether reads inside the layer's call are cast to its compute dtype.
            regularizer: Regularizer, its name or config; None for none.
            constraint: Constraint, its name or config; None for none.
            aggregation: "none", "mean", "sum" or "only_first_replica"; accepted, for there is one replica.
            overwrite_with_gradient: bool, whether the optimizer puts the gradient in place of the value.
            name: string.

        Returns:
            The Variable.
        """
        self._check_initialized()
        if isinstance(shape, str):
            raise TypeError(
                f"`add_weight` takes the shape first, got {shape!r}. The name is the keyword argument `name`."
            )
        shape = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        dtype = standardize_dtype(dtype) if dtype is not None else self.variable_dtype
        if initializer is None:
            initializer = "glorot_uniform" if is_float_dtype(dtype) else "zeros"
        with context.scope(variable_path=self.path):
            made = Variable
            if in_force[0] is not None:
                made = in_force[0].variable_class(context.current().path_of(name or "variable"), shape, self)
            variable = made(initializers.get(initializer), shape, dtype, trainable, autocast, aggregation, name=name)
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        variable.trainable = variable.trainable and self._trainable  # a layer may be frozen before it is built
        self._added_variables.append(variable)
        return variable

    def add_variable(
        self,
        shape: ShapeLike,
        initializer: InitializerLike = None,
        dtype: DTypeLike | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: RegularizerLike = None,
        constraint: ConstraintLike = None,
        name: str | None = None,
    ) -> Variable:
        """`add_weight` under its other name.

        Args:
            shape: tuple of ints, () for a scalar.
            initializer: name or Initializer.
            dtype: string, by default the layer's variable dtype.
            trainable: whether training updates it.
            autocast: whether reads are cast to the compute dtype.
            regularizer: name or Regularizer, or None.
            constraint: name or Constraint, or None.
            name: string.

        Returns:
            The Variable.
        """
        return self.add_weight(shape, initializer, dtype, trainable, autocast, regularizer, constraint, name=name)

    def _check_initialized(self):
        if "_added_variables" not in vars(self):
            raise RuntimeError(f"In layer {type(self).__name__!r}, call `super().__init__()` first in `__init__`.")

    def _build_for(self, arguments):
        """Build, if that was not done yet, for the arguments of a call."""
        if self.built:
            return
        self._check_complete(arguments)
        shapes = build_arguments(type(self).build, arguments)
        with context.scope(autocast=None):
            self.build(**shapes)
        self.built = True
        self._set_old_weights()

    def _check_complete(self, arguments):
        """Raise TypeError, which says how the layer is called, where a call lacks an argument."""
        parameters = inspect.signature(self.call).parameters.values()
        needed = [
            x.name for x in parameters if x.default is x.empty and x.kind not in (x.VAR_POSITIONAL, x.VAR_KEYWORD)
        ]
        missing = [name for name in needed if name not in (*arguments, "training", "mask")]  # these are filled in
        if missing and arguments:
            raise TypeError(
                f"Layer {self.name!r} is called without {', '.join(f'`{name}`' for name in missing)}: "
                f"{type(self).__name__} takes ({', '.join(needed)})."
            )

    def _set_old_weights(self):
        weights = self._old_arguments.pop("weights", None)
        if weights is not None:
            self.set_weights(weights)

    # -- calling ------------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._check_initialized()
        allowance = context.current().allowance
        if allowance is not None:  # a config out of a file makes a model
            allowance.take_call(self.name)
        signature = call_signature(type(self).call)
        dtype = self.compute_dtype if self.autocast else None
        args, kwargs = converted(args, dtype, self), converted(kwargs, dtype, self)
        arguments = signature.by_name(args, kwargs)
        first = next(iter(arguments.values()), None)
        check_inputs(self.input_spec, first, self.name)
        if args and not self.takes_plain_values:
            refuse_plain_values(first, self)
        self._remember_path()
        if has_keras_tensor(args, kwargs):
            return self._call_symbolic(args, kwargs, arguments)
        self._build_for(arguments)
        check_inputs(self.input_spec, first, self.name)
        return self._call_on_values(signature, arguments, args, kwargs, first)

    def _remember_path(self):
        if self._path is None:
            self._path = context.current().path_of(self.name)

    def _call_symbolic(self, args, kwargs, arguments):
        """Find the shapes of the outputs and add a node to the functional graph."""
        self._build_for(arguments)
        specs = self.compute_output_spec(*args, **kwargs)
        if specs is None:
            raise ValueError(
                f"`call` of {type(self).__name__} ({self.name!r}) returned None: is the `return` at its end missing?"
            )
        self._clear_losses()
        outputs = record(self, args, kwargs, specs)
        for output, spec in zip(tree.flatten(outputs), tree.flatten(specs)):
            mask = get_keras_mask(spec) if isinstance(spec, Tensor) else None
            if mask is not None:
                give_mask(output, KerasTensor(shown(mask.shape), mask.dtype))
        self._inbound_nodes.append(tree.flatten(outputs)[0].node if tree.flatten(outputs) else None)
        return outputs

    def _call_on_values(self, signature, arguments, args, kwargs, first):
        """Run `call` with `training` and masks filled in, then see to the losses and the mask of the outputs."""
        if getattr(first, "dtype", None) in COMPLEX and self._added_variables and is_builtin(type(self)):
            raise TypeError(
                f"{type(self).__name__} ({self.name!r}) computes with real numbers, got {first.dtype}. Give it the "
                "parts: `ops.view_as_real(x)`, or `ops.abs(x)`."
            )
        outermost = context.current().call_root is None
        if outermost:
            self._clear_losses()
        kwargs = dict(kwargs)
        training = training_of(signature, arguments, kwargs)
        masks = fill_masks(signature, arguments, kwargs)
        compute = self.compute_dtype if self.autocast else None
        with context.scope(
            call_root=context.current().call_root or self, training=training, autocast=compute, variable_path=self.path
        ):
            try:
                call = self.call if self._remat is None else self.rematerialized_call(self.call, *args, **kwargs)
                outputs = call(*args, **kwargs)
            except Exception as error:
                say_where(error, self, arguments)
                refuse_no_tensor(error, self, arguments)
                raise
            if self.activity_regularizer is not None:
                for output in tree.flatten(outputs):  # per sample, so that it weighs the same for any batch size
                    if not hasattr(output, "shape"):
                        raise TypeError(f"`activity_regularizer` of {self.name!r} takes tensors, got {output!r:.80}.")
                    samples = output.shape[0] if output.shape else 1
                    self.add_loss(shares.part_of_mean(self.activity_regularizer(output) / (samples or 1), samples))
        observer = context.current().observer
        if observer is not None:
            observer(self, args, kwargs, outputs)
        self._mask_outputs(first, masks, outputs)
        return outputs

    def rematerialized_call(self, layer_call: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """`layer_call` as the `RematScope` says in which this layer was made.

        Args:
            layer_call: the layer's `call`.
            *args: what it is about to be called on.
            **kwargs: further arguments of that call.

        Returns:
            Function to call in its place.
        """
        return rematerialized(self, layer_call, self._remat)

    def _mask_outputs(self, inputs, masks, outputs):
        masked = any(m is not None for m in tree.flatten(masks))
        if not self.supports_masking:
            if masked:
                warnings.warn(
                    f"Layer {self.name!r} (of type {type(self).__name__}) was passed an input with a mask attached to "
                    "it. However, this layer does "
                    "not support masking and will therefore destroy the mask information. Downstream layers will not "
                    "see the mask.",
                    stacklevel=4,
                )
            return
        if not masked and type(self).compute_mask is Layer.compute_mask:
            return
        found = with_arguments(self.compute_mask, "inputs", "previous_mask")(inputs, masks)
        for output, mask in zip(tree.flatten(outputs), tree.flatten(found) if found is not None else []):
            if mask is not None and get_keras_mask(output) is None and hasattr(output, "shape"):
                set_keras_mask(output, mask)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; every layer defines its own."""
        raise NotImplementedError(f"Layer {type(self).__name__!r} does not define `call`.")

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the outputs; by default that of the inputs where the layer supports masking."""
        return previous_mask if self.supports_masking else None

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Shapes and dtypes of the outputs for symbolic arguments.

        By the layer's own `compute_output_shape` where a subclass outside of this library defines it, else by tracing
        the call once.
        """
        if declares_shapes(type(self)):
            return declared_spec(self, args, kwargs)
        if self.runs_on_host and not is_builtin(type(self)):
            return host_spec(self, args, kwargs)
        return infer(self._traced_call, args, kwargs)

    def _traced_call(self, *args, **kwargs):
        if self.autocast:  # as of values, so that outputs have the dtype that they will have
            args, kwargs = converted(args, self.compute_dtype, self), converted(kwargs, self.compute_dtype, self)
        signature = call_signature(type(self).call)
        arguments = signature.by_name(args, kwargs)
        first = next(iter(arguments.values()), None)
        return self._call_on_values(signature, arguments, args, kwargs, first)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Shape(s) of the outputs for the shape(s) of the inputs."""
        shapes = {
            **dict(zip(call_signature(type(self).call).names, args)),
            **{k.removesuffix("_shape"): v for k, v in kwargs.items()},
        }
        if "input" in shapes:
            shapes = {call_signature(type(self).call).names[0]: shapes.pop("input"), **shapes}
        symbolic = {
            name: tree.map_shape_structure(lambda s: KerasTensor(s, self.input_dtype), shape)
            for name, shape in shapes.items()
            if shape is not None
        }
        self._build_for(symbolic)
        if type(self).compute_output_spec is Layer.compute_output_spec:
            specs = infer(self._traced_call, (), symbolic)  # an override that asks its base class ends here
        else:
            specs = self.compute_output_spec(**symbolic)
        self._clear_losses()
        return shape_structure(specs)

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> Config:
        """What `from_config` needs to make an equal, unbuilt layer.

        A subclass that does not define it gets its constructor's arguments recorded, where they can be serialized.
        """
        base = {"name": self.name, "trainable": self._trainable, "dtype": _dtype_config(self.dtype_policy)}
        if self.activity_regularizer is not None:
            base["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return {**base, **recorded_arguments(self)} if is_custom_without_config(self) else base

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """The layer that `get_config` describes."""
        config = dict(config)
        if isinstance(config.get("dtype"), dict):
            config["dtype"] = dtype_policies.deserialize(config["dtype"])
        try:
            return cls(**config)
        except TypeError as error:
            if isinstance(error, ValueError):  # of an argument's value, which it names
                raise
            raise TypeError(
                f"Can't make {cls.__name__!r} from its config {config}: {error}. Does `get_config` return what "
                "`__init__` takes?"
            ) from error

    def get_build_config(self) -> Config | None:
        """The shapes with which the layer was built, or None."""
        shapes = self._build_shapes
        if not shapes:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": shapes}

    def build_from_config(self, config: Config) -> None:
        """Build with the shapes that `get_build_config` gave."""
        if not config or self.built:
            return
        shapes = config.get("shapes_dict") or {"input_shape": config.get("input_shape")}
        shapes = {name: tree.lists_to_tuples(shape) for name, shape in shapes.items()}
        if len(shapes) == 1:
            self.build(next(iter(shapes.values())))
        else:
            self.build(**shapes)
        self.built = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _dtype_config(policy):
    return serialize_keras_object(policy)
