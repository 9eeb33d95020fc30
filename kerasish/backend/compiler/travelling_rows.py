"""Pass `travelling_rows`: the gradient of a large table goes between ranks as the rows that were touched.

    gradient = all_reduce(take_gradient(g, indices))        all_indices = all_gather(indices)
    rows = take(table, indices)                             rows = take(table, wait_for(indices, all_indices))
                                                            gradient = take_gradient(all_gather(g), all_indices)

and `sparse_rows` does the rest. The lookup waits for what was gathered, so that rows that are behind catch up for all
ranks before any is read.

What is gathered of several tables goes in one message. How many rows each rank has is known by the attribute `shares`
of `all_reduce`, and what is decided is decided by the rows of all: every rank decides alike.
"""

from __future__ import annotations

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.compiler.exchanges import one_message
from kerasish.backend.compiler.sparse_rows import is_worthwhile
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.ranks import world


def travelling_rows(draft: Draft) -> Draft:
    """The draft with rows in place of tables between ranks; the same one where there is nothing to do."""
    sums = [node for node in draft.nodes if node.attributes.get("shares") and node.operation is p.all_reduce]
    found = list(_chosen(sums, draft)) if sums else []
    if not found:
        return draft
    places = _Places(draft)
    indices = {gradient.inputs[1]: rows for _, gradient, rows in found}
    first_needed = {x: places.first_lookup(x) for x in indices}
    behind, gathered = _gathered(indices, first_needed, places, found[0][0], draft.addends is None)
    values = {gradient.inputs[0]: rows for _, gradient, rows in found}
    first_needed = {gradient.inputs[0]: places.of[id(node)] for node, gradient, _ in found}
    more, came = _gathered(values, first_needed, places, found[0][0], draft.addends is None)
    for place, nodes in more.items():
        behind.setdefault(place, []).extend(nodes)
    parts = {}
    for x in indices:
        like = found[0][0]
        part = new_node(p.wait_for, [x, gathered[x]], {}, like.order, like.scope)
        behind[places.made(gathered[x], behind)].append(part)
        parts[x] = part.outputs[0]
    changed = {
        id(node): node.replace(
            operation=gradient.operation,
            inputs=[came[gradient.inputs[0]], gathered[gradient.inputs[1]]],
            attributes=gradient.attributes,
        )
        for node, gradient, _ in found
    }
    nodes = list(behind.get(-1, ()))
    for place, node in enumerate(draft.nodes):
        if places.looks_up(node) and node.inputs[1] in parts:
            node = node.replace(inputs=[node.inputs[0], parts[node.inputs[1]]])
        nodes.append(changed.get(id(node), node))
        nodes += behind.get(place, ())
    return draft.replace(nodes=nodes)


def _chosen(sums, draft):
    """(sum over ranks, gradient of a table that it sums, rows of each rank)."""
    made_by = {t: node for node in draft.nodes for t in node.outputs}
    of_the_batch = _depending_on(draft.graph.inputs, draft.nodes)
    for node in sums:
        gradient = made_by.get(node.inputs[0])
        if gradient is None or not _is_table_gradient(gradient) or gradient.inputs[1] not in of_the_batch:
            continue
        rows = _rows_of(gradient.inputs[1], node.attributes["shares"])
        if rows is not None and _pays(gradient, rows):
            yield node, gradient, rows


class _Places:
    """Where the nodes of a draft stand. `of`: dict from a node's id to its place."""

    def __init__(self, draft):
        self._nodes, self._tables = draft.nodes, set(draft.graph.reads.values())
        self.of = {id(node): place for place, node in enumerate(draft.nodes)}
        self._made = {t: place for place, node in enumerate(draft.nodes) for t in node.outputs}

    def of_maker(self, x):
        """The place of the node that makes `x`; -1 where it comes from outside."""
        return self._made.get(x, -1)

    def looks_up(self, node):
        """Whether a node reads rows of a Variable."""
        return node.operation is p.take and node.attributes["axis"] == 0 and node.inputs[0] in self._tables

    def first_lookup(self, indices):
        """The place of the first node that looks rows up by `indices`."""
        found = (place for place, node in enumerate(self._nodes) if self.looks_up(node) and node.inputs[1] is indices)
        return next(found, len(self._nodes))

    @staticmethod
    def made(x, behind):
        """The place behind which the new nodes stand that make `x`."""
        return next(place for place, nodes in behind.items() for node in nodes if any(t is x for t in node.outputs))


def _gathered(wanted, first_needed, places, like, merges):
    """What is gathered: (dict from a place to the nodes behind it, dict from a Tensor to that of all ranks).

    What has equal rows and dtypes, and is there before the first of it is needed, goes in one message where `merges`
    says so; in common memory, the pass that writes there sees to that.
    """
    groups, behind, found = {}, {}, {}
    for x, rows in wanted.items():
        groups.setdefault((rows, x.dtype), []).append(x)
    for (rows, _), xs in groups.items():
        last = max(map(places.of_maker, xs))
        at_once = merges and last < min(first_needed[x] for x in xs)
        for several in [xs] if at_once else [[x] for x in xs]:
            nodes, results = one_message(p.all_gather, several, {"rows": rows, "rank": world().rank}, like)
            behind.setdefault(max(map(places.of_maker, several)), []).extend(nodes)
            found.update(zip(several, results))
    return behind, found


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
