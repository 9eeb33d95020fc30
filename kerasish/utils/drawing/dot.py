"""A picture in Graphviz's language, through pydot."""

from __future__ import annotations

from typing import Any

from kerasish.optional import needed
from kerasish.suggestions import install
from kerasish.utils.drawing import text
from kerasish.utils.drawing.diagram import TONES, Group

_LONGEST = 112


def _written(name):
    """For labels and tooltips, in which a backslash begins a word of Graphviz's."""
    return text.escaped(text.shortened(name, _LONGEST)).replace("\\", "&#92;")


def _pydot():
    return needed("pydot", f"model_to_dot needs pydot, which is not installed: {install('plot')}")


def dot_of(root: Any, rankdir: str = "TB", dpi: int = 200, splines: str = "ortho") -> Any:
    """The `pydot.Dot` of a diagram's outermost Group."""
    pydot = _pydot()
    dot = pydot.Dot(graph_type="digraph", rankdir=rankdir, concentrate="true", dpi=str(dpi), splines=splines)
    dot.set_node_defaults(shape="plain", fontname="Helvetica")
    return _filled(pydot, dot, root, _names(root))


def cluster_of(root: Any) -> Any:
    """The `pydot.Cluster` of a diagram's outermost Group."""
    pydot = _pydot()
    names = _names(root)
    return _filled(pydot, _cluster(pydot, root, names), root, names)


def _names(root):
    """Names that mean nothing to Graphviz, by the ids of Groups and Boxes."""
    found = {}

    def walk(group):
        for member in group.members:
            found[id(member)] = f"n{len(found)}"
            if isinstance(member, Group):
                walk(member)

    found[id(root)] = "n0"
    walk(root)
    return found


def _cluster(pydot, group, names):
    return pydot.Cluster(
        names[id(group)], label=f"<<b>{_written(group.name)}</b>>", labeljust="l", style="dashed", fontname="Helvetica"
    )


def _filled(pydot, graph, root, names):
    _members(pydot, graph, root, names)
    for source, target in root.edges:
        graph.add_edge(pydot.Edge(names[id(source)], names[id(target)], penwidth="2"))
    return graph


def _members(pydot, graph, group, names):
    for member in group.members:
        if isinstance(member, Group):
            cluster = _cluster(pydot, member, names)
            _members(pydot, cluster, member, names)
            graph.add_subgraph(cluster)
        else:
            graph.add_node(pydot.Node(names[id(member)], label=_label(member), tooltip=f'"{_written(member.title)}"'))


def _label(box):
    """A table in Graphviz's labels like HTML."""
    head = f"<b>{_written(box.name if box.name is not None else box.kind)}</b>"
    if box.name is not None:
        head += f" ({_written(box.kind)})"
    rows = [f'<tr><td colspan="2" bgcolor="black"><font point-size="16" color="white">{head}</font></td></tr>']
    for label, value, tone in box.rows:
        colour = f' color="{TONES[tone]}"' if tone else ""
        rows.append(
            f'<tr><td align="right">{_written(label)}</td><td align="left"><font '
            f'point-size="14"{colour}><b>{_written(value)}</b></font></td></tr>'
        )
    return f'<<table border="0" cellborder="1" cellspacing="0" cellpadding="8" bgcolor="white">{"".join(rows)}</table>>'
