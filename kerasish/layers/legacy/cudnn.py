"""What CuDNNLSTM and CuDNNGRU share: weights in cuDNN's layout, and two biases, said as the plain cells have them."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.rnn.cell_layer import CellLayer
from kerasish.layers.rnn.gru_cell import GRUCell
from kerasish.layers.rnn.lstm_cell import LSTMCell
from kerasish.typing import Config

_ALWAYS_SO = (
    "activation",
    "recurrent_activation",
    "use_bias",
    "dropout",
    "recurrent_dropout",
    "reset_after",
    "seed",
    "unroll",
    "zero_output_for_mask",
)


class _CuDNNWeights:
    """The weights of a cell as cuDNN has them.

    Each gate's kernels are transposed (that of the inputs kept in its old shape), and what the inputs and the state
    bring have a bias each, one behind the other.
    """

    gates: int
    bias: Any
    kernel: Any
    recurrent_kernel: Any

    def bias_shape(self) -> tuple[int]:
        return (2 * self.gates * self.units,)

    def cast(self, weight: Any) -> Any:
        """A weight in the compute dtype, and as the plain cell has it."""
        values = super().cast(weight)
        if weight is self.bias:
            return self.one_bias(ops.reshape(values, (2, -1)))
        if weight is self.kernel:
            return self._by_gate(values, lambda gate: ops.transpose(ops.reshape(gate, gate.shape[::-1])))
        return self._by_gate(values, ops.transpose) if weight is self.recurrent_kernel else values

    def _by_gate(self, values, change):
        return ops.concatenate([change(gate) for gate in ops.split(values, self.gates, axis=1)], axis=1)


class CuDNNLSTMCell(_CuDNNWeights, LSTMCell):
    """One step of CuDNNLSTM."""

    def one_bias(self, both: Any) -> Any:
        return ops.sum(both, axis=0)

    def initializer_of(self, part: Any) -> Any:
        initializer = super(LSTMCell, self).initializer_of(part)
        if part != "bias" or not self.unit_forget_bias:
            return initializer
        u = self.units

        def with_ones(shape, dtype=None, **kwargs):  # in the second bias, that of the state
            first, rest = initializer((5 * u,), dtype=dtype), initializer((2 * u,), dtype=dtype)
            return ops.concatenate([first, ops.ones((u,), dtype=dtype), rest], axis=0)

        return with_ones


class CuDNNGRUCell(_CuDNNWeights, GRUCell):
    """One step of CuDNNGRU."""

    def one_bias(self, both: Any) -> Any:
        return both


class CuDNNLayer(CellLayer):
    """Base of CuDNNLSTM and CuDNNGRU.

    Args:
        make: the class of the cell.
        arguments: dict of its arguments.
        cell_name: its name.
        **kwargs: those of `RNN` and `Layer`.
    """

    def __init__(self, make: Any, arguments: Any, cell_name: str, **kwargs: Any) -> None:
        if kwargs.pop("time_major", False):
            raise ValueError("`time_major` must be False: put Permute layers around the layer, got True.")
        super().__init__(make, arguments, cell_name, **kwargs)

    def get_config(self) -> Config:
        return {key: value for key, value in super().get_config().items() if key not in _ALWAYS_SO}
