"""Pass `dead`: the nodes that nothing needs are left out."""


def needed(nodes, wanted):
    """Those of `nodes` that the tensors `wanted` reach, in order."""
    live = set(wanted)
    kept = []
    for node in reversed(nodes):
        if any(t in live for t in node.outputs):
            kept.append(node)
            live.update(node.inputs)
    return kept[::-1]
