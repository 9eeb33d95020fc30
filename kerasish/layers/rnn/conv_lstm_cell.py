"""ConvLSTMCell."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.primitives.windows import counts
from kerasish.backend.settings import standardize_data_format
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import one_of, positive, sizes
from kerasish.layers.rnn.lstm_cell import LSTMCell
from kerasish.ops.nn.space import padding_for
from kerasish.typing import Config, IntOrInts, ShapeLike


class ConvLSTMCell(LSTMCell):
    """One step of an LSTM whose states are images: convolutions stand where `LSTMCell` has products of matrices.

    The inputs are convolved as the arguments say, h always so that it keeps its size.

    Args:
        rank: 1, 2 or 3, the number of axes of space.
        filters: int > 0, the channels of the states.
        kernel_size, strides, padding, data_format, dilation_rate: as in `Conv2D`.
        **kwargs: those of `LSTMCell` but `units`.
    """

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: IntOrInts,
        strides: IntOrInts = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: IntOrInts = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(positive(filters, "filters"), **kwargs)
        self.implementation = 1  # a dropout mask for each gate
        self.rank = rank
        self.filters: int = self.units
        self.kernel_size: tuple[int, ...] = sizes(kernel_size, rank, "kernel_size")
        self.strides: tuple[int, ...] = sizes(strides, rank, "strides")
        self.dilation_rate: tuple[int, ...] = sizes(dilation_rate, rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"`strides` > 1 and `dilation_rate` > 1 can't be combined, got strides={self.strides} and "
                f"dilation_rate={self.dilation_rate}."
            )
        self.padding: str = one_of(padding, ("valid", "same"), "padding")
        self.data_format: str = standardize_data_format(data_format)

    @property
    def channel_axis(self) -> int:
        """Which axis of a step, (batch, ...), holds the channels; counted from the end."""
        return -1 if self.data_format == "channels_last" else -1 - self.rank

    def build(self, input_shape: ShapeLike) -> None:
        channels = input_shape[self.channel_axis]
        if None in input_shape[1:]:
            raise ValueError(
                f"{self.name!r} needs to know the size of all axes of space and of the channels; the shape of a "
                f"step is {tuple(input_shape)} ({self.data_format})."
            )
        self._step_shape = tuple(input_shape[1:])
        width = self.gates * self.filters
        self.kernel: Variable = self._add("kernel", "kernel", (*self.kernel_size, channels, width))
        self.recurrent_kernel: Variable = self._add(
            "recurrent_kernel", "recurrent", (*self.kernel_size, self.filters, width)
        )
        self.bias: Variable | None = self._add("bias", "bias", self.bias_shape()) if self.use_bias else None

    def state_shape(self, step_shape: ShapeLike) -> tuple[Any, ...]:
        """The shape of h and c for steps of the shape (batch, ...)."""
        last = self.data_format == "channels_last"
        space = tuple(step_shape[1:-1] if last else step_shape[2:])
        pads = padding_for(self.padding, space, self.kernel_size, self.strides, self.dilation_rate)
        space = tuple(counts(space, self.kernel_size, self.strides, pads, self.dilation_rate))
        return (step_shape[0], *space, self.filters) if last else (step_shape[0], self.filters, *space)

    def compute_output_shape(self, input_shape: ShapeLike, states_shape: Any = None) -> Any:
        shape = self.state_shape(input_shape)
        return shape, [shape, shape]

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        shape = self.state_shape((batch_size, *self._step_shape))
        return [ops.zeros(shape, dtype=self.compute_dtype) for _ in range(2)]

    # -- the two halves -----------------------------------------------------------------------------------------

    def project(self, inputs: Any, training: bool) -> Any:
        """What the inputs, one step or all, bring to all gates: one convolution, over all images of all steps."""
        inputs, kernel = ops.cast(inputs, self.compute_dtype), self.cast(self.kernel)
        leading, step = tuple(inputs.shape[: -self.rank - 1]), tuple(inputs.shape[-self.rank - 1 :])
        if training and self.dropout:
            masks, f = self._draw((leading[-1], *step), self.dropout), self.filters
            parts = [
                self._convolved(ops.multiply(inputs, mask), kernel[..., k * f : (k + 1) * f], leading, step)
                for k, mask in enumerate(masks)
            ]
            projected = ops.concatenate(parts, axis=self.channel_axis)
        else:
            projected = self._convolved(inputs, kernel, leading, step)
        bias = self.input_bias()
        if bias is None:
            return projected
        if self.channel_axis != -1:
            bias = ops.reshape(bias, (-1,) + (1,) * self.rank)
        return ops.add(projected, bias)

    def _convolved(self, images, kernel, leading, step):
        images = images if len(leading) == 1 else ops.reshape(images, (-1, *step))
        outputs = ops.conv(images, kernel, self.strides, self.padding, self.data_format, self.dilation_rate)
        return outputs if len(leading) == 1 else ops.reshape(outputs, (*leading, *outputs.shape[1:]))

    def through(self, h: Any, kernel: Any) -> Any:
        return ops.conv(h, kernel, padding="same", data_format=self.data_format)

    def mask_shape(self, state: Any) -> tuple[Any, ...]:
        return tuple(state.shape)

    def cut(self, x: Any) -> list[Any]:
        return list(ops.split(x, x.shape[self.channel_axis] // self.filters, axis=self.channel_axis))

    def get_config(self) -> Config:
        config = super().get_config()
        del config["units"]
        names = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate")
        return {**config, **{name: getattr(self, name) for name in names}}
