"""Pass `travelling_rows`: the gradient of a large table goes between ranks as the rows that were touched.

    gradient = all_reduce(take_gradient(g, indices))        all_indices = all_gather(indices)
    rows = take(table, indices)                             rows = take(table, own part of all_indices)
                                                            gradient = take_gradient(all_gather(g), all_indices)

and `sparse_rows` does the rest. The lookup reads its own part of what was gathered so that rows that are behind catch
up for all ranks before any is read.

How many rows each rank has is known by the attribute `shares` of `all_reduce`, and what is decided is decided by the
rows of all: every rank decides alike.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.sparse_rows import is_worthwhile
from kerasish.backend.primitives.communication import own_rows
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.ranks import world


def travelling_rows(draft: Draft) -> Draft:
    """The draft with rows in place of tables between ranks; the same one where there is nothing to do."""
    sums = [node for node in draft.nodes if node.attributes.get("shares") and node.operation is p.all_reduce]
    if not sums:
        return draft
    made_by = {t: node for node in draft.nodes for t in node.outputs}
    of_the_batch = _depending_on(draft.graph.inputs, draft.nodes)
    gathered: dict = {}
    changed = {}
    for node in sums:
        gradient = made_by.get(node.inputs[0])
        if gradient is None or not _is_table_gradient(gradient) or gradient.inputs[1] not in of_the_batch:
            continue
        rows = _rows_of(gradient.inputs[1], node.attributes["shares"])
        if rows is None or not _pays(gradient, rows):
            continue
        g, indices = gradient.inputs
        if indices not in gathered:
            gathered[indices] = _gathered(indices, rows, node)
        came = _gathered(g, rows, node)
        changed[id(node)] = [
            came,
            node.replace(
                operation=gradient.operation,
                inputs=[came.outputs[0], gathered[indices].outputs[0]],
                attributes=gradient.attributes,
            ),
        ]
    if not changed:
        return draft
    return draft.replace(nodes=_put_in(draft, changed, gathered))


def _is_table_gradient(node):
    return node.operation is p.take_gradient and node.attributes["axis"] == 0 and bool(node.inputs[1].shape)


def _rows_of(indices, shares):
    """How many of the indices' first axis each rank has; None where they are no rows of the batch."""
    here = world()
    if here is None or here.size != len(shares) or not shares[here.rank]:
        return None
    times, rest = divmod(indices.shape[0], shares[here.rank])
    return None if rest or not times else tuple(times * share for share in shares)


def _pays(gradient, rows):
    """Whether what is gathered is far less than the table, and `sparse_rows` goes on with it."""
    g, indices = gradient.inputs
    count = sum(rows) * product(indices.shape[1:])
    return is_worthwhile(gradient.outputs[0].shape, count) and g.dtype == gradient.outputs[0].dtype


def _depending_on(inputs, nodes):
    """What depends on the batch: its indices are those of rows, and not of positions that every row has."""
    found = set(inputs)
    for node in nodes:
        if not found.isdisjoint(node.inputs):
            found.update(node.outputs)
    return found


def _gathered(x, rows, like):
    return new_node(p.all_gather, [x], {"rows": rows, "rank": world().rank}, like.order, like.scope)


def _put_in(draft, changed, gathered):
    """The nodes, with indices gathered as soon as they are there and lookups that read their part of them."""
    tables = set(draft.graph.reads.values())
    nodes, parts = [], {}

    def begin(indices):
        node = gathered[indices]
        where = own_rows(node.attributes["rows"], node.attributes["rank"])
        shape = tuple(indices.shape)
        window = {
            "start": (where.start, *(0 for _ in shape[1:])),
            "stop": (where.stop, *shape[1:]),
            "strides": tuple(1 for _ in shape),
        }
        part = new_node(p.slice, node.outputs, window, node.order, node.scope)
        parts[indices] = part.outputs[0]
        nodes.extend((node, part))

    for indices in gathered:
        if not any(indices is t for node in draft.nodes for t in node.outputs):
            begin(indices)
    for node in draft.nodes:
        looks_up = node.operation is p.take and node.attributes["axis"] == 0 and node.inputs[0] in tables
        if looks_up and node.inputs[1] in parts:
            node = node.replace(inputs=[node.inputs[0], parts[node.inputs[1]]])
        nodes += changed.get(id(node), [node])
        for t in node.outputs:
            if t in gathered:
                begin(t)
    return nodes
