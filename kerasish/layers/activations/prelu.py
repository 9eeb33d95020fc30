"""PReLU."""

from kerasish import activations, constraints, initializers, ops, regularizers
from kerasish.layers.base.arguments import serialized
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer


class PReLU(Layer):
    """inputs where they are positive, else inputs times a learnt slope (He et al., 2015).

    Args:
        alpha_initializer, alpha_regularizer, alpha_constraint: names or objects. shared_axes: axes along which one
        slope is shared.

    >>> import kerasish as keras
    >>> keras.layers.PReLU(alpha_initializer="ones")(keras.ops.convert_to_tensor([[-1.0, 2.0]])).tolist()
    [[-1.0, 2.0]]
    """

    old_arguments = {"init": "alpha_initializer"}

    def __init__(
        self, alpha_initializer="Zeros", alpha_regularizer=None, alpha_constraint=None, shared_axes=None, **kwargs
    ):
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer, self.alpha_constraint = (
            regularizers.get(alpha_regularizer),
            constraints.get(alpha_constraint),
        )
        self.shared_axes = (
            None
            if shared_axes is None
            else list(shared_axes)
            if isinstance(shared_axes, (list, tuple))
            else [shared_axes]
        )
        self.supports_masking = True

    def build(self, input_shape):
        shared = self.shared_axes or ()
        shape = [1 if i in shared else d for i, d in enumerate(input_shape)][1:]
        self.alpha = self.add_weight(
            shape,
            self.alpha_initializer,
            name="alpha",
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        self.input_spec = InputSpec(
            ndim=len(input_shape), axes={i: d for i, d in enumerate(input_shape) if i and i not in shared}
        )

    def call(self, inputs):
        return activations.relu(inputs) - self.alpha * activations.relu(ops.negative(inputs))

    def get_config(self):
        objects = {
            "alpha_initializer": initializers,
            "alpha_regularizer": regularizers,
            "alpha_constraint": constraints,
        }
        return {**super().get_config(), **serialized(self, objects), "shared_axes": self.shared_axes}
