"""What a node's calls are: `Steps`, and the table of the primitives that run whole graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.entries import entering

LOWERINGS: dict[str, Any] = {}
# The function below lowers the primitive of that name, which runs whole graphs. It is called as `(node, outputs,
# inputs, device, kept)` and returns a function without arguments, or Steps. `kept` is a dict of the node's own, the
# same one when the node is bound again to other arrays: what does not depend on arrays (a body's BindableGraph) is put
# there.
lowering = entering(LOWERINGS)


class Steps(list):
    """Functions without arguments, in the order in which they run.

    `names` has the primitive of each, `nodes` a tuple of the Nodes that it computes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: list[Any] = []
        self.nodes: list[Any] = []

    def add(self, step: Any, name: str, nodes: Sequence[Any] = ()) -> None:
        """Append one."""
        self.extend_named([step], [name], nodes)

    def extend_named(self, steps: int, names: Any, nodes: Sequence[Any] = ()) -> None:
        """Append several."""
        self.extend(steps)
        self.names.extend(names)
        self.nodes.extend([nodes] * len(names))

    def follow(self, node: Any) -> None:
        """Note that the last step computes `node` as well."""
        self.names[-1] += f" + {node.operation.name}"
        self.nodes[-1] += (node,)
