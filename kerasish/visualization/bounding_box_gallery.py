"""Pictures with their true and predicted boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kerasish.suggestions import suggesting
from kerasish.typing import TensorLike
from kerasish.visualization.bounding_boxes import draw_bounding_boxes
from kerasish.visualization.image_gallery import plot_image_gallery, pyplot
from kerasish.visualization.pictures import as_bytes, batch_of_pictures


@suggesting
def plot_bounding_box_gallery(
    images: TensorLike,
    bounding_box_format: str,
    y_true: Mapping[str, Any] | None = None,
    y_pred: Mapping[str, Any] | None = None,
    value_range: Sequence[float] = (0, 255),
    true_color: Sequence[int] = (0, 188, 212),
    pred_color: Sequence[int] = (255, 235, 59),
    line_thickness: int = 2,
    font_scale: float = 1.0,
    text_thickness: int | None = None,
    class_mapping: Mapping[int, str] | None = None,
    ground_truth_mapping: Mapping[int, str] | None = None,
    prediction_mapping: Mapping[int, str] | None = None,
    legend: bool = False,
    legend_handles: Sequence[Any] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    data_format: str | None = None,
    **kwargs: Any,
) -> None:
    """Show pictures side by side, with true and predicted boxes.

    Args:
        images: shape (batch, height, width, channels).
        bounding_box_format: of the boxes, such as "xyxy"; see `keras.utils.bounding_boxes.convert_format`.
        y_true: the true boxes: dict with "boxes", shape (batch, boxes, 4), and "labels", shape (batch, boxes); or None.
        y_pred: the predicted boxes, as `y_true`, with "confidences" or without; or None.
        value_range: (black, white) of the pictures.
        true_color: red, green and blue of the true boxes.
        pred_color: red, green and blue of the predicted boxes.
        line_thickness: pixels.
        font_scale: size of the text; 1 is about 24 pixels high.
        text_thickness: pixels of the strokes of the text; None: 1.
        class_mapping: dict from label to the text above its boxes; None writes nothing.
        ground_truth_mapping: the same for true boxes alone.
        prediction_mapping: the same for predicted boxes alone.
        legend: bool. Whether to say which colour is which.
        legend_handles: of matplotlib, for a legend of your own; or None.
        rows: of the gallery; None: as many as it takes.
        cols: columns of the gallery; None: as many as it takes.
        data_format: "channels_last" or "channels_first"; None: the global setting.
        **kwargs: for `plot_image_gallery`, such as `path`, `scale` or `show`.

    Raises:
        ValueError: for `images` with other than 4 axes, and where `legend` and `legend_handles` are both given.
        ImportError: where matplotlib is not installed.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> boxes = {"boxes": np.array([[[1, 1, 4, 3]]]), "labels": np.array([[0]])}
        >>> images = np.zeros((1, 8, 8, 3))
        >>> keras.visualization.plot_bounding_box_gallery(images, "xyxy", boxes, path="boxes.png", legend=True)
    """
    if legend and legend_handles is not None:
        raise ValueError("Give `legend` or `legend_handles`, not both.")
    pictures = as_bytes(batch_of_pictures(images, data_format), value_range)
    for boxes, color, mapping in (
        (y_true, true_color, ground_truth_mapping),
        (y_pred, pred_color, prediction_mapping),
    ):
        if boxes is not None:
            pictures = draw_bounding_boxes(
                pictures,
                boxes,
                bounding_box_format,
                class_mapping if mapping is None else mapping,
                color,
                line_thickness,
                1 if text_thickness is None else text_thickness,
                font_scale,
                "channels_last",
            )
    if legend:
        legend_handles = _handles(true_color, pred_color)
    return plot_image_gallery(
        pictures, rows=rows, cols=cols, legend_handles=legend_handles, data_format="channels_last", **kwargs
    )


def _handles(true_color, pred_color):
    pyplot()  # which says what to install
    from matplotlib import patches  # an optional package

    named = {"Ground Truth": true_color, "Prediction": pred_color}
    return [patches.Patch(color=[part / 255 for part in color], label=name) for name, color in named.items()]
