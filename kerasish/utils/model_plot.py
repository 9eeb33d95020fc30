"""`plot_model` and `model_to_dot`: a model as a picture."""

from __future__ import annotations

import os
import pathlib
import shutil
import warnings
from typing import TYPE_CHECKING, Any

from kerasish.docstrings import shares_arguments
from kerasish.suggestions import install, refuse_unknown, suggesting
from kerasish.typing import PathLike
from kerasish.utils.drawing.diagram import Style, diagram_of
from kerasish.utils.drawing.dot import cluster_of, dot_of
from kerasish.utils.drawing.svg import DIRECTIONS, drawn
from kerasish.whole_files import replacing

if TYPE_CHECKING:
    from kerasish.models.model import Model


@suggesting
def plot_model(
    model: Model,
    to_file: PathLike | None = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """Draw a model: a box for each layer, an arrow for each tensor that goes from one to another.

    Args:
        model: a built model. A subclassed one is a single box.
        to_file: path. ".svg" is drawn by kerasish itself; other endings (".png", ".pdf", ...; none means PNG) by
            Graphviz, through pydot. Where these are not installed the picture goes into a file of that name with the
            ending ".svg" ("model.svg"; "model.png.svg" where that is there already), and a warning says so. None: no
            file.
        show_shapes: bool. Show the shapes of inputs and outputs.
        show_dtype: bool. Show the dtypes of outputs.
        show_layer_names: bool. Show the names of the layers.
        rankdir: where the arrows lead: "TB" (from top to bottom), "LR", "BT" or "RL".
        expand_nested: bool. Draw nested models as frames around their layers.
        dpi: int, the resolution of a picture of pixels.
        show_layer_activations: bool. Show the activation of each layer that has one.
        show_trainable: bool. Show whether a layer is trainable.
        splines: Graphviz's kind of line; in SVG "line" and "polyline" are straight, all others curved.

    Returns:
        What a notebook shows: the picture. As SVG it is a `Picture` with its text in `svg`.

    Raises:
        ValueError: for a model that was not built, an unknown `rankdir` or `layer_range` (of Keras 2).

    Example:
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="first"), keras.layers.Dense(1)])
        >>> picture = keras.utils.plot_model(model, "model.svg", show_shapes=True, show_layer_names=True)
        >>> "first" in picture.svg, "(None, 2)" in picture.svg
        (True, True)
    """
    _check(model, rankdir, kwargs)
    ending = os.path.splitext(os.fspath(to_file))[1][1:].lower() if to_file is not None else "svg"
    style = Style(show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable, expand_nested)
    if ending != "svg" and _has_graphviz():
        options = {"rankdir": rankdir, "dpi": dpi, "splines": splines}
        return _by_graphviz(diagram_of(model, style), options, os.fspath(to_file), ending or "png")
    svg, size = drawn(diagram_of(model, style), rankdir, splines)
    picture = Picture(model.name, svg, size)
    if to_file is not None:
        path = pathlib.Path(to_file)
        if ending != "svg":
            path = _beside(path)
        if ending != "svg":
            warnings.warn(
                f"Pictures in the format {ending or 'png'!r} are drawn by Graphviz, which is not installed (or pydot "
                f"is not: {install('plot')}). "
                f"The model was drawn into {str(path)!r} instead.",
                stacklevel=2,
            )
        picture.save(path)
    return picture


def _beside(path):
    """Where the SVG goes that stands for another picture: never over a file that may be somebody else's."""
    beside = path.with_suffix(".svg")
    return path.with_name(f"{path.name}.svg") if beside.exists() else beside


class Picture:
    """A drawn model. `svg`: its text; `width`, `height`: in pixels. A notebook shows it."""

    def __init__(self, name: str, svg: str, size: tuple[int, int]) -> None:
        self.name, self.svg = name, svg
        self.width, self.height = size

    def save(self, path: PathLike) -> None:
        """Write the SVG file; one that is there is replaced when the new one is whole."""
        with replacing(path) as temporary:
            pathlib.Path(temporary).write_text(self.svg, encoding="utf-8")

    def _repr_svg_(self):
        return self.svg

    def __repr__(self) -> str:
        return f"<Picture of {self.name!r}: SVG, {self.width:g} x {self.height:g}>"


@suggesting
@shares_arguments(plot_model)
def model_to_dot(
    model: Model,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """A model as a graph of pydot, Graphviz's language.

    Args:
        subgraph: bool. Return a `pydot.Cluster`, a part for another graph, rather than a `pydot.Dot`.

    Returns:
        The `pydot.Dot`, which has `write(path, format=...)` and `to_string()`.

    Raises:
        ImportError: where pydot is not installed.
        ValueError: as `plot_model`.

    Example:
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="first"), keras.layers.Dense(1)])
        >>> dot = keras.utils.model_to_dot(model)
        >>> len(dot.get_edges())
        1
    """
    _check(model, rankdir, kwargs)
    style = Style(show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable, expand_nested)
    diagram = diagram_of(model, style)
    return cluster_of(diagram) if subgraph else dot_of(diagram, rankdir=rankdir, dpi=dpi, splines=splines)


def _check(model, rankdir, kwargs):
    if kwargs.pop("layer_range", None) is not None:
        raise ValueError(
            "Argument `layer_range` is no longer supported: plot a part of the model, as in `Model(first.input, "
            "last.output)`."
        )
    refuse_unknown("plot_model", kwargs, plot_model, error=ValueError)
    if not hasattr(model, "layers"):
        raise ValueError(f"`model` must be a model, got {model!r}.")
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} has not yet been built. Build it first by `build(input_shape)` or by calling "
            "it on a batch of data."
        )
    if rankdir not in DIRECTIONS:
        raise ValueError(f"`rankdir` must be one of {', '.join(map(repr, DIRECTIONS))}, got {rankdir!r}.")


def _has_graphviz():
    """Whether pydot and Graphviz's program are there."""
    try:
        import pydot  # noqa: F401  (an optional package)
    except ImportError:
        return False
    return shutil.which("dot") is not None


def _by_graphviz(diagram, options, path, ending):
    dot = dot_of(diagram, **options)
    with replacing(path) as temporary:
        dot.write(temporary, format=ending)
    if ending == "pdf":
        return None
    try:
        from IPython.display import Image  # an optional package
    except ImportError:
        return None
    return Image(filename=path)
