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

    `names` has the primitive of each, `nodes` a tuple of the Nodes that it computes, and `innermost` the same of the
    body that it is part of, where that Node runs a graph. There all steps that a node was bound to at once share one
    tuple.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: list[Any] = []
        self.nodes: list[Any] = []
        self.innermost: list[Any] = []

    def add(self, step: Any, name: str, nodes: Sequence[Any] = ()) -> None:
        """Append one."""
        self.extend_named([step], [name], nodes)

    def extend_named(self, steps: Sequence[Any], names: Any, nodes: Sequence[Any] = ()) -> None:
        """Append several."""
        self.extend(steps)
        self.names.extend(names)
        self.nodes.extend([nodes] * len(names))
        self.innermost.extend(steps.innermost if isinstance(steps, Steps) else [nodes] * len(names))

    def follow(self, node: Any) -> None:
        """Note that the last step computes `node` as well."""
        self.names[-1] += f" + {node.operation.name}"
        self.nodes[-1] += (node,)
        alone = self.innermost[-1]
        together, place = (*alone, node), len(self.innermost)
        while place and self.innermost[place - 1] is alone:
            place -= 1
            self.innermost[place] = together
