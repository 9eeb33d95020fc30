"""Pass `push_slices`, for devices that fuse.

A value that is only cut into parts is never made; its operands are cut instead.

`i, f, g, o = split(z + h, 4)` becomes four sums of slices, which are views, so that the sums and what follows them are
one kernel over one space.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.primitives import PRIMITIVES
from kerasish.backend.primitives.shapes import product


def push_slices(draft: Draft) -> Draft:
    """The draft with slices before the elementwise calls of which they were taken.

    Only where the slices are the call's only readers and do not overlap.
    """
    if not any(node.operation.name == "slice" for node in draft.nodes):
        return draft
    readers, held = {}, set(draft.wanted)
    for node in draft.nodes:
        for x in dict.fromkeys(node.inputs):
            readers.setdefault(x, []).append(node)
    kept, gone = [], set()
    for node in reversed(draft.nodes):
        if id(node) in gone:
            continue
        output = node.outputs[0] if len(node.outputs) == 1 else None
        cuts = (
            [n for n in readers.get(output, ()) if id(n) not in gone]
            if output is not None and output not in held
            else []
        )
        if not (node.operation.traits.elementwise and node.inputs and cuts and _is_partition(output, cuts)):
            kept.append(node)
            continue
        parts = []
        for cut in cuts:
            gone.add(id(cut))
            parts += _cut_before(node, cut, readers)
        kept += parts[::-1]
    return draft.replace(nodes=[n for n in kept[::-1] if id(n) not in gone])


def _is_partition(x, cuts):
    """Whether the readers are slices that take each element of `x` once."""
    if any(n.operation.name != "slice" or any(s != 1 for s in n.attributes["strides"]) for n in cuts) or len(cuts) < 2:
        return False
    if sum(product(n.outputs[0].shape) for n in cuts) != product(x.shape):
        return False
    starts = {tuple(n.attributes["start"]) for n in cuts}
    axes = {i for n in cuts for i, (part, whole) in enumerate(zip(n.outputs[0].shape, x.shape)) if part != whole}
    return (
        len(starts) == len(cuts)
        and len(axes) == 1
        and _disjoint([(n.attributes["start"], n.outputs[0].shape) for n in cuts], next(iter(axes)))
    )


def _disjoint(windows, axis):
    spans = sorted((start[axis], start[axis] + shape[axis]) for start, shape in windows)
    return all(end <= begin for (_, end), (begin, _) in zip(spans, spans[1:]))


def _cut_before(node, cut, readers):
    """The nodes that make `cut`'s output of slices of `node`'s operands."""
    start, size, rank = cut.attributes["start"], cut.outputs[0].shape, len(node.outputs[0].shape)
    made, operands = [], []
    for x in node.inputs:
        lead = rank - len(x.shape)
        window = [(0, 1) if d == 1 else (a, a + n) for d, a, n in zip(x.shape, start[lead:], size[lead:])]
        if all((a, b) == (0, d) for (a, b), d in zip(window, x.shape)):
            operands.append(x)
            continue
        attributes = {
            "start": tuple(a for a, _ in window),
            "stop": tuple(b for _, b in window),
            "strides": (1,) * len(window),
        }
        made.append(new_node(PRIMITIVES["slice"], [x], attributes, node.order, node.scope))
        operands += made[-1].outputs
    call = node.replace(inputs=operands, outputs=cut.outputs)
    for n in [*made, call]:
        for x in dict.fromkeys(n.inputs):
            readers[x] = [r for r in readers.get(x, ()) if r is not node and r is not cut] + [n]
    return [*made, call]
