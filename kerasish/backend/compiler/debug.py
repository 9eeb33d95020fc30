"""`KERASISH_DEBUG=simplify,fold,fuse` (or `all`): what the graph looks like after the passes named, on stderr.

`KERASISH_DEBUG=check` looks behind every pass whether what it promises holds (`checks.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.passes.dead import needed
from kerasish.backend.device import device

_WIDTH = 40  # of an attribute's text


def is_named(word: str) -> bool:
    """Whether KERASISH_DEBUG has `word` in it."""
    return word in _asked()


def is_wanted(name: str) -> bool:
    """Whether what the pass or the table of rules `name` leaves is to be shown."""
    asked = _asked()
    return bool(asked) and (name in asked or "all" in asked)


def show(name: str, draft: Draft) -> None:
    """Print the nodes that the draft needs if `name` is to be shown. Costs nothing otherwise."""
    if is_wanted(name):
        nodes = needed(draft.nodes, draft.wanted)
        text = f"-- after {name}: {len(nodes)} nodes\n{listing(nodes, draft.constants)}"
        print(text, file=sys.stderr, flush=True)


def refuse_unknown(names: Sequence[str]) -> None:
    """Raise ValueError where KERASISH_DEBUG asks for anything else than `names`, "all" and "check"."""
    known = ("all", "check", *names)
    unknown = _asked().difference(known)
    if unknown:
        raise ValueError(
            "The environment variable KERASISH_DEBUG must hold names of passes, got "
            f"{', '.join(map(repr, sorted(unknown)))}. Known are {', '.join(known)}. "
            "Correct or unset it."
        )


def listing(nodes: Sequence[Any], constants: Any = ()) -> str:
    """One line a node.

    The number of its first output, primitive, operands, attributes, shape and dtype, and the layer it came from.

    %3 = add(%2, bias[8]) : (4, 8) float32    dense
    """
    names = {}
    lines = []
    for node in nodes:
        operands = ", ".join(_named(x, names, constants) for x in node.inputs)
        for tensor in node.outputs:
            names[tensor] = f"%{len(names)}"
        made = ", ".join(names[t] for t in node.outputs)
        kinds = ", ".join(f"{t.shape} {t.dtype}" for t in node.outputs)
        attributes = "".join(f" {key}={_short(value)}" for key, value in node.attributes.items())
        lines.append(
            f"{made} = {node.operation.name}({operands}){attributes} : {kinds}"
            + (f"    {node.scope}" if node.scope else "")
        )
        group = node.attributes.get("group")
        if getattr(group, "nodes", None):
            lines.extend(f"    {line}" for line in listing(group.nodes, constants).splitlines())
    return "\n".join(lines)


def _asked():
    text = os.environ.get("KERASISH_DEBUG", "")
    return {part.strip() for part in text.split(",") if part.strip()} if text else set()


def _named(tensor, names, constants):
    """The number of a node's output; the value of a constant number.

    The name and shape of an input, a variable or a larger constant.
    """
    known = names.get(tensor)
    if known is None:
        if tensor in constants and not tensor.shape:
            return f"{device().to_host(constants[tensor]).item():g}"
        return f"{tensor.name or 'input'}[{','.join(map(str, tensor.shape))}]"
    return known


def _short(value):
    if hasattr(value, "nodes"):
        return f"<{len(value.nodes)} nodes>"
    if isinstance(value, (list, tuple)) and any(hasattr(v, "nodes") for v in value):
        return f"[{', '.join(_short(v) for v in value)}]"
    text = str(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."
