"""AugMix."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.layers.base.arguments import positive
from kerasish.layers.preprocessing.image_preprocessing.composite import CompositeLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, checked_range
from kerasish.layers.preprocessing.image_preprocessing.geometry import INTERPOLATIONS, supported
from kerasish.scalars import is_number
from kerasish.typing import Config, SeedLike, TensorLike

_LAYERS = (
    "random_shear", "random_translation", "random_rotation", "random_posterization", "solarization", "auto_contrast",
    "equalization",
)  # fmt: skip
_MORE = ("random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")


class AugMix(CompositeLayer):
    """Pictures mixed with versions of themselves, each of which went through a chain of other layers.

    The chains are drawn for the batch. Labels, boxes and masks stay: what is mixed in shows the same.

    Args:
        value_range: two numbers, the least and the greatest value of the pictures.
        num_chains: int > 0, how many chains are mixed.
        chain_depth: int > 0, the largest number of layers in a chain; the number is drawn from 1 on.
        factor: float or two floats from 0 to 1: how strong the layers are; a single number stands for (0, factor).
        alpha: float > 0, of the Dirichlet and the beta distribution from which the weights come.
        all_ops: bool, whether brightness, colours, contrast and sharpness are changed too.
        interpolation: "bilinear" or "nearest", of the layers that move points.
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    Reference:
        Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty", 2019.

    >>> import kerasish as keras
    >>> keras.layers.AugMix(num_chains=1, seed=1)(keras.ops.ones((2, 8, 8, 3)), training=True).shape
    (2, 8, 8, 3)
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: SeedLike = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range: Any = checked_range(value_range)
        self.num_chains: int = positive(num_chains, "num_chains")
        self.chain_depth: int = positive(chain_depth, "chain_depth")
        self.factor: Any = checked_factor(factor, "factor", self._FACTOR_BOUNDS)
        if not is_number(alpha) or alpha <= 0:
            raise ValueError(f"`alpha` must be a number > 0, got {alpha!r}.")
        self.alpha: float = alpha
        self.all_ops: bool = bool(all_ops)
        self.interpolation: str = supported(interpolation, INTERPOLATIONS, "interpolation")
        self._make_generator(seed)
        names = _LAYERS + _MORE if self.all_ops else _LAYERS
        self._make_layers(names, self.factor, self.value_range, self.interpolation)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self._source(seed)
        parts = random.gamma((self.num_chains,), self.alpha, dtype="float32", seed=source)
        links = self.num_chains, self.chain_depth
        return {
            "chain_mixing_weights": parts / ops.sum(parts),
            "weight_sample": random.beta((), self.alpha, self.alpha, dtype="float32", seed=source),
            "chain_depths": random.randint((self.num_chains,), 1, self.chain_depth + 1, seed=source),
            "chain_layers": random.randint(links, 0, len(self.layer_names), seed=source),
            "chain_transforms": [[self._drawn(data) for _ in range(links[1])] for _ in range(links[0])],
        }

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = ops.cast(images, self._float)
            mixed = 0.0
            for chain in range(self.num_chains):
                part = ops.cast(transformation["chain_mixing_weights"][chain], self._float)
                mixed = mixed + part * self._through(images, transformation, chain)
            part = ops.cast(transformation["weight_sample"], self._float)
            images = part * images + (1 - part) * mixed
        return self._in_compute_dtype(images)

    def _through(self, images, transformation, chain):
        depth, layers = transformation["chain_depths"][chain], transformation["chain_layers"][chain]
        for link, drawn in enumerate(transformation["chain_transforms"][chain]):
            images = ops.cond(
                ops.less(link, depth),
                lambda at=layers[link], x=images, drawn=drawn: self._by_chance(at, "transform_images", x, drawn),
                lambda x=images: x,
            )
        return images

    def get_config(self) -> Config:
        names = (
            "value_range", "num_chains", "chain_depth", "factor", "alpha", "all_ops", "interpolation", "seed"
        )  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
