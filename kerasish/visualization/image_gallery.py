"""Pictures side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kerasish import ops
from kerasish.optional import needed
from kerasish.suggestions import install, suggesting
from kerasish.typing import PathLike, TensorLike
from kerasish.visualization.pictures import as_bytes, batch_of_pictures


def pyplot() -> Any:
    """Matplotlib's pyplot.

    Raises:
        ImportError: where it is not installed.
    """
    return needed("matplotlib.pyplot", f"Galleries are drawn by matplotlib, which is not installed: {install('plot')}")


@suggesting
def plot_image_gallery(
    images: TensorLike,
    y_true: TensorLike | None = None,
    y_pred: TensorLike | None = None,
    label_map: Mapping[int, str] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    value_range: Sequence[float] = (0, 255),
    scale: float = 2,
    path: PathLike | None = None,
    show: bool | None = None,
    transparent: bool = True,
    dpi: int = 60,
    legend_handles: Sequence[Any] | None = None,
    data_format: str | None = None,
) -> None:
    """Show pictures side by side, or write them to a file.

    Args:
        images: shape (batch, height, width, channels).
        y_true: class numbers of the pictures, shape (batch,), or None.
        y_pred: predicted class numbers, shape (batch,), or None.
        label_map: dict from class number to text; needed with `y_true` and `y_pred`.
        rows: of the gallery; None: as many as it takes.
        cols: columns of the gallery; None: as many as it takes.
        value_range: (black, white) of the pictures.
        scale: inches that a picture is wide and high.
        path: of a file that is written. None shows the gallery.
        show: bool. Whether to show it; None: where there is no `path`.
        transparent: bool. Whether the file's background is transparent.
        dpi: dots an inch in the file.
        legend_handles: of matplotlib, for a legend; or None.
        data_format: "channels_last" or "channels_first"; None: the global setting.

    Raises:
        ValueError: for `images` with other than 4 axes, labels without `label_map`, too few rows and columns, and where
            both `path` and `show` are given.
        ImportError: where matplotlib is not installed.

    Example:
        >>> import kerasish as keras, numpy as np, os
        >>> keras.visualization.plot_image_gallery(np.zeros((4, 8, 8, 3)), path="gallery.png")
        >>> os.path.exists("gallery.png")
        True
    """
    if path is not None and show:
        raise ValueError("Either give a `path`, or let `show` be true: not both.")
    pictures = as_bytes(batch_of_pictures(images, data_format), value_range)
    titles = _titles(len(pictures), y_true, y_pred, label_map)
    rows, cols = _grid(len(pictures), rows, cols)
    plt = pyplot()
    figure, axes = plt.subplots(
        nrows=rows,
        ncols=cols,
        figsize=(cols * scale, rows * scale),
        frameon=False,
        layout="tight",
        squeeze=False,
        sharex="row",
        sharey="col",
    )
    figure.subplots_adjust(wspace=0, hspace=0)
    if legend_handles is not None:
        figure.legend(handles=list(legend_handles), loc="lower center")
    for number, axis in enumerate(axes.flat):
        axis.margins(x=0, y=0)
        axis.axis("off")
        if number < len(pictures):
            picture = pictures[number]
            axis.imshow(picture[..., 0] if picture.shape[-1] == 1 else picture, **_grey(picture))
            if titles:
                axis.set_title(titles[number], fontsize=8)
    if path is not None:
        figure.savefig(path, pad_inches=0, bbox_inches="tight", transparent=transparent, dpi=dpi)
        plt.close(figure)
    elif show is None or show:
        plt.show()
        plt.close(figure)


def _grey(picture):
    return {"cmap": "gray", "vmin": 0, "vmax": 255} if picture.shape[-1] == 1 else {}


def _titles(count, y_true, y_pred, label_map):
    """What stands above each picture."""
    given = {"Label": y_true, "Pred": y_pred}
    given = {name: ops.convert_to_numpy(labels) for name, labels in given.items() if labels is not None}
    if given and label_map is None:
        raise ValueError("With `y_true` or `y_pred`, give a `label_map`: the text of each class number.")
    for name, labels in given.items():
        if len(labels) != count:
            argument = {"Label": "y_true", "Pred": "y_pred"}[name]
            raise ValueError(f"`{argument}` must have a number a picture, {count}, got {len(labels)}.")
    return [
        "  ".join(f"{name}: {label_map[int(labels[number])]}" for name, labels in given.items())
        for number in range(count)
        if given
    ]


def _grid(count, rows, cols):
    """A nearly square one where the user leaves it open."""
    if rows is None and cols is None:
        rows = math.ceil(math.sqrt(count))
    if rows is None:
        rows = math.ceil(count / cols)
    if cols is None:
        cols = math.ceil(count / rows)
    return rows, cols
