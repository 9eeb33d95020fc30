"""Pass `joins`: the gradient of a split.

Parts that are each padded with zeros to the whole and added up are laid side by side instead.

0 + x is x also for x = -0.0, as in the pass `identities`; NaN stays where it is.
"""

from __future__ import annotations

from kerasish.backend.compiler.passes.rules import Rules

RULES: Rules = Rules()


@RULES.of("add")
def _beside(node, rewriter):
    """Joined, pad(x) + pad(y) is pad(concatenate(x, y)).

    Where x and y are neighbours along one axis and equal along all others.
    """
    first, second = (rewriter.maker(x, "slice_gradient") for x in node.inputs)
    if first is None or second is None or first.outputs[0].shape != second.outputs[0].shape:
        return None
    a, b = first.attributes, second.attributes
    if any(s != 1 for s in (*a["strides"], *b["strides"])):
        return None
    windows = [list(zip(n.attributes["start"], n.attributes["stop"])) for n in (first, second)]
    differing = [i for i, (w, v) in enumerate(zip(*windows)) if w != v]
    if len(differing) != 1:
        return None
    axis = differing[0]
    if windows[0][axis][0] > windows[1][axis][0]:
        first, second, windows = second, first, windows[::-1]
    if windows[0][axis][1] is None or windows[0][axis][1] != windows[1][axis][0]:
        return None
    joined = rewriter.make(
        "concatenate", *_parts(first.inputs[0], axis, rewriter), *_parts(second.inputs[0], axis, rewriter), axis=axis
    )
    whole = dict(first.attributes, stop=second.attributes["stop"])
    return rewriter.make("slice_gradient", joined, **whole)


def _parts(x, axis, rewriter):
    """What `x` is a concatenation of along `axis`, or `x` itself."""
    node = rewriter.maker(x, "concatenate")
    return node.inputs if node is not None and node.attributes["axis"] % len(x.shape) == axis else [x]
