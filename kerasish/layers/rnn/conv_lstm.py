"""What ConvLSTM1D, ConvLSTM2D and ConvLSTM3D share."""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.backend.sizes import unlike_shapes
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.rnn.cell_layer import CellLayer, of_cell
from kerasish.layers.rnn.conv_lstm_cell import ConvLSTMCell
from kerasish.typing import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    IntOrInts,
    RegularizerLike,
    SeedLike,
    ShapeLike,
)


class ConvLSTM(CellLayer):
    """An LSTM over sequences of images with `rank` axes of space.

    Args:
        rank: 1, 2 or 3. The rest as in `ConvLSTM2D`.
    """

    old_arguments: dict[str, str] = {
        **{old: new for old, new in ConvLSTMCell.old_arguments.items() if new not in ("units", "implementation")},
        "nb_filter": "filters",
        "border_mode": "padding",
        "subsample": "strides",
        "dim_ordering": "data_format",
    }

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: IntOrInts = 1,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: SeedLike = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ) -> None:
        arguments = dict(
            rank=rank,
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
        )
        super().__init__(
            ConvLSTMCell,
            arguments,
            "conv_lstm_cell",
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec: InputSpec = InputSpec(ndim=rank + 3)

    def _check_states(self, given, wanted, batch):
        found = tree.flatten(given)
        shape = self.cell.state_shape((batch, *self.cell._step_shape))
        if len(found) != 2 or any(unlike_shapes(getattr(x, "shape", ()), shape) for x in found):
            got = ", ".join(str(tuple(getattr(x, "shape", ()))) for x in found)
            raise ValueError(
                f"`initial_state` of {self.name!r} must be 2 tensors of shape {shape}, got {got or 'nothing'}."
            )

    def compute_output_shape(self, sequences_shape: ShapeLike, initial_state_shape: ShapeLike | None = None) -> Any:
        self._check_shape(sequences_shape)
        batch, steps, *step = sequences_shape
        state = self.cell.state_shape((batch, *step))
        output = (batch, steps, *state[1:]) if self.return_sequences else state
        return (output, state, state) if self.return_state else output

    recurrent_activation: Any = of_cell("recurrent_activation")
    unit_forget_bias: Any = of_cell("unit_forget_bias")


for _name in ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate"):
    setattr(ConvLSTM, _name, of_cell(_name))
