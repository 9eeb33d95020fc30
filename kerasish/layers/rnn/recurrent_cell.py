"""RecurrentCell: what the cells SimpleRNNCell, LSTMCell and GRUCell share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations, constraints, initializers, ops, random, regularizers
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import fraction, positive, serialized
from kerasish.layers.base.layer import Layer
from kerasish.random import SeedGenerator
from kerasish.random.dropout import dropped
from kerasish.typing import ActivationLike, Config, SeedLike, ShapeLike, TensorLike

PARTS = ("kernel", "recurrent", "bias")
OLD_ARGUMENTS = {
    "output_dim": "units",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "consume_less": "implementation",
}
_CONSUME_LESS = {"cpu": 1, "mem": 1, "gpu": 2}


class RecurrentCell(Layer):
    """One step of a recurrent layer, in two halves.

    What the inputs bring, which is computed for all steps at once, and what the states bring.

    A subclass defines `gates` (how many blocks of `units` columns its kernels have), `stepper`, and `call`, which it
    repeats as `_halves`: a subclass of a user that overrides `call` is then known to compute something else, and is
    called step by step.

    Args:
        units, activation, use_bias, seed: as in the public cells. parts: dict from "kernel", "recurrent", "bias" to
            (initializer, regularizer, constraint).
        dropout, recurrent_dropout: floats from 0 to 1. implementation: 1 draws a dropout mask a gate, 2 one for all; a
            recurrent dropout asks for 1.
    """

    gates = 1
    old_arguments: dict[str, str] = OLD_ARGUMENTS
    _halves = None

    def __init__(
        self,
        units: int,
        activation: ActivationLike,
        use_bias: bool,
        parts: Any,
        dropout: float,
        recurrent_dropout: float,
        seed: SeedLike,
        implementation: int = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units: int = positive(units, "units")
        self.activation: Callable[..., Any] = activations.get(activation)
        self.use_bias = use_bias
        for part in PARTS:
            initializer, regularizer, constraint = parts[part]
            setattr(self, f"{part}_initializer", initializers.get(initializer))
            setattr(self, f"{part}_regularizer", regularizers.get(regularizer))
            setattr(self, f"{part}_constraint", constraints.get(constraint))
        self.dropout: float = fraction(dropout, "dropout")
        self.recurrent_dropout: float = fraction(recurrent_dropout, "recurrent_dropout")
        self.implementation = 1 if self.recurrent_dropout else _CONSUME_LESS.get(implementation, implementation)
        self.seed = seed
        self.seed_generator: SeedGenerator = random.SeedGenerator(seed)
        self.state_size = self.output_size = self.units

    def build(self, input_shape: ShapeLike) -> None:
        features = input_shape[-1]
        if features is None:
            raise ValueError(
                f"{self.name!r} needs to know the size of the last axis; the input shape is {input_shape}."
            )
        width = self.gates * self.units
        self.kernel: Variable = self._add("kernel", "kernel", (features, width))
        self.recurrent_kernel: Variable = self._add("recurrent_kernel", "recurrent", (self.units, width))
        self.bias: Variable | None = self._add("bias", "bias", self.bias_shape()) if self.use_bias else None

    def _add(self, name, part, shape):
        return self.add_weight(
            shape,
            self.initializer_of(part),
            name=name,
            regularizer=getattr(self, f"{part}_regularizer"),
            constraint=getattr(self, f"{part}_constraint"),
        )

    def initializer_of(self, part: Any) -> Any:
        """What initializes the kernel, the recurrent kernel or the bias."""
        return getattr(self, f"{part}_initializer")

    def bias_shape(self) -> tuple[Any, ...]:
        return (self.gates * self.units,)

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Zeros: a list with one (batch_size, units) a state."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in sizes]

    # -- the two halves -----------------------------------------------------------------------------------------

    @property
    def has_halves(self) -> bool:
        """Whether the halves are what `call` does."""
        return type(self).call is type(self)._halves

    def input_bias(self) -> Any:
        """The bias that is added to the inputs' half, or None."""
        return None if self.bias is None else self.cast(self.bias)

    def cast(self, weight: Any) -> Any:
        return ops.cast(weight, self.compute_dtype)

    def project(self, inputs: Any, training: bool) -> Any:
        """What the inputs bring to all gates: (..., batch, features) -> (..., batch, gates * units).

        Dropout is the same in all steps.
        """
        kernel, bias, inputs = self.cast(self.kernel), self.input_bias(), ops.cast(inputs, self.compute_dtype)
        if training and self.dropout:
            shape = (inputs.shape[-2], inputs.shape[-1])
            if self._masks() > 1:
                masks, u = self._draw(shape, self.dropout), self.units
                projected = ops.concatenate(
                    [
                        ops.matmul(ops.multiply(inputs, masks[k]), kernel[:, k * u : (k + 1) * u])
                        for k in range(self.gates)
                    ],
                    axis=-1,
                )
                return projected if bias is None else ops.add(projected, bias)
            inputs = ops.multiply(inputs, self._draw(shape, self.dropout)[0])
        projected = ops.matmul(inputs, kernel)
        return projected if bias is None else ops.add(projected, bias)

    def recur(self, state: Any, training: bool) -> Any:
        """A function from the state h (batch, units) and a block [start, stop) of gates to their products.

        These are h @ their columns of the recurrent kernel, as a list of one (batch, units) a gate. Masks of a
        recurrent dropout are drawn here, once for all steps; `state` tells the shape.
        """
        kernel, u = self.cast(self.recurrent_kernel), self.units
        if training and self.recurrent_dropout:
            masks = self._draw(self.mask_shape(state), self.recurrent_dropout)
            blocks = [kernel[..., k * u : (k + 1) * u] for k in range(self.gates)]
            several = len(masks) > 1
            return lambda h, start, stop: [
                self.through(ops.multiply(h, masks[k if several else 0]), blocks[k]) for k in range(start, stop)
            ]
        columns = {}  # cut outside of the loop

        def block(start, stop):
            if (start, stop) == (0, self.gates):
                return kernel
            if (start, stop) not in columns:
                columns[start, stop] = kernel[..., start * u : stop * u]
            return columns[start, stop]

        for span in self.spans():
            block(*span)
        return lambda h, start, stop: self.cut(self.through(h, block(start, stop)))

    def through(self, h: Any, kernel: Any) -> Any:
        """What the state h brings by a block of the recurrent kernel."""
        return ops.matmul(h, kernel)

    def mask_shape(self, state: Any) -> tuple[Any, ...]:
        """The shape of a mask of the recurrent dropout."""
        return state.shape[0], self.units

    def spans(self) -> list[Any]:
        """The blocks of gates that `recur` is asked for."""
        return [(0, self.gates)]

    def cut(self, x: TensorLike) -> list[Any]:
        """(batch, k * units) as a list of k values (batch, units)."""
        u = self.units
        return [x[..., k * u : (k + 1) * u] for k in range(x.shape[-1] // u)] if x.shape[-1] != u else [x]

    def _masks(self):
        return self.gates if self.implementation == 1 else 1

    def _draw(self, shape, rate):
        """Dropout masks, one (batch, n) for each gate or one for all, with what is kept scaled up."""
        shape = (self._masks(), *shape)
        masks = dropped(ops.ones(shape, dtype=self.compute_dtype), rate, shape, self.seed_generator, samples=1)
        return [masks[k] for k in range(self._masks())]

    def one_step(self, inputs: Any, states: Any, training: bool) -> tuple[Any, ...]:
        """`call` of the cells: (output, new states), in the nesting of the states that came."""
        nested = isinstance(states, (list, tuple))
        states = list(states) if nested else [states]
        wanted = len(self.state_size) if isinstance(self.state_size, list) else 1
        if len(states) != wanted:
            raise ValueError(
                f"`states` of {self.name!r} must hold {wanted} state(s), each of shape (batch, {self.units}), got "
                f"{len(states)}."
            )
        new = self.stepper(states[0], training)(self.project(inputs, training), states)
        return new[0], (list(new) if nested else new[0])

    def get_config(self) -> Config:
        objects = {"activation": activations}
        for part in PARTS:
            objects.update(
                {
                    f"{part}_initializer": initializers,
                    f"{part}_regularizer": regularizers,
                    f"{part}_constraint": constraints,
                }
            )
        plain = {name: getattr(self, name) for name in ("units", "use_bias", "dropout", "recurrent_dropout", "seed")}
        return {**super().get_config(), **plain, **serialized(self, objects)}
