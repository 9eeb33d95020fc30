"""What layers that change the size of pictures share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.dtypes import is_float_dtype, standardize_dtype
from kerasish.backend.graph import KerasTensor
from kerasish.backend.settings import standardize_data_format
from kerasish.layers.base.arguments import positive
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.typing import Config, DTypeLike, ShapeLike, TensorLike

_PARTS = ("images", "labels", "segmentation_masks")


class PictureSizeLayer(DataLayer):
    """Pictures that come out `height` pixels high and `width` wide. Subclasses define `transform_images`.

    The layer takes pictures, or a dict with "images" and perhaps "labels" (which stay) and "segmentation_masks" (which
    change like pictures).
    """

    def __init__(self, height: Any, width: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.height: int = positive(height, "height")
        self.width: int = positive(width, "width")
        self.data_format: str = standardize_data_format(data_format)

    def transform_images(self, images: TensorLike, transformation: Any = None, training: bool = True) -> Any:
        """Pictures of the new size, from pictures of 3 or 4 axes."""
        raise TypeError(f"{type(self).__name__} must define `transform_images`.")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Masks of the new size."""
        return self.transform_images(segmentation_masks, transformation, training)

    def transform_labels(self, labels: TensorLike, transformation: Any = None, training: bool = True) -> Any:
        """The labels: a picture of another size shows the same."""
        return labels

    def call(self, data: Any, training: bool = True) -> Any:
        if not isinstance(data, dict):
            return self.transform_images(self._checked(data), training=training)
        unknown = sorted(set(data) - set(_PARTS))
        if unknown or "images" not in data:
            raise ValueError(
                f"{self.name!r} takes pictures, or a dict with 'images' and perhaps 'labels' and "
                f"'segmentation_masks'; got the keys {sorted(data)}."
            )
        changed = {"images": self.transform_images(self._checked(data["images"]), training=training)}
        if "segmentation_masks" in data:
            changed["segmentation_masks"] = self.transform_segmentation_masks(
                self._checked(data["segmentation_masks"]), training=training
            )
        return {**data, **changed}

    def _checked(self, images):
        images = ops.convert_to_tensor(images)
        if len(images.shape) not in (3, 4):
            raise ValueError(
                f"{self.name!r} takes pictures of 3 axes, or batches of them (4 axes); got shape {tuple(images.shape)}."
            )
        return images

    @property
    def _axes(self):
        """The axes of height and width, counted from the end."""
        return (-2, -1) if self.data_format == "channels_first" else (-3, -2)

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        if isinstance(input_shape, dict):
            return {
                key: shape if key == "labels" else self.compute_output_shape(shape)
                for key, shape in input_shape.items()
            }
        shape = list(input_shape)
        if len(shape) not in (3, 4):
            raise ValueError(f"`input_shape` must have 3 or 4 entries, got {tuple(input_shape)}.")
        for axis, size in zip(self._axes, (self.height, self.width)):
            shape[axis] = size
        return tuple(shape)

    def compute_output_spec(self, data: Any, training: bool = True) -> Any:
        if isinstance(data, dict):
            return {key: item if key == "labels" else self.compute_output_spec(item) for key, item in data.items()}
        return KerasTensor(self.compute_output_shape(data.shape), self.output_dtype_for(standardize_dtype(data.dtype)))

    def output_dtype_for(self, dtype: DTypeLike) -> Any:
        """The dtype of what comes out for pictures of `dtype`."""
        return self.compute_dtype if is_float_dtype(dtype) else dtype

    def get_config(self) -> Config:
        return {**super().get_config(), "height": self.height, "width": self.width, "data_format": self.data_format}
