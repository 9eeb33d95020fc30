"""Dense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import not_offered, positive, serialized
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import ActivationLike, Config, ConstraintLike, InitializerLike, RegularizerLike, ShapeLike


class Dense(Layer):
    """outputs = activation(inputs @ kernel + bias), over the last axis.

    Args:
        units: int, the size of the last axis of the outputs.
        activation: name or function applied to the outputs; None for none.
        use_bias: bool, whether a learnt bias is added.
        kernel_initializer: Initializer, its name or config, for the kernel.
        bias_initializer: Initializer, its name or config, for the bias.
        kernel_regularizer: Regularizer, its name or config, for the kernel; None for none.
        bias_regularizer: Regularizer, its name or config, for the bias; None for none.
        activity_regularizer: Regularizer, its name or config, for the outputs; None for none.
        kernel_constraint: Constraint, its name or config, for the kernel after each update; None for none.
        bias_constraint: Constraint, its name or config, for the bias after each update; None for none.
        lora_rank: None; LoRA is not offered by this argument.
        lora_alpha: None, as `lora_rank`.
        quantization_config: None; quantization is not offered by this argument.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (..., features).

    Output shape:
        (..., units).

    Raises:
        ValueError: for `units` < 1, or when the last axis of the inputs is unknown.

    >>> import kerasish as keras
    >>> keras.layers.Dense(3)(keras.ops.ones((2, 5))).shape
    (2, 3)
    """

    old_arguments: dict[str, str] = {
        "output_dim": "units",
        "init": "kernel_initializer",
        "W_regularizer": "kernel_regularizer",
        "b_regularizer": "bias_regularizer",
        "W_constraint": "kernel_constraint",
        "b_constraint": "bias_constraint",
        "bias": "use_bias",
    }

    def __init__(
        self,
        units: int,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        not_offered(lora_rank=lora_rank, lora_alpha=lora_alpha, quantization_config=quantization_config)
        self.units: int = positive(units, "units")
        self.activation: Callable[..., Any] = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer: Callable[..., Any] = initializers.get(kernel_initializer)
        self.bias_initializer: Callable[..., Any] = initializers.get(bias_initializer)
        self.kernel_regularizer: Callable[..., Any] | None = regularizers.get(kernel_regularizer)
        self.bias_regularizer: Callable[..., Any] | None = regularizers.get(bias_regularizer)
        self.kernel_constraint: Callable[..., Any] | None = constraints.get(kernel_constraint)
        self.bias_constraint: Callable[..., Any] | None = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: ShapeLike) -> None:
        features = input_shape[-1]
        if features is None:
            raise ValueError(
                f"{self.name!r} needs to know the size of the last axis; the input shape is {input_shape}."
            )
        self.input_spec: InputSpec = InputSpec(min_ndim=2, axes={-1: features})
        self.kernel: Variable = self.add_weight(
            (features, self.units),
            self.kernel_initializer,
            name="kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias: Variable | None = self.add_weight(
                (self.units,),
                self.bias_initializer,
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, inputs: Any) -> Any:
        outputs = ops.matmul(inputs, self.kernel)
        if self.use_bias:
            outputs = ops.add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> Config:
        objects = {
            "activation": activations,
            "kernel_initializer": initializers,
            "bias_initializer": initializers,
            "kernel_regularizer": regularizers,
            "bias_regularizer": regularizers,
            "kernel_constraint": constraints,
            "bias_constraint": constraints,
        }
        return {
            **super().get_config(),
            "units": self.units,
            "use_bias": self.use_bias,
            **serialized(self, objects),
            "quantization_config": None,
        }
