"""Layers that apply other layers of this family, some of them by chance."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.auto_contrast import AutoContrast
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.equalization import Equalization
from kerasish.layers.preprocessing.image_preprocessing.random_brightness import RandomBrightness
from kerasish.layers.preprocessing.image_preprocessing.random_color_degeneration import RandomColorDegeneration
from kerasish.layers.preprocessing.image_preprocessing.random_contrast import RandomContrast
from kerasish.layers.preprocessing.image_preprocessing.random_posterization import RandomPosterization
from kerasish.layers.preprocessing.image_preprocessing.random_rotation import RandomRotation
from kerasish.layers.preprocessing.image_preprocessing.random_sharpness import RandomSharpness
from kerasish.layers.preprocessing.image_preprocessing.random_shear import RandomShear
from kerasish.layers.preprocessing.image_preprocessing.random_translation import RandomTranslation
from kerasish.layers.preprocessing.image_preprocessing.solarization import Solarization


class CompositeLayer(BaseImagePreprocessingLayer):
    """A layer that chooses among others, `layer_names`, which are attributes of these names."""

    _USE_BASE_FACTOR = False
    _TAKES_EMPTY = False
    _FACTOR_BOUNDS = (0, 1)
    layer_names: tuple[str, ...] = ()

    def _make_layers(self, names, factor, value_range, interpolation):
        """The layers of these names, all as strong as `factor` says, each with a seed of its own."""
        moving = {"interpolation": interpolation}
        coloured = {"factor": factor, "value_range": value_range}
        kinds = {
            "random_shear": (RandomShear, {"x_factor": factor, "y_factor": factor, **moving}),
            "random_translation": (RandomTranslation, {"height_factor": factor, "width_factor": factor, **moving}),
            "random_rotation": (RandomRotation, {"factor": factor, **moving}),
            "random_brightness": (RandomBrightness, coloured),
            "random_color_degeneration": (RandomColorDegeneration, coloured),
            "random_contrast": (RandomContrast, coloured),
            "random_sharpness": (RandomSharpness, coloured),
            "random_posterization": (
                RandomPosterization,
                {"factor": (1, max(1, int(8 * factor[1]))), "value_range": value_range},
            ),
            "solarization": (
                Solarization,
                {"addition_factor": factor, "threshold_factor": factor, "value_range": value_range},
            ),
            "auto_contrast": (AutoContrast, {"value_range": value_range}),
            "equalization": (Equalization, {"value_range": value_range}),
        }
        self.layer_names = tuple(names)
        for at, name in enumerate(names):
            kind, arguments = kinds[name]
            if kind not in (AutoContrast, Equalization):
                arguments = {**arguments, "seed": seed_of(self.seed, at)}
            layer = kind(
                **arguments,
                dtype=self._float,
                data_format=self.data_format,
                bounding_box_format=self.bounding_box_format,
            )
            setattr(self, name, layer)

    def _drawn(self, data):
        """What each layer draws for `data`."""
        return {name: getattr(self, name).get_random_transformation(data, training=True) for name in self.layer_names}

    def _by_chance(self, index, method, value, drawn):
        """What the layer of number `index` makes of a part of the data; only that layer computes."""
        branches = [
            lambda x, name=name: getattr(getattr(self, name), method)(x, drawn[name], training=True)
            for name in self.layer_names
        ]
        if isinstance(value, dict):  # boxes: the layers return dicts of the same keys
            keys = sorted(value)
            found = ops.switch(
                index,
                [lambda *x, f=f: [f(dict(zip(keys, x)))[key] for key in keys] for f in branches],
                *(value[key] for key in keys),
            )
            return dict(zip(keys, found))
        return ops.switch(index, branches, value)

    def _float_boxes(self, bounding_boxes):
        boxes = ops.cast(bounding_boxes["boxes"], self._float)
        return {**bounding_boxes, "boxes": boxes, "labels": ops.convert_to_tensor(bounding_boxes["labels"])}


def seed_of(seed: Any, at: int) -> Any:
    """The seed of the layer number `at` of a layer with a seed: ints give each another one."""
    return (seed * 1000003 + at + 1) & 0xFFFFFFFF if isinstance(seed, int) else seed
