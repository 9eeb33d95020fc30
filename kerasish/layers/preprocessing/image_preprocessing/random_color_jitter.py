"""RandomColorJitter."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.composite import seed_of
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_range
from kerasish.layers.preprocessing.image_preprocessing.random_brightness import RandomBrightness
from kerasish.layers.preprocessing.image_preprocessing.random_contrast import RandomContrast
from kerasish.layers.preprocessing.image_preprocessing.random_hue import RandomHue
from kerasish.layers.preprocessing.image_preprocessing.random_saturation import RandomSaturation
from kerasish.typing import Config, SeedLike, TensorLike

_KINDS = {
    "brightness": RandomBrightness,
    "contrast": RandomContrast,
    "saturation": RandomSaturation,
    "hue": RandomHue,
}


class RandomColorJitter(BaseImagePreprocessingLayer):
    """Pictures of other brightness, contrast, saturation and hue, one after the other.

    Args:
        value_range: two numbers, the least and the greatest value of the pictures.
        brightness_factor: as `factor` of `RandomBrightness`; None leaves it as it is.
        contrast_factor: as `factor` of `RandomContrast`; None leaves it as it is.
        saturation_factor: as `factor` of `RandomSaturation`; None leaves it as it is.
        hue_factor: as `factor` of `RandomHue`; None leaves it as it is.
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomColorJitter(brightness_factor=0.2, hue_factor=0.1, seed=1)
    >>> layer(keras.ops.ones((2, 8, 8, 3)), training=True).shape
    (2, 8, 8, 3)
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self,
        value_range: Any = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: SeedLike = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range: Any = checked_range(value_range)
        self.brightness_factor: Any = brightness_factor
        self.contrast_factor: Any = contrast_factor
        self.saturation_factor: Any = saturation_factor
        self.hue_factor: Any = hue_factor
        self._make_generator(seed)
        self._names: list[str] = []
        for at, (name, kind) in enumerate(_KINDS.items()):
            factor = getattr(self, f"{name}_factor")
            if factor is None:
                continue
            try:
                layer = kind(
                    factor=factor,
                    value_range=value_range,
                    seed=seed_of(seed, at),
                    data_format=self.data_format,
                    dtype=self._float,
                )
            except ValueError as error:
                raise ValueError(str(error).replace("`factor`", f"`{name}_factor`")) from None
            setattr(self, f"random_{name}", layer)
            self._names.append(f"random_{name}")

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        return {name: getattr(self, name).get_random_transformation(data, True, seed) for name in self._names}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            drawn = self.get_random_transformation(images) if transformation is None else transformation
            images = ops.cast(images, self._float)
            for name in self._names:
                images = getattr(self, name).transform_images(images, drawn[name], training=True)
        return self._in_compute_dtype(images)

    def get_config(self) -> Config:
        names = ("value_range", *(f"{name}_factor" for name in _KINDS), "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
