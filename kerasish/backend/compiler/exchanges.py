"""Pass `exchanges`: what several tables exchange between ranks at one time goes in one message.

    a = all_gather(x); ... b = all_gather(y)        both = all_gather(concatenate(x, y))
                                                    a = part of both; b = part of both

A message costs its way, however short it is. Of the tables that are cut over ranks (`distribution/tables.py`) each
asks, answers and gets its gradient in a message of its own as the trace has it. Those that do not wait for one another
become one: the nodes are put in order by how many messages they wait for, which is the same order on every rank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from kerasish.backend.compiler.draft import Draft, new_node
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import product


def exchanges(draft: Draft) -> Draft:
    """The draft with fewer messages; the same one where no two can go together."""
    messages = [node for node in draft.nodes if node.operation.traits.together and "rows" in node.attributes]
    if len(messages) < 2 or draft.addends is not None:  # in common memory nothing is put side by side
        return draft

    def kind(node):
        return node.operation.name, tuple(node.attributes["rows"]), node.inputs[0].dtype

    return draft.replace(nodes=at_one_time(draft.nodes, messages, kind, _joined, least=2))


def at_one_time(
    nodes: Sequence[Any],
    messages: Sequence[Any],
    kind: Callable[[Any], Any],
    joined: Callable[[Sequence[Any], dict[Any, Any]], Iterable[Any]],
    least: int = 1,
) -> list[Any]:
    """The nodes with others in place of messages of equal kind that wait for equally many others.

    Args:
        nodes: list of all nodes. messages: those of them that may give way.
        kind: function of one that returns what those that go together have alike.
        joined: function of such a group, and of a dict from each Tensor to the node that makes it, that returns the
            nodes in its place.
        least: how many make a group; fewer stay as they are.
    """
    levels, groups = _levels(nodes), {}
    for node in messages:
        groups.setdefault((levels[id(node)], kind(node)), []).append(node)
    found = [group for group in groups.values() if len(group) >= least]
    if not found:
        return list(nodes)
    made_by = {t: node for node in nodes for t in node.outputs}
    instead = {id(node): [] for group in found for node in group}
    instead.update({id(group[0]): list(joined(group, made_by)) for group in found})
    in_order = sorted(nodes, key=lambda node: (levels[id(node)], node.operation.traits.together))
    return [new for node in in_order for new in instead.get(id(node), [node])]


def _levels(nodes):
    """For how many messages, one behind the other, each node waits: dict from its id."""
    behind, found = {}, {}
    for node in nodes:
        level = found[id(node)] = max((behind.get(x, 0) for x in node.inputs), default=0)
        behind.update(dict.fromkeys(node.outputs, level + bool(node.operation.traits.together)))
    return found


def _joined(group, made_by) -> Iterator[Any]:
    """The nodes of one message in place of several; what is asked for twice goes once."""
    first = group[0]
    xs, places = different([node.inputs[0] for node in group], made_by)
    nodes, results = one_message(first.operation, xs, first.attributes, first)
    yield from nodes
    for node, place in zip(group, places):
        shape = {"shape": tuple(node.outputs[0].shape)}
        yield node.replace(operation=p.reshape, inputs=[results[place]], attributes=shape)


def different(xs: Sequence[Any], made_by: dict[Any, Any]) -> tuple[list[Any], list[int]]:
    """(those of several Tensors that don't hold the same as one before, the place there of each)."""
    found, places = {}, []
    for x in xs:
        places.append(found.setdefault(_name(x, made_by), (len(found), x))[0])
    return [x for _, x in found.values()], places


def _name(x, made_by):
    """What two Tensors have in common that hold the same."""
    maker = made_by.get(x)
    is_reshaped = maker is not None and maker.operation is p.reshape
    return (id(maker.inputs[0]), tuple(x.shape)) if is_reshaped else id(x)


def one_message(
    operation: Any, xs: Sequence[Any], attributes: dict[str, Any], like: Any
) -> tuple[list[Any], list[Any]]:
    """(nodes, what came of each): columns side by side, exchanged, and taken apart.

    Args:
        operation: `all_gather` or `reduce_scatter`.
        xs: Tensors of equal rows and dtype.
        attributes: those of the operation.
        like: the node after which the new ones are named.
    """
    nodes = []

    def made(operation, inputs, **attributes):
        nodes.append(new_node(operation, inputs, attributes, like.order, like.scope))
        return nodes[-1].outputs[0]

    if len(xs) == 1:
        return nodes, [made(operation, xs, **attributes)]
    widths = [product(x.shape[1:]) for x in xs]
    flat = [made(p.reshape, [x], shape=(x.shape[0], width)) for x, width in zip(xs, widths)]
    came = made(operation, [made(p.concatenate, flat, axis=1)], **attributes)
    results, at = [], 0
    for x, width in zip(xs, widths):
        part = made(p.slice, [came], start=(0, at), stop=(came.shape[0], at + width), strides=(1, 1))
        results.append(made(p.reshape, [part], shape=(came.shape[0], *x.shape[1:])))
        at += width
    return nodes, results
