"""EinsumDense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.backend.variable import Variable
from kerasish.initializers import VarianceScaling
from kerasish.layers.base.arguments import not_offered, serialized
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import ActivationLike, Axis, Config, ConstraintLike, InitializerLike, RegularizerLike, ShapeLike


class EinsumDense(Layer):
    """outputs = activation(einsum(equation, inputs, kernel) + bias): a dense layer over any axes.

    Args:
        equation: string such as "abc,cd->abd": a letter an axis, the kernel second. "..." may stand for axes of the
            inputs, at their beginning or end.
        output_shape: int or tuple, the sizes of the output's axes without the batch and the axes of "..."; None
            where it follows from the inputs.
        activation: name or function applied to the outputs; None for none.
        bias_axes: string, the letters of the output along which there is a bias, or None for no bias.
        kernel_initializer: Initializer, its name or config, for the kernel.
        bias_initializer: Initializer, its name or config, for the bias.
        kernel_regularizer: Regularizer, its name or config, for the kernel; None for none.
        bias_regularizer: Regularizer, its name or config, for the bias; None for none.
        kernel_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        bias_constraint: Constraint, its name or config, for the bias after each update; None for none.
        lora_rank: None; LoRA is not offered by this argument.
        lora_alpha: None, as `lora_rank`.
        gptq_unpacked_column_size: None; quantization is not offered by this argument.
        quantization_config: None; quantization is not offered by this argument.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input and output shape:
        as the equation says, the batch first.

    Raises:
        ValueError: for an equation of another form, or one that does not fit the shapes.

    >>> import kerasish as keras
    >>> keras.layers.EinsumDense("abc,cd->abd", (None, 8), bias_axes="d")(keras.ops.ones((2, 3, 4))).shape
    (2, 3, 8)
    """

    def __init__(
        self,
        equation: Any,
        output_shape: ShapeLike,
        activation: ActivationLike = None,
        bias_axes: Axis = None,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: Any = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        not_offered(
            lora_rank=lora_rank,
            lora_alpha=lora_alpha,
            gptq_unpacked_column_size=gptq_unpacked_column_size,
            quantization_config=quantization_config,
        )
        self.equation: str = equation
        self.bias_axes: Axis = bias_axes
        self.partial_output_shape: tuple[Any, ...] = (
            (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        )
        self._terms = _terms(equation)
        self.activation: Callable[..., Any] = activations.get(activation)
        self.kernel_initializer: Callable[..., Any] = initializers.get(kernel_initializer)
        self.bias_initializer: Callable[..., Any] = initializers.get(bias_initializer)
        self.kernel_regularizer: Callable[..., Any] | None = regularizers.get(kernel_regularizer)
        self.bias_regularizer: Callable[..., Any] | None = regularizers.get(bias_regularizer)
        self.kernel_constraint: Callable[..., Any] | None = constraints.get(kernel_constraint)
        self.bias_constraint: Callable[..., Any] | None = constraints.get(bias_constraint)
        self.input_spec: InputSpec = InputSpec()  # one tensor

    def build(self, input_shape: ShapeLike) -> None:
        inputs, outputs, sizes = self._axes(input_shape)
        weight = list(self._terms[1])
        unknown = [c for c in weight if sizes.get(c) is None]
        if unknown:
            raise ValueError(
                f"{self.name!r}: the kernel's axes {unknown} of {self.equation!r} have no known size; the input shape "
                f"is {input_shape}."
            )
        bias_shape = None if self.bias_axes is None else self._bias_shape(outputs, sizes)
        self.input_spec: InputSpec = InputSpec(ndim=len(input_shape))
        self.kernel: Variable = self.add_weight(
            tuple(sizes[c] for c in weight),
            self._initializer_for(weight, outputs),
            name="kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if bias_shape is not None:
            self.bias: Variable | None = self.add_weight(
                bias_shape,
                self.bias_initializer,
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def _axes(self, input_shape):
        """The labels of the inputs' axes, of the outputs' axes, and a dict from label to size."""
        x, weight, y = self._terms
        unnamed = [f"...{i}" for i in range(len(input_shape) - len(x.replace("...", "")))]
        inputs, outputs = _labels(x, unnamed), _labels(y, unnamed)
        if len(inputs) != len(input_shape):
            raise ValueError(
                f"{self.name!r}: the inputs of {self.equation!r} have {len(inputs)} axes, got shape "
                f"{tuple(input_shape)}."
            )
        sizes = dict(zip(inputs, input_shape))
        missing = [c for c in weight if c not in inputs and c not in outputs]
        missing += [c for c in outputs if c not in inputs and c not in weight]
        if missing or len(set(outputs)) != len(outputs):
            raise ValueError(
                f"{self.name!r}: in {self.equation!r} each axis of the kernel or the output must occur once more; "
                f"{missing or outputs} do not."
            )
        free = [c for c in outputs[1:] if c not in unnamed]
        if len(free) != len(self.partial_output_shape):
            raise ValueError(
                f"`output_shape` must give a size for each of the axes {free} of {self.equation!r}, got "
                f"{self.partial_output_shape}."
            )
        for label, size in zip(free, self.partial_output_shape):
            known = sizes.get(label)
            if None not in (known, size) and known != size:
                raise ValueError(
                    f"`output_shape` {self.partial_output_shape} says {size} for axis {label!r} of {self.equation!r}, "
                    f"the inputs say {known}."
                )
            sizes[label] = known if size is None else size
        return inputs, outputs, sizes

    def _initializer_for(self, weight, outputs):
        """Fans are counted over the axes that are summed (inputs) and kept (outputs)."""
        made = self.kernel_initializer
        if not isinstance(made, VarianceScaling) or made.input_axes is not None and made.output_axes is not None:
            return made
        kept = [i for i, c in enumerate(weight) if c in outputs]
        summed = [i for i, c in enumerate(weight) if c not in outputs]
        return type(made).from_config(
            {**made.get_config(), "seed": made.seed, "input_axes": summed, "output_axes": kept}
        )

    def _bias_shape(self, outputs, sizes):
        strangers = [c for c in self.bias_axes if c not in outputs]
        if strangers or not self.bias_axes:
            raise ValueError(f"`bias_axes` must be letters of the output of {self.equation!r}, got {self.bias_axes!r}.")
        first = min(outputs.index(c) for c in self.bias_axes)
        shape = tuple(sizes[c] if c in self.bias_axes else 1 for c in outputs[first:])
        if None in shape:
            raise ValueError(
                f"`bias_axes` {self.bias_axes!r} names an axis of unknown size; the bias would have shape {shape}."
            )
        return shape

    def call(self, inputs: Any) -> Any:
        outputs = ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> Config:
        objects = {
            "activation": activations,
            "kernel_initializer": initializers,
            "bias_initializer": initializers,
            "kernel_regularizer": regularizers,
            "bias_regularizer": regularizers,
            "activity_regularizer": regularizers,
            "kernel_constraint": constraints,
            "bias_constraint": constraints,
        }
        plain = {"output_shape": self.partial_output_shape, "equation": self.equation, "bias_axes": self.bias_axes}
        return {**super().get_config(), **plain, **serialized(self, objects), "quantization_config": None}


def _terms(equation):
    """("abc", "cd", "abd") for "abc,cd->abd". Raises ValueError for another form."""
    left, arrow, output = str(equation).replace(" ", "").partition("->")
    inputs, comma, weight = left.partition(",")
    terms = (inputs, weight, output)
    named = [term.replace("...", "", 1) for term in (inputs, output)] + [weight]
    dots_agree = ("..." in inputs) == ("..." in output) and inputs.startswith("...") == output.startswith("...")
    ends = all("..." not in term or term.startswith("...") or term.endswith("...") for term in (inputs, output))
    if not (arrow and comma and dots_agree and ends and all(name.isalpha() for name in named)):
        raise ValueError(
            f"`equation` must look like 'abc,cd->abd', '...b,bc->...c' or 'ab...,bc->ac...', got {equation!r}."
        )
    return terms


def _labels(term, unnamed):
    """A label for each axis of `term`, those of "..." included."""
    before, dots, after = term.partition("...")
    return [*before, *(unnamed if dots else []), *after]
