"""What layers that change pictures share: one draw for pictures, labels, boxes and masks."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.settings import standardize_data_format
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor
from kerasish.random import SeedGenerator
from kerasish.typing import AnyTensor, Config, TensorLike
from kerasish.utils.bounding_boxes.formats import checked_format, convert_format
from kerasish.utils.bounding_boxes.moves import clip_to_image_size

_PARTS = ("images", "labels", "bounding_boxes", "segmentation_masks")


class BaseImagePreprocessingLayer(DataLayer):
    """A layer that takes pictures, or a dict of pictures and what belongs to them.

    A subclass draws once in `get_random_transformation`, and applies what was drawn in `transform_images`,
    `transform_labels`, `transform_bounding_boxes` and `transform_segmentation_masks`, which take batches. What it does
    not define leaves its part as it is: colours change neither labels nor boxes nor masks.

    Args:
        factor: float or two floats from `_FACTOR_BOUNDS`: between which bounds the strength is drawn; a single number
            stands for (-factor, factor) as far as the bounds allow. None for 0.
        bounding_box_format: string, one of the formats of `keras.utils.bounding_boxes.convert_format`; needed where
            boxes are given.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        data: pictures (height, width, channels) or a batch of them, or a dict with "images" and perhaps "labels",
            "bounding_boxes" (a dict of "boxes" (..., N, 4) and "labels" (..., N)) and "segmentation_masks".
        training: bool; outside of training a random layer returns its data as they are.
    """

    _USE_BASE_FACTOR = True
    _FACTOR_BOUNDS: tuple[float, float] = (-1, 1)
    _TAKES_EMPTY = True  # whether pictures may be without rows or columns

    def __init__(
        self,
        factor: Any = None,
        bounding_box_format: str | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bounding_box_format: str | None = (
            None if bounding_box_format is None else checked_format(bounding_box_format)
        )
        self.data_format: str = standardize_data_format(data_format)
        if self._USE_BASE_FACTOR:
            self.factor: Any = checked_factor(0.0 if factor is None else factor, "factor", self._FACTOR_BOUNDS)
        elif factor is not None:
            raise ValueError(f"{type(self).__name__} takes no `factor` here, got {factor!r}.")

    # -- what subclasses define ---------------------------------------------------------------------------------

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """What is drawn for `data`, for the `transform_...` methods; None where nothing is."""
        return None

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        """The changed batch of pictures."""
        raise NotImplementedError(f"{type(self).__name__} does not define `transform_images`.")

    def transform_labels(self, labels: TensorLike, transformation: Any, training: bool = True) -> Any:
        """The labels of the changed pictures."""
        return labels

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Any, training: bool = True
    ) -> Any:
        """The boxes, {"boxes": (batch, N, 4), "labels": (batch, N)}, of the changed pictures."""
        return bounding_boxes

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformation: Any, training: bool = True
    ) -> Any:
        """The masks of the changed pictures."""
        return segmentation_masks

    # -- one item -----------------------------------------------------------------------------------------------

    def transform_single_image(self, image: TensorLike, transformation: Any, training: bool = True) -> Any:
        """`transform_images` for one picture without the axis of the batch."""
        return _first(self.transform_images(_batch_of(image), transformation, training=training))

    def transform_single_label(self, label: TensorLike, transformation: Any, training: bool = True) -> Any:
        """`transform_labels` for one label."""
        return _first(self.transform_labels(_batch_of(label), transformation, training=training))

    def transform_single_bounding_box(
        self, bounding_box: dict[str, Any], transformation: Any, training: bool = True
    ) -> Any:
        """`transform_bounding_boxes` for the boxes of one picture."""
        batch = {key: _batch_of(value) for key, value in bounding_box.items()}
        changed = self.transform_bounding_boxes(batch, transformation, training=training)
        return {key: _first(value) for key, value in changed.items()}

    def transform_single_segmentation_mask(
        self, segmentation_mask: TensorLike, transformation: Any, training: bool = True
    ) -> Any:
        """`transform_segmentation_masks` for one mask."""
        return _first(
            self.transform_segmentation_masks(_batch_of(segmentation_mask), transformation, training=training)
        )

    # -- the call -----------------------------------------------------------------------------------------------

    def call(self, data: Any, training: bool = True) -> Any:
        parts = data if isinstance(data, dict) else {"images": data}
        self._check_parts(parts)
        batched = len(parts["images"].shape) == 4
        transformation = self.get_random_transformation(data, training=training)
        changed = dict(parts)
        for part, change in (
            ("images", self.transform_images if batched else self.transform_single_image),
            ("bounding_boxes", self.transform_bounding_boxes if batched else self.transform_single_bounding_box),
            ("labels", self.transform_labels if batched else self.transform_single_label),
            (
                "segmentation_masks",
                self.transform_segmentation_masks if batched else self.transform_single_segmentation_mask,
            ),
        ):
            if part in parts:
                changed[part] = change(parts[part], transformation, training=training)
        return changed if isinstance(data, dict) else changed["images"]

    def _taken(self, inputs):
        if isinstance(inputs, dict) and isinstance(inputs.get("bounding_boxes"), dict):
            inputs = {**inputs, "bounding_boxes": even_boxes(inputs["bounding_boxes"])}
        return super()._taken(inputs)

    def _check_parts(self, parts):
        if "images" not in parts:
            raise ValueError(f"{self.name!r} takes pictures, or a dict with 'images'; got the keys {sorted(parts)}.")
        shape = getattr(parts["images"], "shape", None)
        if shape is None or len(shape) not in (3, 4):
            raise ValueError(
                f"{self.name!r} takes pictures of 3 axes, or batches of them (4 axes); got "
                f"{'shape ' + str(tuple(shape)) if shape is not None else type(parts['images']).__name__}."
            )
        if not self._TAKES_EMPTY and 0 in (shape[self._axes[0]], shape[self._axes[1]]):
            raise ValueError(f"{self.name!r} takes pictures with points in them, got shape {tuple(shape)}.")
        if "bounding_boxes" in parts:
            if self.bounding_box_format is None:
                raise ValueError(
                    f"Boxes were given to {self.name!r}, which does not know their format: pass "
                    "`bounding_box_format` to the layer, such as 'xyxy'."
                )
            boxes = parts["bounding_boxes"]
            if not isinstance(boxes, dict) or not {"boxes", "labels"} <= set(boxes):
                raise ValueError(f"'bounding_boxes' must be a dict with 'boxes' and 'labels', got {boxes!r}.")

    # -- for subclasses -----------------------------------------------------------------------------------------

    def _make_generator(self, seed):
        self.seed = seed
        self.generator: SeedGenerator = seed if isinstance(seed, SeedGenerator) else SeedGenerator(seed)

    def _source(self, seed):
        """Where the numbers come from: what the caller gave, or the layer's own generator."""
        return self.generator if seed is None else seed

    @property
    def _float(self):
        """The dtype in which the layer computes; layers of integers compute in float32."""
        return self.compute_dtype if is_float_dtype(self.compute_dtype) else "float32"

    def _in_compute_dtype(self, images):
        return ops.cast(images, self.compute_dtype)

    @property
    def _axes(self):
        """The axes of (height, width, channels), counted from the end."""
        return (-2, -1, -3) if self.data_format == "channels_first" else (-3, -2, -1)

    def _sizes(self, data):
        """(batch, height, width) of the pictures of `data`; one picture is a batch of 1."""
        shape = (data["images"] if isinstance(data, dict) else data).shape
        rows, columns, _ = self._axes
        return (shape[0] if len(shape) == 4 else 1), shape[rows], shape[columns]

    def _corners(self, bounding_boxes, height, width):
        """The same boxes as left, top, right, bottom in points."""
        boxes = ops.convert_to_tensor(bounding_boxes["boxes"])
        return convert_format(boxes, self.bounding_box_format, "xyxy", height, width, dtype=self._float)

    def _boxes_of(self, corners, bounding_boxes, height, width):
        """A dict of boxes, cut to the picture, in the layer's format."""
        clipped = clip_to_image_size({**bounding_boxes, "boxes": corners}, height, width, "xyxy")
        return convert_format(clipped, "xyxy", self.bounding_box_format, height, width, dtype=self._float)

    def get_config(self) -> Config:
        config = {**super().get_config(), "data_format": self.data_format}
        if self.bounding_box_format is not None:
            config["bounding_box_format"] = self.bounding_box_format
        return config


def _batch_of(item) -> AnyTensor:
    return ops.expand_dims(item, 0)


def _first(batch) -> AnyTensor:
    return ops.squeeze(batch, 0)


def even_boxes(bounding_boxes: dict[str, Any]) -> dict[str, Any]:
    """Boxes whose number differs from picture to picture, given as lists of arrays, as arrays filled up with -1."""
    if not all(isinstance(value, (list, tuple)) for value in bounding_boxes.values()):
        return bounding_boxes
    counts = [len(item) for item in bounding_boxes.get("labels", ()) if hasattr(item, "__len__")]
    if not counts or len(set(counts)) == 1:
        return {key: ops.convert_to_tensor(value) for key, value in bounding_boxes.items()}
    most = max(counts)
    return {
        key: ops.stack(
            [
                ops.pad(rows, [(0, most - rows.shape[0])] + [(0, 0)] * (len(rows.shape) - 1), constant_values=-1)
                for rows in (
                    ops.reshape(ops.convert_to_tensor(item), (-1, 4) if key == "boxes" else (-1,)) for item in items
                )
            ]
        )
        for key, items in bounding_boxes.items()
    }
