"""InceptionResNetV2.

Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning, Szegedy et al. 2016.

https://arxiv.org/abs/1602.07261
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, build, channel_axis
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.inception import LEAST_SIZE, MAX, MEAN, SIZE, STEM, chain, convolution, mixed
from kerasish.applications.weights import tf_kernels

from kerasish import layers
from kerasish.typing import ActivationLike, AnyTensor, Config, ShapeLike, TensorLike

if TYPE_CHECKING:
    from kerasish.models import Model

preprocess_input: Callable[..., Any] = preprocessor("tf")

_MIXED = {  # name: branches that replace the features
    "mixed_5b": [[(96, 1, 1)], [(48, 1, 1), (64, 5, 5)], [(64, 1, 1), (96, 3, 3), (96, 3, 3)], [MEAN, (64, 1, 1)]],
    "mixed_6a": [[(384, 3, 3, 2)], [(256, 1, 1), (256, 3, 3), (384, 3, 3, 2)], [MAX]],
    "mixed_7a": [
        [(256, 1, 1), (384, 3, 3, 2)],
        [(256, 1, 1), (288, 3, 3, 2)],
        [(256, 1, 1), (288, 3, 3), (320, 3, 3, 2)],
        [MAX],
    ],
}
_RESIDUAL = {  # name: branches whose sum is added to the features
    "block35": [[(32, 1, 1)], [(32, 1, 1), (32, 3, 3)], [(32, 1, 1), (48, 3, 3), (64, 3, 3)]],
    "block17": [[(192, 1, 1)], [(128, 1, 1), (160, 1, 7), (192, 7, 1)]],
    "block8": [[(192, 1, 1)], [(192, 1, 1), (224, 1, 3), (256, 3, 1)]],
}
STAGES = [
    ("mixed_5b", "block35", 10, 0.17),
    ("mixed_6a", "block17", 20, 0.1),
    ("mixed_7a", "block8", 10, 0.2),
]  # of a block: how many, scale


class CustomScaleLayer(layers.Layer):
    """The first of two inputs plus `scale` (a float) times the second.

    Example:
        >>> import kerasish as keras
        >>> ones = keras.ops.ones((2,))
        >>> keras.applications.inception_resnet_v2.CustomScaleLayer(0.5)([ones, ones]).tolist()
        [1.5, 1.5]
    """

    _public_module = "keras.src.applications.inception_resnet_v2"

    def __init__(self, scale: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs: TensorLike) -> Any:
        return inputs[0] + inputs[1] * self.scale

    def get_config(self) -> Config:
        return {**super().get_config(), "scale": self.scale}


def _residual(x, kind, index, scale, relu=True):
    """`x` + scale * (the branches, brought to as many channels as x has)."""
    name = f"{kind}_{index}"
    joined = mixed(x, _RESIDUAL[kind], f"{name}_mixed")
    joined = layers.Conv2D(x.shape[channel_axis()], 1, padding="same", name=f"{name}_conv")(joined)
    x = CustomScaleLayer(scale)([x, joined])
    return layers.Activation("relu", name=f"{name}_ac")(x) if relu else x


def _body(x):
    x = chain(x, STEM)
    for entrance, kind, count, scale in STAGES:
        x = mixed(x, _MIXED[entrance], entrance)
        for index in range(1, count + 1):
            last = kind == "block8" and index == count
            x = _residual(x, kind, index, 1.0 if last else scale, relu=not last)
    return convolution(x, 1536, 1, 1, name="conv_7b")


@application()
def InceptionResNetV2(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "inception_resnet_v2",
) -> Model:
    """InceptionResNetV2: 40 residual Inception blocks, 56 million parameters.

    299x299 pixels by default, at least 75x75.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.InceptionResNetV2(weights=None, include_top=False, input_shape=(75, 75, 3))
        >>> model.output_shape, model.count_params()
        ((None, 1, 1, 1536), 54336736)

    Reference:
        Szegedy et al. 2016, "Inception-v4, Inception-ResNet and the impact of residual connections on learning",
        arXiv:1602.07261.
    """
    return build(Options(**locals()), _body, SIZE, LEAST_SIZE, tf_kernels("inception_resnet_v2", "inception_resnet_v2"))
