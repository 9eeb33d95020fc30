"""From which inputs a symbolic tensor is computed."""

from __future__ import annotations

from kerasish.backend.graph import KerasTensor


def get_source_inputs(tensor: KerasTensor) -> list[KerasTensor]:
    """The input tensors that a Keras tensor is computed from.

    Args:
        tensor: a KerasTensor.

    Returns:
        List of KerasTensors, each once, in the order in which they are met; a tensor of no graph comes back as it is.

    Example:
        >>> import kerasish as keras
        >>> a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
        >>> [t.name for t in keras.utils.get_source_inputs(keras.layers.Dense(1)(a + b))]
        ['a', 'b']
    """
    if getattr(tensor, "node", None) is None:
        return tensor
    sources, seen, stack = {}, set(), [tensor]
    while stack:
        current = stack.pop()
        node = current.node
        if node is None or not node.inputs:
            sources.setdefault(id(current), current)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.extend(t for t in reversed(node.inputs) if hasattr(t, "node"))
    return list(sources.values())
