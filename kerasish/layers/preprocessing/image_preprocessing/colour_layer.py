"""What layers that change colours by a drawn factor share."""

from __future__ import annotations

from typing import Any

from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, checked_range, one_each
from kerasish.typing import AnyTensor, Config, SeedLike


class ColourLayer(BaseImagePreprocessingLayer):
    """Pictures whose values stay in a range. A subclass makes of the drawn numbers what it wants.

    Args:
        factor: float or two floats from `_FACTOR_BOUNDS`.
        value_range: two numbers, the least and the greatest value of the pictures.
        data_format: "channels_last", "channels_first", or None for the global setting.
        seed: int, SeedGenerator or None for a random one.
        **kwargs: those of `BaseImagePreprocessingLayer`.
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            factor=checked_factor(factor, "factor", self._FACTOR_BOUNDS), data_format=data_format, **kwargs
        )
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self._source(seed)
        drawn = one_each(self._sizes(data)[0], self.factor, source, self._float)
        return {"factor": self.factor_of(drawn, source)}

    def factor_of(self, drawn: AnyTensor, source: Any) -> AnyTensor:
        """The factors that `transform_images` takes, of numbers (batch,) drawn between the bounds."""
        return drawn

    def get_config(self) -> Config:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}
