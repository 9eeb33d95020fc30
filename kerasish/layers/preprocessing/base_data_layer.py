"""What layers that prepare data share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.base.layer import Layer
from kerasish.layers.preprocessing.tensorflow_graphs import call_from_a_graph, is_in_a_graph


class DataLayer(Layer):
    """A layer that prepares data, in a model or in front of it, in a `tf.data.Dataset.map` too.

    It takes plain numbers and lists of numbers as well as arrays and tensors; a subclass whose `_taken` is another
    takes more.
    """

    takes_plain_values = True  # what `_taken` leaves of them, `call` refuses

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if is_in_a_graph(inputs, args, kwargs):
            return call_from_a_graph(self, self._described, self.name, (inputs, *args), kwargs)
        return super().__call__(self._taken(inputs), *args, **kwargs)

    def _taken(self, inputs):
        """The inputs as `call` takes them."""
        return _as_tensor(inputs)

    def _described(self, *args, **kwargs):
        """Shapes and dtypes of the outputs for symbolic arguments."""
        self._build_for(call_signature(type(self).call).by_name(args, kwargs))
        return self.compute_output_spec(*args, **kwargs)


def _as_tensor(inputs):
    """A number or a nested list of numbers as a tensor; everything else as it is."""
    item = inputs
    while isinstance(item, (list, tuple)) and item:
        item = item[0]
    return ops.convert_to_tensor(inputs) if isinstance(item, (int, float)) else inputs
