"""What can be asked about the symbolic calls of a layer or an operation: what it was called on, what it returned."""

from __future__ import annotations

from typing import Any


class SymbolicCalls:
    """A callable that keeps the nodes of its symbolic calls in `_inbound_nodes`, in order."""

    name: str
    _inbound_nodes: list[Any]

    @property
    def inbound_nodes(self) -> list[Any]:
        """The symbolic calls, in order; each has `inputs` and `outputs`."""
        return [node for node in self._inbound_nodes if node is not None]

    def _symbolic_call(self, index):
        """The symbolic call number `index`. Raises AttributeError where there is none."""
        calls = self.inbound_nodes
        if not calls:
            raise AttributeError(
                f"The layer {self.name!r} has no input and output: it was not called on symbolic tensors."
            )
        if not -len(calls) <= index < len(calls):
            raise ValueError(f"The layer {self.name!r} was called {len(calls)} times; there is no call {index}.")
        return calls[index]

    def get_input_at(self, node_index: int) -> Any:
        """The symbolic tensors that the layer was called on in its call `node_index` (0: the first).

        Raises:
            AttributeError: the layer was never called on symbolic tensors.
            ValueError: there is no such call.
        """
        node = self._symbolic_call(node_index)
        return node.args[0] if node.args else next(iter(node.kwargs.values()), None)

    def get_output_at(self, node_index: int) -> Any:
        """The symbolic tensors that the layer returned in its call `node_index` (0: the first).

        Raises:
            AttributeError: the layer was never called on symbolic tensors.
            ValueError: there is no such call.
        """
        return self._symbolic_call(node_index).structure

    @property
    def input(self) -> Any:
        """The symbolic tensors that the layer was called on, the first time where there were several."""
        return self.get_input_at(0)

    @property
    def output(self) -> Any:
        """The symbolic tensors that the layer returned, the first time where it was called several times."""
        return self.get_output_at(0)
