"""`keras.visualization`: boxes and masks drawn on pictures, and pictures side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.visualization.bounding_box_gallery import plot_bounding_box_gallery
    from kerasish.visualization.bounding_boxes import draw_bounding_boxes
    from kerasish.visualization.image_gallery import plot_image_gallery
    from kerasish.visualization.segmentation_mask_gallery import plot_segmentation_mask_gallery
    from kerasish.visualization.segmentation_masks import draw_segmentation_masks
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.visualization.bounding_boxes": "draw_bounding_boxes",
            "kerasish.visualization.bounding_box_gallery": "plot_bounding_box_gallery",
            "kerasish.visualization.image_gallery": "plot_image_gallery",
            "kerasish.visualization.segmentation_mask_gallery": "plot_segmentation_mask_gallery",
            "kerasish.visualization.segmentation_masks": "draw_segmentation_masks",
        },
    )

__all__ = [
    "draw_bounding_boxes",
    "draw_segmentation_masks",
    "plot_bounding_box_gallery",
    "plot_image_gallery",
    "plot_segmentation_mask_gallery",
]
