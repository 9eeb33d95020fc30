"""`KERASISH_DEBUG=simplify,fold,fuse` (or `all`): what the graph looks like after the passes named, on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from kerasish.backend.compiler.passes import PASSES
from kerasish.backend.device import device

_KNOWN = ("all", *PASSES, "simplify", "sparse_rows", "fuse")
_WIDTH = 40  # of an attribute's text


def wanted(*groups: Any) -> list[Any]:
    """Those names in `groups` that KERASISH_DEBUG asks for; "all" asks for every pass."""
    asked = _asked()
    if not asked:
        return []
    return [name for group in groups for name in group if name in asked or "all" in asked]


def is_wanted(name: str) -> bool:
    """Whether KERASISH_DEBUG names pass `name`."""
    return bool(wanted([name]))


def show(name: str, nodes: Sequence[Any], constants: Any = ()) -> None:
    """Print `nodes` if pass `name` is to be shown. Costs nothing otherwise.

    `constants`: dict from Tensor to array, whose numbers are shown.
    """
    if not is_wanted(name):
        return
    print(f"-- after {name}: {len(nodes)} nodes\n{listing(nodes, constants)}", file=sys.stderr, flush=True)


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
    asked = {part.strip() for part in text.split(",") if part.strip()} if text else set()
    unknown = asked.difference(_KNOWN)
    if unknown:
        raise ValueError(
            "The environment variable KERASISH_DEBUG must hold names of passes, got "
            f"{', '.join(map(repr, sorted(unknown)))}. Known are {', '.join(_KNOWN)}. "
            "Correct or unset it."
        )
    return asked


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
