"""What layers that change the size of pictures share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.dtypes import is_float_dtype, standardize_dtype
from kerasish.backend.graph import KerasTensor
from kerasish.backend.sizes import largest, smallest
from kerasish.layers.base.arguments import positive
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.typing import Config, DTypeLike, ShapeLike


class PictureSizeLayer(BaseImagePreprocessingLayer):
    """Pictures that come out `height` pixels high and `width` wide. Subclasses define `transform_images`.

    The layer takes pictures, or a dict with "images" and perhaps "labels" (which stay), "bounding_boxes" and
    "segmentation_masks" (which change like pictures).
    """

    _USE_BASE_FACTOR = False

    def __init__(self, height: Any, width: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height: int = positive(height, "height")
        self.width: int = positive(width, "width")

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        _, height, width = self._sizes(data)
        return {"height": height, "width": width}

    def _moved_boxes(self, bounding_boxes, transformation, part):
        """Boxes after the part (top, left, rows, columns) of the pictures became the whole of the new ones."""
        top, left, rows, columns = part
        corners = self._corners(bounding_boxes, transformation["height"], transformation["width"])
        x1, y1, x2, y2 = ops.split(corners, 4, axis=-1)
        across, down = self.width / columns, self.height / rows
        moved = [(x1 - left) * across, (y1 - top) * down, (x2 - left) * across, (y2 - top) * down]
        return self._boxes_of(ops.concatenate(moved, axis=-1), bounding_boxes, self.height, self.width)

    def _window(self, images, top, left):
        """The part of pictures that begins at (top, left)."""
        rows, columns, _ = self._axes
        lead = len(images.shape)
        starts, shape = [0] * lead, list(images.shape)
        starts[rows], starts[columns] = top, left
        shape[rows], shape[columns] = self.height, self.width
        return ops.slice(images, starts, shape)

    def _middle_resized(self, images, interpolation):
        """The largest middle part of the right proportions, resized."""
        return ops.image.resize(
            images, (self.height, self.width), interpolation, crop_to_aspect_ratio=True, data_format=self.data_format
        )

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        if isinstance(input_shape, dict):
            changed = ("images", "segmentation_masks")
            return {
                key: self.compute_output_shape(shape) if key in changed else shape for key, shape in input_shape.items()
            }
        shape = list(input_shape)
        if len(shape) not in (3, 4):
            raise ValueError(f"`input_shape` must have 3 or 4 entries, got {tuple(input_shape)}.")
        for axis, size in zip(self._axes[:2], (self.height, self.width)):
            shape[axis] = size
        return tuple(shape)

    def compute_output_spec(self, data: Any, training: bool = True) -> Any:
        if isinstance(data, dict):  # with boxes and labels: by tracing `call`
            return super().compute_output_spec(data, training=training)
        return KerasTensor(self.compute_output_shape(data.shape), self.output_dtype_for(standardize_dtype(data.dtype)))

    def output_dtype_for(self, dtype: DTypeLike) -> Any:
        """The dtype of what comes out for pictures of `dtype`."""
        return self.compute_dtype if is_float_dtype(dtype) else dtype

    def get_config(self) -> Config:
        return {**super().get_config(), "height": self.height, "width": self.width}


def middle_part(height: Any, width: Any, target: tuple[int, int]) -> tuple[Any, ...]:
    """(top, left, rows, columns) of the largest middle part with the proportions of `target`."""
    rows = largest(smallest(height, width * target[0] // target[1]), 1)
    columns = largest(smallest(width, height * target[1] // target[0]), 1)
    return (height - rows) // 2, (width - columns) // 2, rows, columns


def padded_part(height: Any, width: Any, target: tuple[int, int]) -> tuple[Any, ...]:
    """(top, left, rows, columns) of the smallest part around the middle with the proportions of `target`."""
    down = (largest(height, width * target[0] // target[1]) - height) // 2
    across = (largest(width, height * target[1] // target[0]) - width) // 2
    return -down, -across, height + 2 * down, width + 2 * across
