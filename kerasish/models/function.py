"""Function: a graph of layers and ops from some symbolic tensors to others, as one operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend.graph import KerasTensor
from kerasish.backend.sizes import unlike_shapes
from kerasish.layers.core.input_layer import InputLayer
from kerasish.models.layer_graph import LayerGraph, check_symbolic
from kerasish.ops.convert import as_dtype
from kerasish.ops.user_operation import Operation


class Function(Operation):
    """What computes some symbolic tensors of a graph from others, applied to new values.

    A `Model` without training, weights of its own or files: the layers in the graph keep theirs.

    Args:
        inputs: `KerasTensor`, or a structure (list, dict, nested) of them: any tensors of a graph.
        outputs: `KerasTensor`, or a structure of them, that `inputs` lead to.
        name: string; "function", numbered, when None.

    Raises:
        ValueError: for what is no symbolic tensor, and for outputs that need more than `inputs` (naming the tensor).

    Example:
        >>> import kerasish as keras
        >>> x = keras.Input((3,))
        >>> hidden = x * 2.0
        >>> halves = keras.Function(hidden, {"half": hidden / 2.0})
        >>> halves(keras.ops.ones((1, 3)))["half"].tolist()
        [[0.5, 0.5, 0.5]]
    """

    def __init__(
        self,
        inputs: KerasTensor | Sequence[Any] | Mapping[str, Any],
        outputs: KerasTensor | Sequence[Any] | Mapping[str, Any],
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        check_symbolic("a Function", "inputs", inputs)
        check_symbolic("a Function", "outputs", outputs)
        self._graph = LayerGraph(inputs, outputs, self.name)

    inputs = property(lambda self: list(self._graph.inputs), doc="Flat list of the symbolic inputs.")
    outputs = property(lambda self: list(self._graph.outputs), doc="Flat list of the symbolic outputs.")

    @property
    def operations(self) -> list[Any]:
        """Layers and bare ops that compute the outputs, in order, InputLayers included."""
        computing = {id(node.operation) for node in self._graph.nodes}
        return [op for op in self._graph.operations if isinstance(op, InputLayer) or id(op) in computing]

    def call(self, inputs: Any) -> Any:
        """Compute the outputs.

        Args:
            inputs: tensors in the structure of the symbolic inputs.

        Returns:
            Tensors in the structure of the symbolic outputs.

        Raises:
            ValueError: for another structure, and for shapes that the graph was not made for.
        """
        expected = self._graph.inputs_struct
        shapes = tree.map_structure(lambda t: t.shape, expected)
        try:
            tree.assert_same_structure(expected, inputs)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"{self.name!r} takes inputs in the structure of {shapes}, but {_brief(inputs)} came."
            ) from error
        values = [
            value if isinstance(value, KerasTensor) else as_dtype(value, tensor.dtype)
            for tensor, value in zip(self._graph.inputs, tree.flatten(inputs))
        ]
        for tensor, value in zip(self._graph.inputs, values):
            if len(value.shape) != len(tensor.shape) or unlike_shapes(tensor.shape, value.shape):
                raise ValueError(
                    f"{self.name!r}: the input {tensor.name!r} was made with shape={tensor.shape}, but shape="
                    f"{tuple(value.shape)} came. Give it values of its shape, or make the graph with open sizes (None)."
                )
        return self._graph.run(values)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Shapes and dtypes of the outputs.

        Args:
            inputs: `KerasTensor`s in the structure of the symbolic inputs.

        Returns:
            `KerasTensor`s in the structure of the symbolic outputs.
        """
        return tree.map_structure(lambda spec: KerasTensor(spec.shape, spec.dtype), super().compute_output_spec(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shapes of the outputs.

        Args:
            input_shape: tuple of ints and None, or a structure of such tuples, one an input.

        Returns:
            Tuple, or the outputs' structure of tuples.
        """
        given = tree.map_shape_structure(KerasTensor, input_shape)
        typed = [KerasTensor(t.shape, own.dtype) for t, own in zip(tree.flatten(given), self._graph.inputs)]
        specs = tree.pack_sequence_as(given, typed)
        return tree.map_structure(lambda t: tuple(t.shape), self.compute_output_spec(specs))

    def get_config(self) -> Any:
        """A Function is no part of files: make a `Model` of the same tensors for that."""
        raise TypeError(
            f"{self.name!r} is a Function, which holds a part of a graph and can't be written as a config. Make a "
            "`keras.Model(inputs, outputs)` of the same tensors: it is called alike, and saved."
        )


def _brief(inputs):
    return tree.map_structure(lambda value: tuple(getattr(value, "shape", ())), inputs)
