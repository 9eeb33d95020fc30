"""LSTM, GRU and RNN.

A mask of Keras may leave out any steps, and a masked step hands its output on; ONNX knows lengths of sequences, behind
which outputs are 0. So calls with a mask are left to the loop that the layer is made of, which is a Scan.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import activations, tree
from kerasish.export.onnx.registry import layer
from kerasish.layers.rnn.gru_cell import GRUCell
from kerasish.layers.rnn.lstm_cell import LSTMCell
from kerasish.layers.rnn.simple_rnn_cell import SimpleRNNCell

_ACTIVATIONS = {  # name -> (ONNX's, alpha, beta)
    "tanh": ("Tanh", None, None),
    "sigmoid": ("Sigmoid", None, None),
    "relu": ("Relu", None, None),
    "hard_sigmoid": ("HardSigmoid", 1 / 6, 0.5),
    "softsign": ("Softsign", None, None),
    "softplus": ("Softplus", None, None),
    "elu": ("Elu", 1.0, None),
    "linear": ("Affine", 1.0, 0.0),
}


def _activation(function):
    """ONNX's word for an activation, or None."""
    if function is None:
        return _ACTIVATIONS["linear"]
    name = getattr(function, "__name__", None)
    return _ACTIVATIONS.get(name) if getattr(activations, str(name), None) is function else None


def _blocks(matrix, units, order):
    """Columns gate by gate in ONNX's order, as rows."""
    return np.concatenate([matrix[..., k * units : (k + 1) * units] for k in order], axis=-1).T[None]


class _Kind:
    """What tells one recurrent operator from another.

    Args:
        operator: its name in ONNX.
        cell: the class of cells that it computes.
        gates: the places of Keras's gates in ONNX's order.
        functions: the cell's activations, in ONNX's order.
        options: function from the cell to more attributes.
    """

    def __init__(self, operator, cell, gates, functions, options=None):
        self.operator, self.cell, self.gates, self.functions = operator, cell, gates, functions
        self.options = options or (lambda cell: {})


_GATED = ("recurrent_activation", "activation")
_KINDS = {
    "LSTM": _Kind("LSTM", LSTMCell, (0, 3, 1, 2), (*_GATED, "activation")),
    "GRU": _Kind("GRU", GRUCell, (0, 1, 2), _GATED, lambda cell: {"linear_before_reset": int(cell.reset_after)}),
    "SimpleRNN": _Kind("RNN", SimpleRNNCell, (0,), ("activation",)),
}


@layer("LSTM", "GRU", "SimpleRNN")
def recurrent(
    g: Any, call: Any, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None
) -> Any:
    """The operator of the layer's kind, one direction."""
    rnn = call.layer
    kind = next(_KINDS[c.__name__] for c in type(rnn).__mro__ if c.__name__ in _KINDS)
    cell = rnn.cell
    functions = [_activation(getattr(cell, name)) for name in kind.functions]
    if (
        mask is not None
        or rnn.stateful
        or type(cell) is not kind.cell
        or None in functions
        or rnn.compute_dtype != "float32"
    ):
        return None
    units, batch = cell.units, sequences.shape[0]
    weights = _weights(call, cell, kind)
    steps = g.transpose(sequences, (1, 0, 2))
    states = [None, None] if initial_state is None else tree.flatten(initial_state)
    states = [x if x is None else g.reshape(g.cast(x, "float32"), (1, batch, units)) for x in states]
    count = 2 if kind.operator == "LSTM" else 1
    made = g.op(
        kind.operator,
        steps,
        *weights,
        None,
        *states[:count],
        outputs=count + 1,
        hidden_size=units,
        direction="reverse" if rnn.go_backwards else "forward",
        activations=[name for name, _, _ in functions],
        activation_alpha=_numbers(functions, 1),
        activation_beta=_numbers(functions, 2),
        **kind.options(cell),
    )
    length = sequences.shape[1]
    made[0].shape = (length, 1, batch, units)
    finals = []
    for x in made[1:]:
        x.shape = (1, batch, units)
        finals.append(g.reshape(x, (batch, units)))
    output = finals[0]
    if rnn.return_sequences:
        output = g.transpose(g.reshape(made[0], (length, batch, units)), (1, 0, 2))
        if rnn.go_backwards:
            ends = ([-1], [-(2**31)], [1], [-1])
            output = g.op("Slice", output, *map(g.vector, ends), shape=output.shape)
    return [output, *finals] if rnn.return_state else output


def _numbers(functions, place):
    found = [f[place] for f in functions if f[place] is not None]
    return found or None


def _weights(call, cell, kind):
    units = cell.units
    kernel = _blocks(call.weight(cell.kernel), units, kind.gates)
    recurrent_kernel = _blocks(call.weight(cell.recurrent_kernel), units, kind.gates)
    weights = [call.named(kernel, "kernel"), call.named(recurrent_kernel, "recurrent_kernel")]
    if cell.bias is None:
        return [*weights, None]
    bias = call.weight(cell.bias)
    pair = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    both = np.concatenate([_blocks(part[None], units, kind.gates)[0, :, 0] for part in pair])[None]
    return [*weights, call.named(both, "bias")]
